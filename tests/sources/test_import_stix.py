from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tidegate.errors import BundleError
from tidegate.export.stix_objects import TLP_IDS, identity_id, indicator_object
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.wire import EXTENSION_ID
from tidegate.sources.import_row import ImportReading
from tidegate.sources.import_stix import read_stix

NOW = datetime(2026, 11, 1, tzinfo=UTC)
IDENTITY = {"type": "identity", "id": "identity--1", "name": "x"}


def _foreign(pattern: str = "[ipv4-addr:value = '192.0.2.1']", **more: object) -> dict[str, object]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created": "2026-10-01T00:00:00.000Z",
        "modified": "2026-10-01T00:00:00.000Z",
        "valid_from": "2026-10-01T00:00:00.000Z",
        "pattern": pattern,
        "pattern_type": "stix",
        **more,
    }


def _ours(kind: IndicatorType, value: str, *aliases: str) -> dict[str, Any]:
    row = Indicator(
        id="1",
        type=kind,
        value=value,
        action=Action.ALLOW,
        severity=Severity.LOW,
        title="t",
        created=NOW,
        updated=NOW,
        origin=Origin.MANUAL,
        groups=("Servers",),
        aliases=aliases,
    )
    return indicator_object(row, identity_id("Example Corp SOC"))


def _read(*objects: object) -> ImportReading:
    return read_stix({"type": "bundle", "id": "bundle--1", "objects": list(objects)}, "x.json")


def test_a_foreign_indicator_leaves_the_response_open() -> None:
    reading = _read(
        IDENTITY,
        _foreign(
            name="C2",
            description="Beacon",
            confidence=70,
            valid_until="2027-01-01T00:00:00.123456Z",
            object_marking_refs=[TLP_IDS["amber"]],
            external_references=[
                {"source_name": "mitre-attack", "external_id": "T1071"},
                {"source_name": "blog", "url": "https://example.com/"},
            ],
        ),
    )
    (row,) = reading.rows
    assert (row.line, row.type, row.value) == (1, IndicatorType.IP_ADDRESS, "192.0.2.1")
    assert (row.action, row.severity, row.groups) == (None, None, ())
    assert (row.title, row.description, row.confidence) == ("C2", "Beacon", 70)
    assert row.expires == datetime(2027, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert (row.tlp, row.mitre) == ("amber", ("T1071",))
    assert reading.others == 1
    assert reading.problems == ()


@pytest.mark.parametrize("wrap", ["bundle", "envelope", "list", "bare"])
def test_every_container(wrap: str) -> None:
    item = _foreign()
    document: object = {
        "bundle": {"type": "bundle", "id": "bundle--1", "objects": [item]},
        "envelope": {"more": False, "objects": [item]},
        "list": [item],
        "bare": item,
    }[wrap]
    assert [row.value for row in read_stix(document, "x.json").rows] == ["192.0.2.1"]


def test_alternatives_are_rows_and_the_bad_ones_problems() -> None:
    pattern = (
        "[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = '192.0.2.0/24'"
        " OR domain-name:value LIKE '%.example.com']"
    )
    reading = _read(_foreign(pattern))
    assert [row.value for row in reading.rows] == ["192.0.2.1"]
    assert [problem.code for problem in reading.problems] == ["cidr", "like"]
    assert {problem.stix_id for problem in reading.problems} == {_foreign()["id"]}


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (_foreign("[ipv4-addr:value = "), "pattern_unreadable"),
        (_foreign(pattern=""), "no_pattern"),
        (_foreign(pattern_type="yara"), "pattern_type_yara"),
        (_foreign(valid_until="soon"), "bad_timestamp"),
        (_foreign(revoked=True), "revoked"),
        (_foreign(indicator_types=["Benign"]), "benign"),
        (_foreign(extensions={EXTENSION_ID: {"edr_action": "allow"}}), "bad_extension"),
        (
            _foreign(extensions={EXTENSION_ID: {"edr_action": "Allow", "edr_severity": 3}}),
            "bad_extension",
        ),
        (
            _foreign(
                extensions={
                    EXTENSION_ID: {"edr_action": "Allow", "edr_severity": "Low", "edr_scope": "A"}
                }
            ),
            "bad_extension",
        ),
    ],
)
def test_one_bad_object_never_sinks_the_rest(item: dict[str, object], code: str) -> None:
    reading = _read(_foreign(), item, _foreign("[url:value = 'https://evil.example.com/']"))
    assert [row.line for row in reading.rows] == [1, 3]
    assert [(problem.line, problem.code) for problem in reading.problems] == [(2, code)]


