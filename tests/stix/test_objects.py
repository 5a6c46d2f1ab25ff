"""The lenient view: what is read, what is repaired and named, what is a defect."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.stix import repairs
from tidegate.stix.markings import others_of
from tidegate.stix.objects import (
    UNREADABLE_MARKING,
    Defect,
    StixIndicator,
    marking_refs,
    parse_time,
    read_indicator,
)

RAW: dict[str, object] = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": "indicator--0620a60f-a7f0-c8ed-ffa9-5cb881136f55",
    "created": "2026-01-01T00:00:00Z",
    "modified": "2026-01-02T00:00:00.123456789Z",
    "valid_from": "2026-01-01T00:00:00.5Z",
    "pattern": "[domain-name:value = 'a.example.com']",
    "pattern_type": "stix",
}


def read(**changes: object) -> StixIndicator:
    found = read_indicator({k: v for k, v in {**RAW, **changes}.items() if v is not None})
    assert isinstance(found, StixIndicator)
    return found


def defect(**changes: object) -> Defect:
    found = read_indicator({k: v for k, v in {**RAW, **changes}.items() if v is not None})
    assert isinstance(found, Defect)
    return found


def test_a_plain_indicator_needs_no_repair() -> None:
    found = read(
        name="N",
        description="D",
        confidence=0,
        indicator_types=["malicious-activity", 7],
        labels=["a"],
        valid_until="2026-02-01T00:00:00Z",
        created_by_ref="identity--1",
        kill_chain_phases=[{"kill_chain_name": "k", "phase_name": "p"}, "junk"],
    )
    assert found.repairs == ()
    assert found.modified == datetime(2026, 1, 2, 0, 0, 0, 123456, UTC)
    assert found.valid_from.microsecond == 500_000
    assert found.valid_until == datetime(2026, 2, 1, tzinfo=UTC)
    assert found.confidence == 0
    assert found.indicator_types == ("malicious-activity",)
    assert found.kill_chain == ("k:p",)
    assert (found.name, found.description, found.labels) == ("N", "D", ("a",))


def test_absent_confidence_is_not_zero() -> None:
    assert read().confidence is None


@pytest.mark.parametrize("value", [True, -1, 101, "high", 50.5])
def test_a_senseless_confidence_is_ignored_by_name(value: object) -> None:
    found = read(confidence=value)
    assert found.confidence is None
    assert found.repairs == (repairs.CONFIDENCE_IGNORED,)


@pytest.mark.parametrize(
    ("changes", "version", "named"),
    [
        ({"spec_version": "2.0"}, "2.0", ()),
        ({"spec_version": None, "pattern_type": None}, "2.0", ()),
        ({"spec_version": "indicator"}, "2.1", (repairs.SPEC_VERSION_INFERRED,)),
        ({"spec_version": None, "confidence": 5}, "2.1", (repairs.SPEC_VERSION_INFERRED,)),
        ({"pattern_type": None}, "2.1", (repairs.PATTERN_TYPE_MISSING,)),
        ({"pattern_type": "stix2"}, "2.1", (repairs.PATTERN_TYPE_SPELLING,)),
        ({"pattern_type": " STIX"}, "2.1", (repairs.PATTERN_TYPE_SPELLING,)),
        ({"modified": None}, "2.1", (repairs.TIMESTAMPS_INFERRED,)),
        ({"created": None, "modified": None}, "2.1", (repairs.TIMESTAMPS_INFERRED,)),
        ({"type": None}, "2.1", (repairs.TYPE_MISSING,)),
        ({"id": "indicator--0620a60fa7f0c8edffa95cb881136f55"}, "2.1", (repairs.ID_NOT_UUID,)),
        (
            {"id": "indicator--x", "type": None},
            "2.1",
            (repairs.TYPE_MISSING, repairs.ID_NOT_UUID),
        ),
    ],
)
def test_repairs_are_named(
    changes: dict[str, object], version: str, named: tuple[str, ...]
) -> None:
    found = read(**changes)
    assert (found.spec_version, found.repairs) == (version, named)
    assert found.pattern_type == "stix"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"id": None}, "no_id", "id"),
        ({"id": "i" * 257}, "no_id", "id"),
        ({"type": "malware"}, "not_an_indicator", "type"),
        ({"type": None, "id": "malware--1"}, "not_an_indicator", "type"),
        ({"pattern": None}, "no_pattern", "pattern"),
        ({"pattern": "  "}, "no_pattern", "pattern"),
        ({"pattern": 5}, "no_pattern", "pattern"),
        ({"pattern_type": "yara"}, "pattern_type_yara", "pattern_type"),
        ({"pattern_type": "SNORT"}, "pattern_type_snort", "pattern_type"),
        ({"pattern_type": "\x1b[31mevil"}, "pattern_type_other", "pattern_type"),
        ({"valid_until": "soon"}, "bad_timestamp", "valid_until"),
        ({"modified": 1767225600}, "bad_timestamp", "modified"),
        (
            {"created": None, "modified": None, "valid_from": None},
            "no_timestamp",
            "modified",
        ),
    ],
)
def test_defects(changes: dict[str, object], code: str, field: str) -> None:
    found = defect(**changes)
    assert (found.code, found.field) == (code, field)
    assert found.detail.isprintable()


def test_only_true_revokes() -> None:
    assert read(revoked=True).revoked
    assert not read(revoked="true").revoked


def test_granular_markings_count() -> None:
    found = read(
        object_marking_refs=["marking-definition--a"],
        granular_markings=[{"marking_ref": "marking-definition--b"}, {"lang": "en"}],
    )
    assert found.marking_refs == ("marking-definition--a", "marking-definition--b")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-02T03:04:05Z", 5.0),
        ("2026-01-02t03:04:05.6z", 5.6),
        ("2026-01-02 03:04:05.64Z", 5.64),
        ("2026-01-02T04:04:05.000001+01:00", 5.000001),
        ("2026-01-02T03:04:05.123456789012Z", 5.123456),
        ("2026-01-02T03:03:60Z", 0.0),
    ],
)
def test_times(text: str, seconds: float) -> None:
    expected = datetime(2026, 1, 2, 3, 4, tzinfo=UTC) + timedelta(seconds=seconds)
    assert parse_time(text) == expected
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-13-02T03:04:05Z",
        "20260102T030405.000Z",
        "2026-W01-1T03:04:05Z",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:60Z",
        "undefined-undefined-T",
    ],
)
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"timestamp|Invalid isoformat|month"):
        parse_time(text)


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=-3)))))
def test_written_times_are_read_back(moment: datetime) -> None:
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        return
    assert parse_time(moment.isoformat()) == expected


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_time(text).tzinfo is UTC


@given(
    st.dictionaries(
        st.sampled_from([*RAW, "revoked", "confidence", "labels", "granular_markings"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2),
    )
)
def test_any_object_is_read_or_a_defect(changes: dict[str, object]) -> None:
    assert isinstance(read_indicator({**RAW, **changes}), (StixIndicator, Defect))


RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"


@pytest.mark.parametrize(
    "raw",
    [
        {"object_marking_refs": {"ref": RED}},
        {"object_marking_refs": [[RED]]},
        {"object_marking_refs": [{"id": RED}]},
        {"object_marking_refs": [None]},
        {"object_marking_refs": 3},
        {"granular_markings": {"marking_ref": RED}},
        {"granular_markings": [{"marking_ref": [RED]}]},
        {"granular_markings": [{"marking_ref": None, "lang": "fr"}]},
        {"granular_markings": [[{"marking_ref": RED}]]},
        {"granular_markings": [{"selectors": ["name"]}]},
        {"granular_markings": "red"},
    ],
    ids=str,
)
def test_a_marking_that_cannot_be_read_is_one_all_the_same(raw: dict[str, object]) -> None:
    assert marking_refs(raw) == (UNREADABLE_MARKING,)
    assert others_of(marking_refs(raw)) == (UNREADABLE_MARKING,)


@pytest.mark.parametrize(
    ("raw", "refs"),
    [
        ({}, ()),
        ({"object_marking_refs": None, "granular_markings": None}, ()),
        ({"object_marking_refs": [], "granular_markings": []}, ()),
        ({"object_marking_refs": RED}, (RED,)),
        ({"object_marking_refs": [RED], "granular_markings": [{"lang": "fr"}]}, (RED,)),
        ({"granular_markings": [{"marking_ref": RED, "selectors": ["name"]}]}, (RED,)),
    ],
    ids=str,
)
def test_markings_are_those_of_the_object_and_of_its_properties(
    raw: dict[str, object], refs: tuple[str, ...]
) -> None:
    assert marking_refs(raw) == refs
