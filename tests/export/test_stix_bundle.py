from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stix2
from stix2validator import ValidationOptions, validate_string

from tidegate.errors import ExportError
from tidegate.export import stix_bundle
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity

NOW = datetime(2026, 11, 1, 12, 30, 15, 123_000, tzinfo=UTC)
ROW = Indicator(
    id="1",
    type=IndicatorType.URL,
    value="https://evil.example.com/it's",
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.HIGH,
    title="Payload",
    created=NOW,
    updated=NOW,
    origin=Origin.MANUAL,
    description="Second stage.",
    groups=("Servers", "Workstations"),
    expires=NOW + timedelta(days=30),
    confidence=85,
    tlp="green",
    category="Malware",
    mitre=("T1105",),
    recommended_actions="Isolate.",
)
ROWS = (
    ROW,
    replace(ROW, type=IndicatorType.IP_ADDRESS, value="192.0.2.1", action=Action.ALLOW),
    replace(ROW, type=IndicatorType.IP_ADDRESS, value="2001:db8:0:0:0:0:0:1", tlp=None),
    replace(ROW, type=IndicatorType.DOMAIN_NAME, value="evil.example.com", expires=None),
    replace(ROW, type=IndicatorType.CERTIFICATE, value="ab" * 20, mitre=(), groups=()),
    replace(ROW, type=IndicatorType.FILE_MD5, value="cd" * 16, description="", category=""),
    replace(
        ROW,
        type=IndicatorType.FILE_SHA256,
        value="ef" * 32,
        aliases=("FileSha1:" + "ab" * 20, "FileMd5:" + "cd" * 16),
        action=Action.ALERT_ONLY,
        confidence=None,
        recommended_actions="",
    ),
)


def _bundle(rows: tuple[Indicator, ...], tlp_max: str = "red") -> bytes:
    rendered = stix_bundle.render(rows, NOW, "Example Corp SOC", tlp_max)
    assert [suffix for suffix, _ in rendered.files] == [""]
    return rendered.files[0][1]


def test_stix2_reads_it_strictly() -> None:
    parsed = stix2.parse(_bundle(ROWS), allow_custom=False)
    indicators = [item for item in parsed.objects if item.type == "indicator"]
    assert [item.confidence for item in indicators if "confidence" in item] == [85] * 6
    assert indicators[0].name == "Payload"
    assert indicators[0].valid_until == NOW + timedelta(days=30)
    assert {item.created_by_ref for item in indicators} == {parsed.objects[0].id}


def test_the_validator_has_no_warning() -> None:
    options = ValidationOptions(strict=True, enforce_refs=True, version="2.1")
    result = validate_string(_bundle(ROWS).decode(), options)
    found = [str(remark) for remark in (*(result.warnings or ()), *(result.errors or ()))]
    assert found == []
    assert result.is_valid


def test_the_reference_profile_passes_interop() -> None:
    options = ValidationOptions(strict=True, interop=True, version="2.1")
    assert validate_string(_bundle(ROWS).decode(), options).is_valid


def test_the_same_rows_are_the_same_bytes_at_any_time() -> None:
    first = stix_bundle.render(ROWS, NOW, "Example Corp SOC", "red")
    later = stix_bundle.render(ROWS, NOW + timedelta(hours=5), "Example Corp SOC", "red")
    assert first.files == later.files
    changed = _bundle((replace(ROW, title="Other"),))
    assert json.loads(changed)["id"] != json.loads(_bundle((ROW,)))["id"]


def test_one_object_a_line_and_counts_add_up() -> None:
    rendered = stix_bundle.render(ROWS, NOW, "Example Corp SOC", "clear")
    assert rendered.written == 1
    assert rendered.withheld == len(rendered.skipped) == 6
    lines = rendered.files[0][1].splitlines()
    assert len(lines) == 1 + 3 + 1 + 1
    assert all(json.loads(line.rstrip(b",")) for line in lines[1:-1])


def test_nothing_internal_leaves() -> None:
    row = replace(ROW, note="from the NDA partner", pinned=True, feeds=("acme",))
    data = _bundle((row,))
    assert b"NDA" not in data
    assert b"acme" not in data
    assert b"pinned" not in data


def test_hostile_text_is_only_text() -> None:
    title = '\x1b]0;x\x07","type":"x\u202e\ud800=cmd'
    data = _bundle((replace(ROW, title=title, description="\ud83d"),))
    stix_bundle.check(data)
    item = json.loads(data)["objects"][-1]
    assert item["name"] == title.replace("\ud800", "\ufffd")
    assert item["description"] == "\ufffd"


def test_no_rows_make_a_readable_bundle() -> None:
    stix_bundle.check(_bundle(()))


def test_a_blank_identity_is_refused() -> None:
    with pytest.raises(ExportError):
        stix_bundle.render(ROWS, NOW, "  ")


@pytest.mark.parametrize("count", [3, stix_bundle.CHECKED_WHOLE + 1])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"pattern_type":"stix",', b""),
        (b"[url:value = ", b"[url:value "),
        (b'"confidence":85', b'"confidence":"x"'),
        (b'"valid_until":"2026-12', b'"valid_until":"2025-12'),
        (b'"name":"Payload"', b'"name":"Payload","colour":"red"'),
    ],
)
def test_check_refuses_what_stix2_refuses(count: int, old: bytes, new: bytes) -> None:
    rows = (*(replace(ROW, value=f"https://example.com/{n}") for n in range(count)),)
    data = _bundle(rows)
    stix_bundle.check(data)
    broken = data.replace(old, new)
    assert broken != data
    with pytest.raises(ExportError, match="no valid STIX"):
        stix_bundle.check(broken)


def test_check_reads_one_of_each_shape_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(stix2, "parse", lambda document, **_: seen.append(len(document["objects"])))
    few, many = (
        [replace(row, title=f"{n}") for n in range(count) for row in ROWS] for count in (10, 100)
    )
    stix_bundle.check(_bundle(tuple(few)))
    stix_bundle.check(_bundle(tuple(many)))
    assert seen == [3 + 10 * len(ROWS), 3 + len(ROWS)]


def test_check_reads_the_bundle_itself() -> None:
    with pytest.raises(ExportError):
        stix_bundle.check(b'{"type":"bundle","id":"bundle--x","objects":[]}')
