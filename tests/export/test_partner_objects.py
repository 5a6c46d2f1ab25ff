"""What a profile does to an object."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from types import MappingProxyType
from typing import Any

import orjson
import pytest

from tidegate.export.eligible import Feeds, Shared
from tidegate.export.partner_objects import MOST_REFERENCES, things_of
from tidegate.export.stix_objects import TLP_IDS
from tidegate.indicators import wire
from tidegate.indicators.indicator import Indicator, Source
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.partner import MASKS, parse_partner

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FEEDS = Feeds(MappingProxyType({"a": "Feed A", "cve": "CVE"}))
ORIGINAL = "indicator--11111111-1111-4111-8111-111111111111"
ROW = Indicator(
    id="1",
    type=IndicatorType.FILE_SHA256,
    value="ab" * 32,
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.HIGH,
    title="Loader",
    created=NOW,
    updated=NOW + timedelta(hours=1),
    origin=Origin.FEED,
    description="Second stage.",
    groups=("Servers",),
    expires=NOW + timedelta(days=30),
    feeds=("a",),
    sources=(Source("a", ORIGINAL),),
    aliases=("FileSha1:" + "cd" * 20, "FileMd5:" + "ef" * 16),
    confidence=85,
    tlp="green",
    note="from the NDA partner",
    category="Malware",
    mitre=("T1105",),
    recommended_actions="Isolate.",
    overrides=MappingProxyType({"homoglyph": "our own reason"}),
    context=MappingProxyType({"file_name": ("secret-project.docx",)}),
)
RAW = {
    "kill_chain_phases": [
        {"kill_chain_name": "mitre-attack", "phase_name": "Initial Access"},
        {"kill_chain_name": "mitre-attack", "phase_name": "initial-access"},
        {"kill_chain_name": "ours", "phase_name": "§"},
        "junk",
    ]
}


def content(row: Indicator = ROW, raw: Any = RAW, **profile: object) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    partner = parse_partner(
        {
            "id": "isac",
            "tlp_max": "red",
            "identity": "Example Corp",
            "mask": [],
            "delivery": {"kind": "file", "path": "out.json"},
            **profile,
        },
        "isac.toml",
    )
    shared = Shared(row, "green", row.sources, (raw,))
    return things_of([shared], partner, FEEDS)[0].content


def test_everything_that_a_partner_can_use_is_there() -> None:
    found = content(extension=True)
    assert found["name"] == "Loader"
    assert found["description"] == "Second stage."
    assert found["indicator_types"] == ["malicious-activity"]
    assert found["pattern"].count(" OR ") == 2
    assert found["confidence"] == 85
    assert found["valid_until"] == "2026-12-01T00:00:00.000Z"
    assert found["object_marking_refs"] == [TLP_IDS["green"]]
    assert found["kill_chain_phases"] == [
        {"kill_chain_name": "mitre-attack", "phase_name": "initial-access"}
    ]
    assert found["external_references"] == [
        {"source_name": "mitre-attack", "external_id": "T1105"},
        {"source_name": "Feed A", "external_id": ORIGINAL},
    ]
    assert found["extensions"][wire.EXTENSION_ID] == {
        "extension_type": "property-extension",
        "edr_type": "FileSha256",
        "edr_action": "Alert and block",
        "edr_severity": "High",
        "edr_scope": ["Servers"],
        "edr_category": "Malware",
        "edr_recommended_actions": "Isolate.",
    }


def test_the_extension_is_there_only_when_it_is_asked_for() -> None:
    assert "extensions" not in content()


@pytest.mark.parametrize("extension", [True, False])
def test_what_is_internal_never_leaves(extension: bool) -> None:  # noqa: FBT001 - a case
    data = orjson.dumps(content(extension=extension))
    for word in (b"NDA", b"our own reason", b"secret-project", b"homoglyph", b"pinned"):
        assert word not in data


@pytest.mark.parametrize(
    ("mask", "gone"),
    [
        ("groups", b"Servers"),
        ("title", b"Loader"),
        ("description", b"Second"),
        ("confidence", b"confidence"),
        ("mitre", b"T1105"),
        ("kill_chain", b"initial-access"),
        ("source", b"Feed A"),
        ("source", ORIGINAL.encode()),
        ("category", b"Malware"),
        ("recommended_actions", b"Isolate"),
    ],
)
def test_a_mask_keeps_its_field_back(mask: str, gone: bytes) -> None:
    assert gone in orjson.dumps(content(extension=True))
    assert gone not in orjson.dumps(content(extension=True, mask=[mask]))


def test_a_masked_action_does_not_speak_through_the_types() -> None:
    assert content(mask=["action", "severity"])["indicator_types"] == ["unknown"]


def test_every_mask_is_tried_above() -> None:
    assert set(MASKS) - {"note"} == {
        *("groups", "title", "description", "confidence", "mitre", "kill_chain", "source"),
        *("category", "recommended_actions", "action", "severity"),
    }


def test_a_title_that_names_a_masked_source_is_no_title() -> None:
    row = replace(ROW, title="feed a: loader")
    assert content(row)["name"] == "feed a: loader"
    assert content(row, mask=["source"])["name"] == ROW.value


def test_a_source_may_be_called_like_a_scheme_with_a_form_of_its_own() -> None:
    row = replace(ROW, mitre=(), sources=(Source("cve", ORIGINAL),))
    assert content(row)["external_references"][0]["source_name"] == "feed CVE"


def test_lists_have_an_end() -> None:
    many = tuple(Source("a", f"{ORIGINAL[:-3]}{n:03}") for n in range(100))
    phases = [{"kill_chain_name": "x", "phase_name": f"p{n}"} for n in range(100)]
    found = content(replace(ROW, sources=many, mitre=()), {"kill_chain_phases": phases})
    assert len(found["external_references"]) == MOST_REFERENCES
    assert len(found["kill_chain_phases"]) == MOST_REFERENCES


@pytest.mark.parametrize(
    ("extension", "mask", "many"), [(0, (), 1), (1, ("groups",), 1), (1, (), 2)]
)
def test_rows_that_the_partner_cannot_tell_apart_are_one_object(
    extension: int, mask: tuple[str, ...], many: int
) -> None:
    partner = parse_partner(
        {
            "id": "isac",
            "tlp_max": "red",
            "identity": "Example Corp",
            "mask": list(mask),
            "extension": bool(extension),
            "delivery": {"kind": "file", "path": "out.json"},
        },
        "isac.toml",
    )
    milder = replace(ROW, groups=("All",), title="milder", action=Action.ALERT_ONLY)
    older = replace(ROW, groups=("Workstations",), title="older", created=NOW - timedelta(days=1))
    for rows in permutations((ROW, milder, older)):
        found = things_of([Shared(row, "green") for row in rows], partner, FEEDS)
        assert len(found) == (3 if many > 1 else 1)
        assert found[0].content["name"] == "older"


def test_an_id_that_is_none_is_not_passed_on() -> None:
    row = replace(ROW, mitre=(), sources=(Source("a", "indicator--\x1b]0;x"), *ROW.sources))
    found = content(row)["external_references"]
    assert [reference["external_id"] for reference in found] == [ORIGINAL]


def test_derived_from_leads_to_the_original_when_asked_for() -> None:
    partner = parse_partner(
        {
            "id": "isac",
            "tlp_max": "red",
            "identity": "Example Corp",
            "derived_from": True,
            "delivery": {"kind": "file", "path": "out.json"},
        },
        "isac.toml",
    )
    odd = Source("a", "indicator--odd")
    first, second = things_of([Shared(ROW, "amber", (*ROW.sources, odd))], partner, FEEDS)
    assert second.about == first.key
    assert second.content == {
        "type": "relationship",
        "relationship_type": "derived-from",
        "target_ref": ORIGINAL,
        "object_marking_refs": [TLP_IDS["amber"]],
    }
