"""What stands around an indicator: read from the feed's other objects, never guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.stix.context import ALONE, MAX_NAMED, TYPES, FeedContext, Surroundings

IOC = "indicator--1"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
EMOTET: dict[str, Any] = {
    "type": "malware",
    "id": "malware--1",
    "name": "Emotet",
    "malware_types": ["Trojan"],
    "is_family": True,
}
PHISHING: dict[str, Any] = {
    "type": "attack-pattern",
    "id": "attack-pattern--1",
    "name": "Spearphishing Link",
    "kill_chain_phases": [{"kill_chain_name": "mitre-attack", "phase_name": "initial-access"}],
    "external_references": [
        {"source_name": "mitre-attack", "external_id": "T1566.002"},
        {"source_name": "capec", "external_id": "CAPEC-163"},
    ],
}


def link(target: str, kind: str = "indicates", source: str = IOC, **more: object) -> dict[str, Any]:
    return {
        "type": "relationship",
        "id": f"relationship--{source}{kind}{target}",
        "relationship_type": kind,
        "source_ref": source,
        "target_ref": target,
        **more,
    }


def seen(**more: object) -> dict[str, Any]:
    return {
        "type": "sighting",
        "id": "sighting--1",
        "sighting_of_ref": IOC,
        "modified": "2026-01-02T00:00:00Z",
        **more,
    }


def around(*objects: dict[str, Any]) -> Surroundings:
    return FeedContext(objects).of(IOC)


def test_nothing_said_is_nothing_known() -> None:
    assert around() is ALONE
    assert around(EMOTET, link("malware--1", source="indicator--2")) is ALONE


def test_indicates_gives_threats_with_kinds_techniques_and_tactics() -> None:
    found = around(EMOTET, PHISHING, link("malware--1"), link("attack-pattern--1"))
    pattern, malware = found.threats
    assert (malware.type, malware.name, malware.kinds) == ("malware", "Emotet", ("trojan",))
    assert pattern.techniques == ("T1566.002",)
    assert pattern.tactics == ("initial-access",)
    assert pattern.words == {"attack-pattern", "spearphishing link", "t1566.002"}
    assert malware.words == {"malware", "emotet", "trojan"}


def test_the_number_of_a_tool_or_group_is_no_technique() -> None:
    references = [
        {"source_name": "mitre-attack", "external_id": name}
        for name in ("S0367", "T" * 1_000_000, "T1566")
    ]
    found = around({**EMOTET, "external_references": references}, link("malware--1"))
    assert found.threats[0].techniques == ("T1566",)


def test_the_order_of_the_objects_does_not_matter() -> None:
    objects = [EMOTET, PHISHING, link("malware--1"), link("attack-pattern--1")]
    assert around(*objects) == around(*reversed(objects))


def test_kinds_of_2_0_are_labels() -> None:
    old = {"type": "malware", "id": "malware--1", "name": "W", "labels": ["ransomware"]}
    assert around(old, link("malware--1")).threats[0].kinds == ("ransomware",)


@pytest.mark.parametrize("kind", ["indicates", "uses"])
def test_what_publishers_write_for_indicates(kind: str) -> None:
    assert around(EMOTET, link("malware--1", kind)).threats


@pytest.mark.parametrize(
    "relationship",
    [
        link("malware--1", "related-to"),
        link("malware--1", revoked=True),
        link("malware--2"),
        link("malware--1", source="malware--9"),
        {**link("malware--1"), "target_ref": 7},
        {**link("malware--1"), "relationship_type": ["indicates"]},
    ],
)
def test_what_shows_nothing(relationship: dict[str, Any]) -> None:
    assert around(EMOTET, relationship).threats == ()


def test_what_a_malware_uses_is_not_what_its_indicator_shows() -> None:
    chain = link("attack-pattern--1", "uses", source="malware--1")
    assert [t.name for t in around(EMOTET, PHISHING, link("malware--1"), chain).threats] == [
        "Emotet"
    ]


def test_a_threat_without_name_or_revoked_is_none() -> None:
    assert around({**EMOTET, "name": " "}, link("malware--1")).threats == ()
    assert around({**EMOTET, "revoked": True}, link("malware--1")).threats == ()


@pytest.mark.parametrize("kind", ["report", "grouping"])
def test_reports_and_groupings_give_their_titles(kind: str) -> None:
    report = {"type": kind, "id": f"{kind}--1", "name": "Wave  of\nJune", "object_refs": [IOC, 7]}
    assert around(report).reports == ("Wave of June",)
    assert around({**report, "object_refs": ["indicator--2"]}) is ALONE
    assert around({**report, "object_refs": None}) is ALONE


def test_few_of_many_are_kept() -> None:
    threats = [{**EMOTET, "id": f"malware--{n}", "name": f"F{n}"} for n in range(50)]
    reports = [
        {"type": "report", "id": f"report--{n}", "name": f"R{n}", "object_refs": [IOC] * 3}
        for n in range(50)
    ]
    links = [link(threat["id"]) for threat in threats]
    found = around(*threats, *links, *reports)
    assert len(found.threats) == len(found.reports) == MAX_NAMED


@pytest.mark.parametrize(
    ("more", "when"),
    [
        ({"last_seen": "2026-01-05T00:00:00Z"}, 5),
        ({"first_seen": "2026-01-04T00:00:00Z"}, 4),
        ({}, 2),
        ({"last_seen": "yesterday"}, 2),
        ({"last_seen": "2026-01-05T00:00:00Z", "first_seen": "2026-01-04T00:00:00Z"}, 5),
    ],
)
def test_a_sighting_dates_itself_as_well_as_it_can(more: dict[str, Any], when: int) -> None:
    assert around(seen(**more)).sighted == datetime(2026, 1, when, tzinfo=UTC)


def test_sightings_add_up_and_the_latest_counts() -> None:
    found = around(
        seen(id="sighting--1", count=50, last_seen="2026-01-09T00:00:00Z"),
        seen(id="sighting--2", last_seen="2026-01-03T00:00:00Z"),
        seen(id="sighting--3", count="many", modified=None),
    )
    assert found.sightings == 52
    assert found.sighted == datetime(2026, 1, 9, tzinfo=UTC)


def test_no_count_of_sightings_outgrows_what_json_holds() -> None:
    found = around(*(seen(id=f"sighting--{n}", count=2**64 - 1) for n in range(3)))
    assert found.sightings == 3 * 999_999_999
    assert around(seen(count=-5)).sightings == around(seen(count=1e30)).sightings == 1


@pytest.mark.parametrize("more", [{"count": 0}, {"revoked": True}, {"sighting_of_ref": None}])
def test_not_seen_is_no_sighting(more: dict[str, Any]) -> None:
    assert around(seen(**more)) is ALONE


def test_the_strictest_marking_of_what_is_told_counts() -> None:
    marked = {**EMOTET, "object_marking_refs": [GREEN]}
    assert around(marked, link("malware--1")).tlp == "green"
    assert around(marked, link("malware--1", object_marking_refs=[RED])).tlp == "red"
    report = {
        "type": "report",
        "id": "report--1",
        "name": "R",
        "object_refs": [IOC],
        "object_marking_refs": [RED],
    }
    assert around(report).tlp == "red"
    assert around(EMOTET, link("malware--1")).tlp is None


def test_what_is_unmarked_has_the_level_that_the_feed_gives_it() -> None:
    marked = {**EMOTET, "object_marking_refs": [GREEN]}
    report = {"type": "report", "id": "report--1", "name": "R", "object_refs": [IOC]}
    for objects in ([EMOTET, link("malware--1", object_marking_refs=[GREEN])], [report]):
        assert FeedContext(objects, "amber").of(IOC).tlp == "amber"
    assert FeedContext([marked, link("malware--1")], "amber").of(IOC).tlp == "amber"
    whole = [marked, link("malware--1", object_marking_refs=[GREEN])]
    assert FeedContext(whole, "amber").of(IOC).tlp == "green"
    assert FeedContext([seen()], "amber").of(IOC).tlp is None


FILE = {"type": "file", "id": "file--1", "name": "offer.pdf", "mime_type": "application/pdf"}


def test_the_file_that_an_indicator_is_based_on() -> None:
    observed = {"type": "observed-data", "id": "observed-data--1", "object_refs": ["file--1"]}
    based = link("observed-data--1", "based-on")
    expected = {"file_name": ("offer.pdf",), "mime_type": ("application/pdf",)}
    assert around(FILE, observed, based).files == expected
    assert around(FILE, link("file--1", "based-on")).files == expected
    old = {
        "type": "observed-data",
        "id": "observed-data--1",
        "objects": {"0": {"type": "file", "name": "offer.pdf"}, "1": {"type": "domain-name"}},
    }
    assert around(old, based).files == {"file_name": ("offer.pdf",)}


def test_of_several_files_nobody_knows_which_one_it_means() -> None:
    other = {**FILE, "id": "file--2", "name": "x.exe"}
    observed = {
        "type": "observed-data",
        "id": "observed-data--1",
        "object_refs": ["file--1", "file--2"],
    }
    assert around(FILE, other, observed, link("observed-data--1", "based-on")).files == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
PROPERTIES = (
    *("name", "labels", "malware_types", "kill_chain_phases", "external_references", "revoked"),
    *("source_ref", "target_ref", "relationship_type", "sighting_of_ref", "count", "last_seen"),
    *("object_refs", "object_marking_refs", "granular_markings", "objects", "mime_type"),
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(TYPES) | json_values,
                "id": st.sampled_from([IOC, "x--1", "x--2"]),
            },
            optional={
                name: json_values | st.sampled_from([IOC, "x--1", "x--2", [IOC], ["x--1", "x--2"]])
                for name in PROPERTIES
            },
        ),
        max_size=6,
    )
)
def test_whatever_a_feed_writes_is_read_without_a_fault(objects: list[dict[str, Any]]) -> None:
    context = FeedContext(objects)
    for ident in (IOC, "x--1"):
        found = context.of(ident)
        assert found.sightings >= 0
        assert all(threat.name for threat in found.threats)
        assert len(found.reports) <= MAX_NAMED


def test_markings_that_are_no_level_come_from_all_that_is_told() -> None:
    def marked(thing: dict[str, Any], name: str) -> dict[str, Any]:
        return {**thing, "object_marking_refs": [GREEN, f"marking-definition--{name}"]}

    report = {"type": "report", "id": "report--1", "name": "Wave", "object_refs": [IOC]}
    objects = [
        marked(EMOTET, "threat"),
        link(EMOTET["id"], granular_markings=[{"marking_ref": "marking-definition--link"}]),
        marked(report, "report"),
        marked(PHISHING, "untold"),
    ]
    found = FeedContext(objects).of(IOC).markings
    assert set(found) == {f"marking-definition--{name}" for name in ("threat", "link", "report")}
    assert FeedContext([EMOTET, link(EMOTET["id"])]).of(IOC).markings == ()
