"""One atom of a pattern: repaired or not, decayed or not, with all that is known around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from strategies.builders import stix_indicator
from tidegate.feed import parse_feed
from tidegate.indicators.kinds import Action, Dialect, IndicatorType
from tidegate.mapping.candidate import Candidate, Rejection
from tidegate.mapping.context import Telling
from tidegate.mapping.guard import Guards, GuardSettings, Verdict
from tidegate.mapping.judge import Judge, unrepaired
from tidegate.mapping.policy import facts_of
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.context import ALONE, Surroundings, Threat
from tidegate.stix.objects import StixIndicator, read_indicator
from tidegate.stix.pattern import read_pattern

NOW = datetime(2026, 1, 10, tzinfo=UTC)
EVIDENCE = NOW - timedelta(days=2)
SHA256 = "ab" * 32
GUARDS = Guards(GuardSettings(documentation=Verdict.WARN))
RANSOMWARE = Surroundings(
    threats=(Threat("malware--1", "malware", "Locker", ("ransomware",), ("T1486",)),), sightings=3
)


def judged(
    atom: PatternAtom, around: Surroundings = ALONE, confidence: int | None = None, **policy: object
) -> Candidate | Rejection:
    source = {"kind": "bundle", "path": "f.json"}
    default = {"action": "Alert only", "expires": "30d"}
    definition = parse_feed(
        {"id": "f", "source": source, "default": default, **policy}, "feed.toml"
    )
    subject = read_indicator(stix_indicator(confidence=confidence))
    assert isinstance(subject, StixIndicator)
    telling = Telling.of(subject, around, definition, "amber")
    facts = facts_of(subject, "amber", NOW - EVIDENCE, telling.words)
    return Judge(telling, GUARDS, Dialect.TODAY, facts, EVIDENCE, NOW).judge(atom, 0)


def candidate(
    atom: PatternAtom, around: Surroundings = ALONE, confidence: int | None = None, **policy: object
) -> Candidate:
    found = judged(atom, around, confidence, **policy)
    assert isinstance(found, Candidate)
    return found


def rule(when: dict[str, Any], **then: object) -> list[dict[str, Any]]:
    return [{"name": "r", "when": when, "then": {"action": "Alert and block", **then}}]


FILE = PatternAtom(IndicatorType.FILE_SHA256, SHA256)
NAMED = PatternAtom(IndicatorType.FILE_SHA256, SHA256, beside=(("file:name", "offer.pdf"),))
(TWICE,) = read_pattern(f"[file:hashes.'SHA-256' = '{SHA256}' AND file:hashes.'SHA-1' = 'x']")


def test_a_rule_may_ask_what_it_indicates() -> None:
    blocked = rule({"indicates": ["Ransomware"]})
    found = candidate(FILE, RANSOMWARE, rule=blocked)
    assert (found.rule, found.action) == ("r", Action.ALERT_AND_BLOCK)
    assert (found.category, found.mitre, found.sightings) == ("Ransomware", ("T1486",), 3)
    assert candidate(FILE, rule=blocked).rule == "default"


@pytest.mark.parametrize(
    ("beside", "atom", "met"),
    [
        (["file:name"], NAMED, True),
        (["file:size"], NAMED, False),
        (["file:hashes.'SHA-1'"], TWICE, True),
        (["file:name", "nothing"], FILE, True),
        (["nothing"], NAMED, False),
        (["nothing"], FILE, True),
        (["file:name"], FILE, False),
    ],
)
def test_a_rule_may_ask_what_stood_beside(
    beside: list[str], atom: PatternAtom, *, met: bool
) -> None:
    assert (candidate(atom, rule=rule({"beside": beside})).rule == "r") is met


def test_what_stood_beside_is_kept_and_told_as_widening() -> None:
    found = candidate(NAMED)
    assert found.widening == ("other_names",)
    assert found.context == {"file_name": ("offer.pdf",)}
    assert candidate(FILE).widening == ()
    domain = candidate(PatternAtom(IndicatorType.DOMAIN_NAME, "a.example.com"))
    assert domain.widening == ("subdomains",)


def test_the_texts_of_the_rule_are_filled_in() -> None:
    texts = {"title": "{threat} {value}", "recommended_actions": "Isolate {type}"}
    found = candidate(FILE, RANSOMWARE, rule=rule({}, **texts, category="Execution"))
    assert found.title == f"Locker {SHA256}"
    assert found.recommended_actions == "Isolate FileSha256"
    assert found.category == "Execution"


def test_bounds_of_the_feed_shorten_the_term() -> None:
    bounds = {"max": {"FileSha256": "7d"}, "decay": {"until": 25}}
    assert candidate(FILE, ALONE, 100, expiry=bounds).expires == EVIDENCE + timedelta(days=5.25)
    assert candidate(FILE, ALONE, None, expiry=bounds).expires == EVIDENCE + timedelta(days=3.5)
    low = judged(FILE, ALONE, 25, expiry=bounds)
    assert isinstance(low, Rejection)
    assert low.code == "decayed"


def test_only_what_is_switched_off_is_refused() -> None:
    source = {"kind": "bundle", "path": "f.json"}
    policy = parse_feed(
        {"id": "f", "source": source, "repairs": {"refanged": False, "id_not_uuid": True}},
        "feed.toml",
    )
    assert unrepaired(policy, ("id_not_uuid", "alias_dropped")) is None
    found = unrepaired(policy, ("id_not_uuid", "refanged"))
    assert found is not None
    assert found.detail.startswith("refanged is switched off")
