"""A delivery as files, and what the validator and stix2 say of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import orjson
import pytest
import stix2
from stix2validator import ValidationOptions, validate_string

from tidegate.errors import ExportError
from tidegate.export.delta import Speaker, Step, Version, delta
from tidegate.export.eligible import Feeds, Shared
from tidegate.export.partner_bundle import pack
from tidegate.export.partner_objects import things_of
from tidegate.indicators.indicator import Indicator, Source
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.partner import Partner, Shipment, parse_partner
from tidegate.partner.sent import Sent
from tidegate.stix.markings import LEVELS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FEEDS = Feeds(MappingProxyType({"a": "Feed A"}))
RAW = {"kill_chain_phases": [{"kill_chain_name": "mitre-attack", "phase_name": "execution"}]}
ROW = Indicator(
    id="1",
    type=IndicatorType.URL,
    value="https://evil.example.com/it's",
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.HIGH,
    title="Payload",
    created=NOW,
    updated=NOW,
    origin=Origin.FEED,
    description="Second stage.",
    groups=("Servers",),
    expires=NOW + timedelta(days=30),
    feeds=("a",),
    sources=(Source("a", "indicator--11111111-1111-4111-8111-111111111111"),),
    confidence=85,
    category="Malware",
    mitre=("T1105",),
)
ROWS = (
    ROW,
    replace(ROW, type=IndicatorType.IP_ADDRESS, value="192.0.2.1", action=Action.ALLOW),
    replace(ROW, type=IndicatorType.IP_ADDRESS, value="2001:db8:0:0:0:0:0:1", description=""),
    replace(ROW, type=IndicatorType.DOMAIN_NAME, value="evil.example.com", expires=None),
    replace(ROW, type=IndicatorType.CERTIFICATE, value="ab" * 20, title=""),
    replace(
        ROW,
        type=IndicatorType.FILE_SHA256,
        value="ef" * 32,
        aliases=("FileSha1:" + "ab" * 20, "FileMd5:" + "cd" * 16),
        action=Action.ALERT_ONLY,
    ),
)


def partner(**more: object) -> Partner:
    base = {
        "id": "isac",
        "tlp_max": "red",
        "identity": "Example Corp",
        "delivery": {"kind": "file", "path": "out.json"},
    }
    return parse_partner({**base, **more}, "isac.toml")


def versions(
    to: Partner, rows: Iterable[Indicator] = ROWS, sent: Sent | None = None
) -> list[Version]:
    levels = [LEVELS[n % len(LEVELS)] for n, _ in enumerate(ROWS)]
    shared = [
        Shared(row, level, row.sources, (RAW,)) for row, level in zip(rows, levels, strict=False)
    ]
    speaker = Speaker(to.identity, "default", to.id)
    return delta(sent or Sent(), things_of(shared, to, FEEDS), speaker, NOW)


def withdrawn(to: Partner) -> list[Version]:
    """Half of the rows new, the other half withdrawn."""
    first = versions(to)
    sent = Sent().attempting(version.entry for version in first)
    gone = [v for v in versions(to, ROWS[:3], sent) if v.step is Step.WITHDRAWN]
    ids = {version.entry.id for version in gone}
    return [*gone, *(version for version in first if version.entry.id not in ids)]


def shipped(to: Partner, going: list[Version]) -> Shipment:
    return pack(to, going, 1, NOW, full=False)


def remarks(data: bytes, **options: object) -> list[str]:
    result = validate_string(
        data.decode(), ValidationOptions(strict=True, **{"version": "2.1", **options})
    )
    return [str(remark) for remark in (*(result.warnings or ()), *(result.errors or ()))]


@pytest.mark.parametrize("markings", ["reference", "embedded"])
@pytest.mark.parametrize("extension", [True, False])
def test_the_validator_has_no_remark(markings: str, extension: bool) -> None:  # noqa: FBT001 - a case
    to = partner(markings=markings, extension=extension)
    data = shipped(to, withdrawn(to)).files[0].data
    assert remarks(data, enforce_refs=True) == []
    if markings == "reference":
        assert remarks(data, interop=True) == []
    assert (b"marking-definition--" in data) is True
    assert (b'"type":"marking-definition"' in data) == (markings == "embedded")
    assert (b"edr_action" in data) == extension


def test_the_validator_has_no_remark_on_derived_objects() -> None:
    to = partner(derived_from=True)
    data = shipped(to, withdrawn(to)).files[0].data
    assert data.count(b'"derived-from"') == 6
    assert remarks(data) == []


def test_stix_2_0_is_strict_too() -> None:
    to = partner(spec="2.0", markings="embedded", extension=True)
    data = shipped(to, withdrawn(to)).files[0].data
    assert remarks(data, version="2.0") == []
    assert orjson.loads(data)["spec_version"] == "2.0"
    assert len(stix2.parse(data, allow_custom=False).objects) > len(ROWS)


def test_no_object_comes_before_what_it_refers_to() -> None:
    to = partner(derived_from=True, extension=True, markings="embedded")
    seen: set[str] = set()
    for item in shipped(to, versions(to)).objects:
        for name in ("created_by_ref", "source_ref"):
            ref: Any = item.get(name)
            assert ref is None or ref in seen or ref == item["id"]
        seen.add(str(item["id"]))


def test_the_manifest_says_what_is_in_it() -> None:
    to = partner()
    shipment = shipped(to, withdrawn(to))
    bundle, manifest = shipment.files
    said = orjson.loads(manifest.data)
    digest = hashlib.sha256(bundle.data).hexdigest()
    assert said["files"] == [{"suffix": ".json", "sha256": digest, "size": len(bundle.data)}]
    assert shipment.manifest.sha256 == digest
    assert (said["counts"]["new"], said["counts"]["withdrawn"]) == (3, 3)
    assert said["bundle"] == orjson.loads(bundle.data)["id"]
    assert shipment.carried == {v.entry.id for v in withdrawn(to)}
    objects = {item["id"] for item in orjson.loads(bundle.data)["objects"]}
    assert shipment.carried <= objects


def test_misp_gets_no_revoked_object_but_a_list() -> None:
    to = partner(consumer="misp", derived_from=True)
    going = withdrawn(to)
    shipment = shipped(to, going)
    bundle, _, listed = shipment.files
    assert b"revoked" not in bundle.data
    assert listed.suffix == ".withdrawn.json"
    said = orjson.loads(listed.data)["withdrawn"]
    gone = [v for v in going if v.step is Step.WITHDRAWN and v.is_row]
    assert [(w["value"], w["type"], w["id"]) for w in said] == [
        (v.named[1], v.named[0], v.entry.id) for v in gone
    ]
    assert {w["why"] for w in said} == {"no longer shared"}
    assert {v.entry.id for v in gone} <= shipment.carried
    late = pack(to, going, 1, NOW + timedelta(days=60), full=False).files[2]
    said = orjson.loads(late.data)["withdrawn"]
    assert [w["value"] for w in said if w["why"] != "expired"] == ["evil.example.com"]


def test_nothing_to_say_is_a_readable_bundle() -> None:
    to = partner(markings="embedded")
    data = shipped(to, []).files[0].data
    assert remarks(data, enforce_refs=True) == []


def test_hostile_text_is_only_text() -> None:
    title = '\x1b]0;x\x07","type":"x\u202e\ud800=cmd'
    to = partner()
    data = shipped(to, versions(to, [replace(ROW, title=title)])).files[0].data
    assert orjson.loads(data)["objects"][-1]["name"] == title.replace("\ud800", "�")


def test_what_stix2_refuses_is_not_delivered() -> None:
    to = partner()
    (version,) = versions(to, ROWS[:1])
    broken = version._replace(content={**version.content, "pattern": "[url:value = ]"})
    with pytest.raises(ExportError, match="no valid STIX"):
        shipped(to, [broken])
