"""Every wrapping that feeds use gives the same objects, and nothing vanishes uncounted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.stix.container import MAX_DEPTH, objects_in

ONE: dict[str, object] = {"type": "indicator", "id": "indicator--1", "pattern": "[url:value='x']"}
TWO: dict[str, object] = {"type": "malware", "id": "malware--2", "name": "M"}
BUNDLE: dict[str, object] = {"type": "bundle", "id": "bundle--b", "objects": [ONE, TWO]}


def test_bundle_envelope_list_and_bare_object() -> None:
    assert objects_in(BUNDLE) == ([ONE, TWO], 0)
    assert objects_in({"more": False, "objects": [ONE, TWO]}) == ([ONE, TWO], 0)
    assert objects_in([ONE, TWO]) == ([ONE, TWO], 0)
    assert objects_in(ONE) == ([ONE], 0)
    assert objects_in([BUNDLE, [TWO]]) == ([ONE, TWO, TWO], 0)


def test_nested_bundle_keeps_document_order() -> None:
    outer = {"type": "bundle", "id": "bundle--o", "objects": [TWO, BUNDLE, ONE]}
    assert objects_in(outer) == ([TWO, ONE, TWO, ONE], 0)


def test_stream_event() -> None:
    event = {"id": "171-0", "event": "create", "data": {"type": "create", "data": ONE}}
    assert objects_in(event) == ([ONE], 0)
    assert objects_in([event, {"data": TWO}]) == ([ONE, TWO], 0)


def test_server_dump() -> None:
    collection = {
        "id": "91a7b528-80eb-42ed-a74d-c6fbd5a26116",
        "objects": [ONE],
        "manifest": [{"id": "indicator--1", "date_added": "2026-01-01T00:00:00Z"}],
    }
    dump = {
        "/discovery": {"title": "T", "api_roots": ["https://taxii.example.com/api1/"]},
        "api1": {"status": [{"id": "s", "status": "complete"}], "collections": [collection]},
    }
    assert objects_in(dump) == ([ONE], 0)


def test_an_object_that_holds_objects_is_one_object() -> None:
    observed = {"type": "observed-data", "id": "observed-data--1", "objects": {"0": {"type": "x"}}}
    assert objects_in([observed]) == ([observed], 0)


def test_an_indicator_without_type_or_id_still_counts() -> None:
    untyped = {"id": "indicator--9", "pattern": "[url:value='x']"}
    without_id = {"type": "indicator", "pattern": "[url:value='x']"}
    assert objects_in(untyped) == ([untyped], 0)
    assert objects_in(without_id) == ([without_id], 0)
    assert objects_in({"objects": [{"odd": 1}]}) == ([{"odd": 1}], 0)


def test_entries_that_are_no_objects_are_counted() -> None:
    assert objects_in({"objects": [ONE, None, 3, "text"]}) == ([ONE], 3)
    assert objects_in("text") == ([], 1)
    assert objects_in({}) == ([], 0)
    assert objects_in({"type": "bundle", "objects": None}) == ([], 0)


def test_depth_is_bounded_and_the_rest_counted() -> None:
    deep: object = ONE
    for _ in range(MAX_DEPTH - 1):
        deep = {"type": "bundle", "objects": [deep]}
    assert objects_in(deep) == ([ONE], 0)
    for _ in range(5_000):
        deep = {"type": "bundle", "objects": [deep]}
    assert objects_in(deep) == ([], 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "id", "objects", "data", "pattern", "x"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_any_document_is_walked(document: object) -> None:
    found, junk = objects_in(document)
    assert junk >= 0
    assert all(isinstance(item, dict) for item in found)


@given(st.lists(st.sampled_from([ONE, TWO, None, 1, "x"])))
def test_a_bundle_is_objects_plus_junk(entries: list[object]) -> None:
    found, junk = objects_in({"type": "bundle", "objects": entries})
    assert len(found) + junk == len(entries)
