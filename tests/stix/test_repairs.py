"""Every repair is reached by what calls for it, and can be switched off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from strategies.builders import stix_indicator
from tidegate.feed import FeedDefinition, parse_feed
from tidegate.indicators.kinds import Dialect
from tidegate.mapping.candidate import Outcome
from tidegate.mapping.guard import Guards, GuardSettings, Verdict
from tidegate.mapping.translate import translate
from tidegate.stix import repairs
from tidegate.stix.objects import Defect, read_indicator
from tidegate.stix.repairs import FIELD, REPAIRS

NOW = datetime(2026, 1, 10, tzinfo=UTC)
GUARDS = Guards(GuardSettings(documentation=Verdict.WARN))
SHA256, SHA1 = "ab" * 32, "cd" * 20

NEEDED: dict[str, dict[str, Any]] = {
    repairs.ALIAS_DROPPED: {
        "pattern": f"[file:hashes.'SHA-256' = '{SHA256}' AND file:hashes.MD5 = 'x']"
    },
    repairs.COMPARISON_QUOTED: {"pattern": "[\"domain-name:value = 'a.example.com'\"]"},
    repairs.CONFIDENCE_IGNORED: {"confidence": "high"},
    repairs.HASH_KEY_SPELLING: {"pattern": f"[file:hashes.sha256 = '{SHA256}']"},
    repairs.HASH_KEY_UNQUOTED: {"pattern": f"[file:hashes.SHA-256 = '{SHA256}']"},
    repairs.HASH_LENGTH_DECIDES: {"pattern": f"[file:hashes.'SHA-256' = '{SHA1}']"},
    repairs.ID_NOT_UUID: {"id": "indicator--0620a60fa7f0c8edffa95cb881136f55"},
    repairs.IP_IN_DOMAIN: {"pattern": "[domain-name:value = '192.0.2.7']"},
    repairs.PATTERN_TYPE_MISSING: {"pattern_type": None},
    repairs.PATTERN_TYPE_SPELLING: {"pattern_type": "stix2"},
    repairs.REFANGED: {"pattern": "[domain-name:value = 'a[.]example[.]com']"},
    repairs.SCHEME_MISSING: {"pattern": "[url:value = 'a.example.com/x']"},
    repairs.SPEC_VERSION_INFERRED: {"spec_version": "indicator"},
    repairs.TIMESTAMPS_INFERRED: {"modified": None},
    repairs.TYPE_MISSING: {"type": None},
}
"""What calls for each repair; `not_a_bundle` is a file's, and tested with files."""


def feed(**switches: bool) -> FeedDefinition:
    source = {"kind": "bundle", "path": "f.json"}
    default = {"action": "Alert only", "expires": "30d"}
    data = {"id": "f", "source": source, "default": default, "repairs": switches}
    return parse_feed(data, "feed.toml")


def outcome(changes: dict[str, Any], policy: FeedDefinition) -> Outcome:
    read = read_indicator(stix_indicator(**changes))
    assert not isinstance(read, Defect)
    return translate(read, policy, GUARDS, Dialect.TODAY, None, NOW)


def test_each_repair_has_something_that_calls_for_it() -> None:
    assert set(NEEDED) | {repairs.NOT_A_BUNDLE} == set(REPAIRS)


def test_what_is_sound_needs_none() -> None:
    (found,) = outcome({}, feed(**dict.fromkeys(REPAIRS, False))).candidates
    assert found.repairs == ()


@pytest.mark.parametrize("name", NEEDED)
def test_a_repair_is_told_and_counted_by_name(name: str) -> None:
    found = outcome(NEEDED[name], feed())
    assert found.candidates[0].repairs == (name,)
    assert found.repairs == {name}


@pytest.mark.parametrize("name", NEEDED)
def test_what_needs_a_repair_that_is_off_is_rejected_by_its_name(name: str) -> None:
    (found,) = outcome(NEEDED[name], feed(**{name: False})).rejections
    assert found.code == "not_repaired"
    assert found.detail == f"{name} is switched off: {REPAIRS[name]}"
    assert found.field == FIELD.get(name, "pattern")
    assert (found.position is None) is (name in FIELD)
    others = dict.fromkeys(set(REPAIRS) - {name}, False)
    assert outcome(NEEDED[name], feed(**others)).candidates


def test_a_sentence_for_each() -> None:
    assert all(text and text.isprintable() for text in REPAIRS.values())
