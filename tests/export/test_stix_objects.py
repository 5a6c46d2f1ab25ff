from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.export.stix_objects import (
    TLP_IDS,
    identity_id,
    indicator_object,
    pattern_of,
    uuid4_from,
    writable,
)
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.stix.markings import LEVELS, tlp_of

NOW = datetime(2026, 11, 1, 12, 30, 15, 123_999, tzinfo=UTC)
ROW = Indicator(
    id="1",
    type=IndicatorType.URL,
    value="https://evil.example.com/",
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.HIGH,
    title="t",
    created=NOW,
    updated=NOW,
    origin=Origin.MANUAL,
    note="internal",
)
SPEAKER = identity_id("Example Corp SOC")


@given(st.text())
def test_ids_are_version_4_and_stable(text: str) -> None:
    made = uuid4_from(text)
    read = UUID(made)
    assert str(read) == made
    assert (read.version, read.variant) == (4, RFC_4122)
    assert uuid4_from(text) == made


def test_an_id_belongs_to_speaker_row_and_life() -> None:
    def made(row: Indicator, speaker: str = SPEAKER) -> object:
        return indicator_object(row, speaker)["id"]

    first = made(ROW)
    assert made(replace(ROW, action=Action.WARN, updated=NOW + timedelta(days=1))) == first
    others = {
        made(ROW, identity_id("Another SOC")),
        made(replace(ROW, groups=("Servers",))),
        made(replace(ROW, value="https://evil.example.com/b")),
        made(replace(ROW, created=NOW + timedelta(milliseconds=1))),
    }
    assert len(others | {first}) == 5


@pytest.mark.parametrize(
    ("kind", "value", "aliases", "pattern"),
    [
        (IndicatorType.IP_ADDRESS, "192.0.2.7", (), "[ipv4-addr:value = '192.0.2.7']"),
        (
            IndicatorType.IP_ADDRESS,
            "2001:db8:0:0:0:0:0:1",
            (),
            "[ipv6-addr:value = '2001:db8::1']",
        ),
        (IndicatorType.DOMAIN_NAME, "a.example.com", (), "[domain-name:value = 'a.example.com']"),
        (
            IndicatorType.URL,
            "https://a.example.com/it's\\x",
            (),
            "[url:value = 'https://a.example.com/it\\'s\\\\x']",
        ),
        (
            IndicatorType.CERTIFICATE,
            "a" * 40,
            (),
            f"[x509-certificate:hashes.'SHA-1' = '{'a' * 40}']",
        ),
        (
            IndicatorType.FILE_SHA256,
            "a" * 64,
            ("FileSha1:" + "b" * 40, "FileMd5:" + "c" * 32),
            (
                f"[file:hashes.'SHA-256' = '{'a' * 64}' OR file:hashes.'SHA-1' = '{'b' * 40}'"
                f" OR file:hashes.MD5 = '{'c' * 32}']"
            ),
        ),
    ],
)
def test_patterns(kind: IndicatorType, value: str, aliases: tuple[str, ...], pattern: str) -> None:
    assert pattern_of(replace(ROW, type=kind, value=value, aliases=aliases)) == pattern


def test_an_alias_that_is_no_hash_is_left_out() -> None:
    row = replace(ROW, type=IndicatorType.FILE_MD5, value="c" * 32, aliases=("Unknown:x",))
    assert pattern_of(row) == f"[file:hashes.MD5 = '{'c' * 32}']"


def test_times_are_cut_to_milliseconds() -> None:
    made = indicator_object(replace(ROW, expires=NOW + timedelta(days=1)), SPEAKER)
    assert made["created"] == made["valid_from"] == "2026-11-01T12:30:15.123Z"
    assert made["valid_until"] == "2026-11-02T12:30:15.123Z"


@pytest.mark.parametrize("offset", [timedelta(0), timedelta(days=-3), timedelta(microseconds=900)])
def test_valid_until_is_always_after_valid_from(offset: timedelta) -> None:
    made = indicator_object(replace(ROW, expires=NOW + offset), SPEAKER)
    assert str(made["valid_from"]) < str(made["valid_until"])


def test_modified_is_never_before_created() -> None:
    made = indicator_object(replace(ROW, updated=NOW - timedelta(days=1)), SPEAKER)
    assert made["modified"] == made["created"]


def test_what_is_ours_stays_and_reserved_names_are_absent() -> None:
    row = replace(ROW, pinned=True, feeds=("acme",), rank=7, recommended_actions="Call us.")
    text = repr(indicator_object(row, SPEAKER))
    for word in ("internal", "pinned", "acme", "rank", "manual"):
        assert word not in text
    assert not re.search(r"'(action|severity|username|phone_number)':", text)


@pytest.mark.parametrize(
    ("action", "types"),
    [
        (Action.ALLOW, ["benign"]),
        (Action.ALERT_ONLY, ["anomalous-activity"]),
        (Action.BLOCK, ["malicious-activity"]),
        (Action.WARN, ["malicious-activity"]),
        (Action.ALERT_AND_BLOCK, ["malicious-activity"]),
    ],
)
def test_indicator_types_claim_no_more_than_the_action(action: Action, types: list[str]) -> None:
    assert indicator_object(replace(ROW, action=action), SPEAKER)["indicator_types"] == types


def test_confidence_nought_is_not_absent() -> None:
    assert indicator_object(replace(ROW, confidence=0), SPEAKER)["confidence"] == 0
    assert "confidence" not in indicator_object(ROW, SPEAKER)


def test_every_level_has_its_marking() -> None:
    assert tuple(TLP_IDS) == LEVELS
    for level, marking in TLP_IDS.items():
        assert tlp_of([marking]) == level


def test_surrogates_become_writable() -> None:
    assert writable({"a": ["x\ud800y", 1]}) == {"a": ["x\ufffdy", 1]}
    assert writable("€ 😀") == "€ 😀"
