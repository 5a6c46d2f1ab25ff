"""What others make of our bundles: stix2's strict parser, and MISP.

misp-stix brings twenty packages for STIX 1 and lxml, so it is no part of .venv. It reads our
bundles in an environment of its own; without one its tests are left out:

    python3 -m venv DIR && DIR/bin/pip install misp-stix
    TIDEGATE_MISP_PYTHON=DIR/bin/python make test ARGS="-k read_elsewhere"

With misp-stix 2026.10.12 every row arrives with to_ids set, under its TLP level.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import stix2

from driving.homes import Cli, indicator, write_feed
from tidegate.export import stix_bundle
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROW = Indicator(
    id="1",
    type=IndicatorType.DOMAIN_NAME,
    value="h1.example.com",
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.HIGH,
    title="Payload",
    created=NOW,
    updated=NOW,
    origin=Origin.MANUAL,
    description="Seen in mails.",
    expires=NOW + timedelta(days=30),
    confidence=80,
    tlp="amber",
    mitre=("T1105",),
)
VALUES = [
    (IndicatorType.DOMAIN_NAME, "h1.example.com", "domain"),
    (IndicatorType.URL, "https://evil.example.com/a'b\\c", "url"),
    (IndicatorType.IP_ADDRESS, "192.0.2.1", "ip-dst"),
    (IndicatorType.IP_ADDRESS, "2001:0db8:0000:0000:0000:0000:0000:0007", "ip-dst"),
    (IndicatorType.FILE_SHA256, "ab" * 32, "sha256"),
    (IndicatorType.FILE_SHA1, "ab" * 20, "sha1"),
    (IndicatorType.FILE_MD5, "ef" * 16, "md5"),
    (IndicatorType.CERTIFICATE, "12" * 20, "x509-fingerprint-sha1"),
]
PROFILE = """
id = "misp"
tlp_max = "green"
identity = "Example Corp SOC"
markings = "{markings}"
consumer = "misp"
delivery = {{ kind = "file", path = '{path}' }}
"""
WEAKER = "cd" * 16
ROWS = [
    replace(ROW, type=kind, value=value, aliases=(f"FileMd5:{WEAKER}",) if name == "sha256" else ())
    for kind, value, name in VALUES
]


def exported(rows: list[Indicator]) -> bytes:
    return stix_bundle.render(rows, NOW, "Example Corp SOC", "red").files[0][1]


def test_stix2_reads_every_object_strictly() -> None:
    bundle = stix2.parse(exported(ROWS), allow_custom=False)
    patterns = [each.pattern for each in bundle.objects if each.type == "indicator"]
    assert len(patterns) == len(ROWS)
    for each in bundle.objects:
        assert stix2.parse(each.serialize(), allow_custom=False) == each


def misp_reads(data: bytes, folder: Path) -> dict[str, Any]:
    """Return what MISP makes of a bundle; skips the test where there is no misp-stix."""
    python = os.environ.get("TIDEGATE_MISP_PYTHON")
    if not python:
        pytest.skip("TIDEGATE_MISP_PYTHON names no interpreter with misp-stix")
    path = folder / "bundle.json"
    path.write_bytes(data)
    reader = Path(__file__).parents[1] / "driving" / "misp_reader.py"
    ran = subprocess.run([python, "-I", reader, path], capture_output=True, check=True, timeout=90)
    found: dict[str, Any] = orjson.loads(ran.stdout)
    return found


def test_misp_takes_every_row_for_detection(tmp_path: Path) -> None:
    found = misp_reads(exported(ROWS), tmp_path)
    assert found["complaints"] == []
    # STIX writes IPv6 short; the second hash of a file comes along.
    short = {value: value for _, value, _ in VALUES} | {VALUES[3][1]: "2001:db8::7"}
    wanted = {(name, short[value]) for _, value, name in VALUES} | {("md5", WEAKER)}
    assert {(kind, value) for kind, value, _, _ in found["attributes"]} == wanted
    assert all(to_ids for _, _, to_ids, _ in found["attributes"])
    alone = [tags for _, value, _, tags in found["attributes"] if value != WEAKER]
    assert sum("tlp:amber" in tags for tags in alone) >= len(ROWS) - 1


@pytest.mark.parametrize("markings", ["reference", "embedded"])
def test_misp_takes_a_partners_delivery_and_a_withdrawal_for_nothing(
    tmp_path: Path, markings: str
) -> None:
    """It would take revoked objects for live ones: they are in no bundle, but in a list."""
    cli = Cli(tmp_path / "home")
    green = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
    objects = [indicator(n, object_marking_refs=[green]) for n in range(3)]
    cli.subscribe(write_feed(tmp_path / "acme", objects).folder)
    cli.sync()
    out, profile = tmp_path / "out.json", tmp_path / "misp.toml"
    profile.write_text(PROFILE.format(markings=markings, path=out))
    assert cli("partners", "add", str(profile)).code == 0
    assert cli("export", "--partner", "misp", "--send").code == 0
    found = misp_reads(out.read_bytes(), tmp_path)
    assert found["complaints"] == []
    assert [[*each[:3]] for each in found["attributes"]] == [
        ["domain", f"h{n}.example.com", True] for n in range(3)
    ]
    assert all("tlp:green" in tags for *_, tags in found["attributes"])
    cli("remove", "h1.example.com")
    assert cli("export", "--partner", "misp", "--send").code == 0
    assert misp_reads(out.read_bytes(), tmp_path)["attributes"] == []
    assert b"h1.example.com" in (tmp_path / "out.withdrawn.json").read_bytes()
