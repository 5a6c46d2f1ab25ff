"""First rule that matches decides; words fold; benign is seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tidegate.feed import FeedDefinition, parse_feed
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.mapping.policy import DEFAULT_RULE, Facts, decide, facts_of
from tidegate.stix.objects import StixIndicator, read_indicator

URL, IP = IndicatorType.URL, IndicatorType.IP_ADDRESS


def feed(*rules: dict[str, object]) -> FeedDefinition:
    return parse_feed(
        {
            "id": "f",
            "title": "F",
            "licence": "CC0-1.0",
            "trust": 50,
            "tlp_default": "amber",
            "source": {"kind": "bundle", "path": "f.json"},
            "rule": list(rules),
            "default": {"action": "Alert only", "severity": "Low", "expires": "7d"},
        },
        "feed.toml",
    )


def facts(
    confidence: int | None = None, types: tuple[str, ...] = (), labels: tuple[str, ...] = ()
) -> Facts:
    return Facts(confidence, frozenset(types), frozenset(labels))


def indicator(**changes: object) -> StixIndicator:
    found = read_indicator(
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": "indicator--1",
            "modified": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
            "pattern": "[url:value = 'x']",
            "pattern_type": "stix",
            **changes,
        }
    )
    assert isinstance(found, StixIndicator)
    return found


def test_first_match_wins_and_the_default_is_last() -> None:
    policy = feed(
        {"name": "one", "when": {"type": "ip"}, "then": {"action": "skip"}},
        {
            "name": "two",
            "when": {"confidence": ">=80"},
            "then": {"action": "Alert and block", "severity": "High", "groups": ["g"]},
        },
        {"name": "three", "when": {"confidence": ">=50"}, "then": {"action": "Warn"}},
    )
    assert decide(facts(90), policy, IP).skip
    blocked = decide(facts(90), policy, URL)
    assert (blocked.rule, blocked.action) == ("two", Action.ALERT_AND_BLOCK)
    assert (blocked.severity, blocked.groups) == (Severity.HIGH, ("g",))
    assert decide(facts(50), policy, URL).rule == "three"
    default = decide(facts(), policy, URL)
    assert (default.rule, default.action) == (DEFAULT_RULE, Action.ALERT_ONLY)
    assert default.expires == timedelta(days=7)


@pytest.mark.parametrize(
    ("when", "given", "matches"),
    [
        ({}, facts(), True),
        ({"confidence": "absent"}, facts(), True),
        ({"confidence": "absent"}, facts(0), False),
        ({"confidence": "<50"}, facts(), False),
        ({"confidence": "<50"}, facts(0), True),
        ({"indicator_types": ["Malicious-Activity"]}, facts(types=("malicious-activity",)), True),
        ({"indicator_types": ["compromised"]}, facts(types=("malicious-activity",)), False),
        ({"labels": ["a", "b"]}, facts(labels=("b", "c")), True),
        ({"labels": ["a"], "type": "url"}, facts(labels=("a",)), True),
        ({"labels": ["a"], "type": "ip"}, facts(labels=("a",)), False),
    ],
)
def test_conditions(when: dict[str, object], given: Facts, *, matches: bool) -> None:
    policy = feed({"name": "r", "when": when, "then": {"action": "Block"}})
    assert (decide(given, policy, URL).rule == "r") is matches


@pytest.mark.parametrize(
    ("values", "rule"),
    [(("a.example.com",), "ours"), (("x", "a.example.com"), "ours"), (("b",), "r"), ((), "r")],
)
def test_a_rule_for_values_asks_for_the_value_or_another_hash(
    values: tuple[str, ...], rule: str
) -> None:
    policy = feed(
        {"name": "ours", "when": {"value": ["A.example.com"]}, "then": {"action": "Warn"}},
        {"name": "r", "when": {"type": "url"}, "then": {"action": "Block"}},
    )
    assert decide(facts(), policy, URL, values).rule == rule
    both = feed(
        {
            "name": "ours",
            "when": {"value": "a.example.com", "type": "ip"},
            "then": {"action": "Warn"},
        }
    )
    assert decide(facts(), both, URL, ("a.example.com",)).rule == DEFAULT_RULE


def test_words_fold_and_2_0_keeps_its_types_in_labels() -> None:
    modern = facts_of(indicator(indicator_types=[" Benign"], labels=["X"]))
    assert modern.benign
    assert modern.labels == {"x"}
    assert not facts_of(indicator(labels=["malicious-activity"])).indicator_types
    old = facts_of(indicator(spec_version="2.0", labels=["Malicious-Activity"]))
    assert old.indicator_types == {"malicious-activity"}
    assert facts_of(indicator(labels=["BENIGN"])).benign
    assert not facts_of(indicator(labels=["benign-looking"])).benign


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({"kill_chain": ["delivery", "command-and-control"]}, True),
        ({"kill_chain": "exploitation"}, False),
        ({"kill_chain": "lockheed"}, False),
        ({"creator": ["identity--acme", "identity--b"]}, True),
        ({"creator": "identity--ACME"}, False),
        ({"tlp": ["amber", "red"]}, True),
        ({"tlp": "clear"}, False),
        ({"age": "<10d"}, True),
        ({"age": ">=10d"}, False),
        ({"age": "<10d", "tlp": "red"}, False),
        ({"age": "<10d", "confidence": ">=50"}, False),
    ],
)
def test_a_rule_may_ask_for_the_context(when: dict[str, object], *, matches: bool) -> None:
    policy = feed({"name": "r", "when": when, "then": {"action": "skip"}})
    phases = [{"kill_chain_name": "lockheed", "phase_name": "Command-and-Control"}]
    found = indicator(created_by_ref="identity--acme", kill_chain_phases=phases, confidence=10)
    given = facts_of(found, "amber", timedelta(days=9))
    assert (decide(given, policy, URL).rule == "r") is matches
    if "confidence" not in when:
        assert decide(facts_of(indicator()), policy, URL).rule == DEFAULT_RULE