def test_entries_that_are_no_objects_are_counted() -> None:
    reading = _read(_foreign(), 7, "x", None)
    assert [(problem.code, problem.detail[0]) for problem in reading.problems] == [
        ("not_an_object", "3")
    ]
    assert len(reading.rows) == 1


def test_an_indicator_without_type_is_known_by_its_id() -> None:
    item = _foreign()
    del item["type"]
    assert len(_read(item).rows) == 1


def test_our_own_allow_is_benign_and_read() -> None:
    (row,) = _read(_ours(IndicatorType.DOMAIN_NAME, "good.example.com")).rows
    assert (row.action, row.severity, row.groups) == (Action.ALLOW, Severity.LOW, ("Servers",))
    assert row.description == ""


def test_aliases_come_back_whatever_their_number_and_order() -> None:
    md5, sha1, sha256 = "aa" * 16, "bb" * 20, "cc" * 32
    aliases = (f"FileSha256:{sha256}", f"FileSha1:{sha1}", f"FileSha1:{'dd' * 20}")
    (row,) = _read(_ours(IndicatorType.FILE_MD5, md5, *aliases)).rows
    assert (row.type, row.value) == (IndicatorType.FILE_MD5, md5)
    assert sorted(row.aliases) == sorted(aliases)


def test_a_row_held_by_the_weaker_hash_stays_so() -> None:
    md5, sha256 = "aa" * 16, "cc" * 32
    (row,) = _read(_ours(IndicatorType.FILE_MD5, md5, f"FileSha256:{sha256}")).rows
    assert (row.type, row.value) == (IndicatorType.FILE_MD5, md5)
    assert row.aliases == (f"FileSha256:{sha256}",)


def test_a_bad_hash_costs_only_itself() -> None:
    item = _ours(IndicatorType.FILE_SHA256, "cc" * 32, f"FileSha1:{'bb' * 20}", "FileMd5:aa")
    reading = _read(item)
    assert [row.aliases for row in reading.rows] == [(f"FileSha1:{'bb' * 20}",)]
    assert [problem.code for problem in reading.problems] == ["hash_length"]
    item["pattern"] = item["pattern"].replace("cc" * 32, "cc" * 31)
    reading = _read(item)
    assert [(row.type, row.value) for row in reading.rows] == [(IndicatorType.FILE_SHA1, "bb" * 20)]
    assert [problem.code for problem in reading.problems] == ["hash_length"] * 2


def test_an_edited_export_is_read_as_it_stands() -> None:
    item = _ours(IndicatorType.DOMAIN_NAME, "a.example.com")
    item["pattern"] = "[domain-name:value = 'a.example.com'] OR [ipv4-addr:value = '192.0.2.1']"
    rows = _read(item).rows
    assert [row.value for row in rows] == ["a.example.com", "192.0.2.1"]
    assert {row.action for row in rows} == {Action.ALLOW}


def test_json_without_stix() -> None:
    with pytest.raises(BundleError, match=r"x\.json holds no STIX object"):
        read_stix({"a": {"b": 1}}, "x.json")


def test_values_are_repaired_as_those_of_feeds_are() -> None:
    sha1 = "ab" * 20
    reading = _read(
        _foreign(f"[file:hashes.sha256 = '{sha1}']"),
        _foreign("[url:value = 'a.example.com/x']"),
        _foreign(),
    )
    hash_row, url, plain = reading.rows
    assert (hash_row.type, hash_row.value) == (IndicatorType.FILE_SHA1, sha1)
    assert hash_row.repairs == ("hash_key_spelling", "hash_length_decides")
    assert (url.value, url.repairs) == ("http://a.example.com/x", ("scheme_missing",))
    assert plain.repairs == ()
