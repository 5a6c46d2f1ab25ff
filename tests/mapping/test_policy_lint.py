"""Rules that never decide, and confidence that gets less: found, named and proven."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.feed import FeedDefinition, parse_feed
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.mapping.policy import DEFAULT_RULE, Facts, decide, matches
from tidegate.mapping.policy_lint import (
    NOT_ALL_TRIED,
    NOT_MONOTONE,
    SHADOWED,
    UNREACHABLE,
    Finding,
    lint,
)
from tidegate.stix.markings import LEVELS

BLOCK = {"action": "Alert and block", "severity": "High"}
ALERT = {"action": "Alert only", "severity": "Low"}
SKIP = {"action": "skip"}


def feed(*rules: tuple[dict[str, Any], dict[str, Any]], **default: str) -> FeedDefinition:
    """A policy whose rules are named a, b, c …"""
    return parse_feed(
        {
            "id": "f",
            "source": {"kind": "bundle", "path": "f.json"},
            "permit_allow": True,
            "rule": [
                {"name": chr(ord("a") + n), "when": when, "then": then}
                for n, (when, then) in enumerate(rules)
            ],
            "default": default or ALERT,
        },
        "feed.toml",
    )


def codes(found: tuple[Finding, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.code, finding.rules) for finding in found]


@pytest.mark.parametrize(
    ("earlier", "later", "hidden"),
    [
        ({}, {"type": "ip"}, True),
        ({"type": ["ip", "domain"]}, {"type": "ip"}, True),
        ({"type": "ip"}, {"type": ["ip", "domain"]}, False),
        ({"confidence": ">=50"}, {"confidence": ">=80"}, True),
        ({"confidence": ">=50"}, {"confidence": ">49"}, True),
        ({"confidence": ">=80"}, {"confidence": ">=50"}, False),
        ({"confidence": "present"}, {"confidence": "<10"}, True),
        ({"confidence": ">=0"}, {"confidence": "absent"}, False),
        ({"labels": ["x", "y"]}, {"labels": ["y"]}, True),
        ({"labels": ["y"]}, {"labels": ["x", "y"]}, False),
        ({"labels": ["x"]}, {"indicator_types": ["x"]}, False),
        ({"labels": ["x"]}, {"labels": ["x"], "confidence": ">5"}, True),
        ({"type": "domain"}, {"value": ["a.example.com", "b.example.com"]}, True),
        ({"value": ["a.example.com"]}, {"value": ["a.example.com", "b.example.com"]}, False),
        ({"kill_chain": ["delivery", "x"]}, {"kill_chain": "Delivery"}, True),
        ({"kill_chain": ["delivery"]}, {"kill_chain": ["delivery", "x"]}, False),
        ({"creator": ["identity--1", "identity--2"]}, {"creator": "identity--2"}, True),
        ({"creator": "identity--1"}, {"creator": "identity--2"}, False),
        ({"creator": "identity--1"}, {"tlp": "red"}, False),
        ({"tlp": ["red", "amber"]}, {"tlp": "red", "age": "<1d"}, True),
        ({"tlp": ["clear", "green", "amber", "amber+strict", "red"]}, {"labels": "x"}, True),
        ({"age": "<30d"}, {"age": "<=29d"}, True),
        ({"age": "<30d"}, {"age": "<=30d"}, False),
        ({"age": ">=2d"}, {"age": ">48h"}, True),
    ],
)
def test_a_rule_behind_a_wider_one_never_decides(
    earlier: dict[str, Any], later: dict[str, Any], *, hidden: bool
) -> None:
    found = lint(feed((earlier, ALERT), (later, ALERT)))
    assert codes(found) == ([(SHADOWED, ("b", "a"))] if hidden else [])
    if hidden:
        assert found[0].detail == 'rule "b" never decides: "a" before it takes all that it would'


def test_several_rules_together_hide_one() -> None:
    found = lint(
        feed(
            ({"confidence": ">=50"}, ALERT),
            ({"type": "ip"}, ALERT),
            ({"confidence": "<50"}, ALERT),
            ({"confidence": "absent"}, ALERT),
            ({"labels": ["x"]}, ALERT),
        )
    )
    assert codes(found) == [(SHADOWED, ("e", "a", "b", "c", "d"))]
    assert '"a" and "b" and "c" and "d" before it take all' in found[0].detail


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ({"confidence": ">100"}, 'no confidence is ">100"'),
        ({"confidence": "<0"}, 'no confidence is "<0"'),
        ({"labels": ["Benign"]}, "benign is rejected before any rule"),
        ({"indicator_types": "benign"}, "benign is rejected before any rule"),
        ({"type": "ip", "value": "a.example.com"}, "no value of its types"),
        ({"type": "sha256", "value": "ab" * 16}, ""),
        ({"type": "md5", "value": "ab" * 32}, "no value of its types"),
        ({"type": "cert", "value": "ab" * 20}, ""),
        ({"labels": ["benign", "phishing"]}, ""),
    ],
)
def test_a_rule_that_no_object_can_meet_is_named(when: dict[str, Any], why: str) -> None:
    found = lint(feed((when, ALERT)))
    assert codes(found) == ([(UNREACHABLE, ("a",))] if why else [])
    assert all(why in finding.detail for finding in found)


def test_more_confidence_that_gets_less_is_proven_by_two_confidences() -> None:
    policy = feed(
        ({"type": "domain", "labels": ["c2"], "confidence": "<60"}, BLOCK),
        ({"confidence": ">=90"}, BLOCK),
    )
    (found,) = lint(policy)
    assert (found.code, found.rules, found.confidences) == (
        NOT_MONOTONE,
        ("a", DEFAULT_RULE),
        (59, 60),
    )
    assert found.detail == (
        "more confidence gets less, as for DomainName with c2: confidence 59 gets Alert and block, "
        'High by "a"; confidence 60 gets Alert only, Low by "default"'
    )
    assert found.record()["confidences"] == [59, 60]


def test_the_proof_names_publisher_level_and_age() -> None:
    when = {"creator": "identity--1", "tlp": "red", "age": "<2d", "kill_chain": "delivery"}
    (found,) = lint(feed(({**when, "confidence": "<50"}, BLOCK)))
    assert "for any type with delivery, identity--1, TLP red, an age of 0 days: " in found.detail


def test_two_words_of_one_object_can_be_the_proof() -> None:
    policy = feed(
        ({"labels": ["x"], "confidence": "<50"}, BLOCK),
        ({"labels": ["y"]}, ALERT),
        action="Alert and block",
        severity="High",
    )
    (found,) = lint(policy)
    assert (found.rules, found.confidences) == (("a", "b"), (49, 50))
    assert "with x, y" in found.detail


@pytest.mark.parametrize(
    ("low", "high", "falls"),
    [
        (SKIP, ALERT, False),
        (ALERT, SKIP, True),
        ({"action": "block", "severity": "Low"}, {"action": "block", "severity": "High"}, False),
        ({"action": "block", "severity": "High"}, {"action": "block", "severity": "Low"}, True),
        ({"action": "alert", "severity": "High"}, {"action": "block", "severity": "Low"}, True),
        ({"action": "skip", "severity": "High"}, {"action": "alert", "severity": "Low"}, False),
        ({"action": "blockonly"}, {"action": "block"}, False),
        ({"action": "block"}, {"action": "warn"}, True),
        (SKIP, {"action": "allow"}, False),
        (ALERT, {"action": "allow"}, True),
    ],
)
def test_what_counts_as_less(low: dict[str, Any], high: dict[str, Any], *, falls: bool) -> None:
    policy = feed(({"confidence": "<50"}, low), ({"confidence": ">=50"}, high), action="skip")
    assert [f.confidences for f in lint(policy)] == ([(49, 50)] if falls else [])


def test_no_confidence_is_unknown_and_only_full_confidence_stands_above_it() -> None:
    assert lint(feed(({"confidence": "absent"}, ALERT), ({"confidence": "<10"}, SKIP))) == ()
    (found,) = lint(feed(({"confidence": "absent"}, BLOCK)))
    assert (found.rules, found.confidences) == (("a", DEFAULT_RULE), (None, 100))
    assert "no confidence gets Alert and block" in found.detail


def test_a_policy_of_too_many_words_is_not_called_monotone() -> None:
    many = [({"labels": [f"x{n}"], "confidence": ">5"}, BLOCK) for n in range(9)]
    assert lint(feed(*many)) == ()
    assert codes(lint(feed(*many), tries=100))[-1] == (NOT_ALL_TRIED, ())


WORDS = ("benign", "x", "y", "z")
CONFIDENCES = (">=80", "<50", "<=20", ">50", "=50", "absent", "present", ">100", None)
VALUES = ("a.example.com", "192.0.2.1", "ab" * 16, "ab" * 32)
PHASES = ("delivery", "exploitation")
CREATORS = ("", "identity--1", "identity--2")
THREATS = ("malware", "emotet")
PATHS = ("file:name", "file:size")
AGES = tuple(timedelta(days=days) for days in (0, 0.5, 1, 30, 31, 90, 91))
SOME_WORDS = st.lists(st.sampled_from(WORDS), max_size=2, unique=True)
WHEN = st.fixed_dictionaries(
    {"labels": SOME_WORDS, "indicator_types": SOME_WORDS},
    optional={
        "type": st.sampled_from(["ip", "domain", "sha256", "md5"]),
        "confidence": st.sampled_from([c for c in CONFIDENCES if c]),
        "value": st.lists(st.sampled_from(VALUES), min_size=1, max_size=2),
        "kill_chain": st.lists(st.sampled_from(PHASES), min_size=1, max_size=2),
        "creator": st.lists(st.sampled_from(CREATORS[1:]), min_size=1, max_size=2),
        "tlp": st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4, unique=True),
        "age": st.sampled_from(["<30d", ">=30d", ">90d", "<=12h"]),
        "indicates": st.lists(st.sampled_from(THREATS), min_size=1, max_size=2, unique=True),
        "beside": st.lists(
            st.sampled_from([*PATHS, "nothing"]), min_size=1, max_size=2, unique=True
        ),
    },
)
THEN = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["skip", "Alert only", "Alert and block", "Allow"]),
        "severity": st.sampled_from(["Low", "High"]),
    }
)
POLICY = st.lists(st.tuples(WHEN, THEN), max_size=5)
NAMES: dict[IndicatorType, list[tuple[str, ...]]] = {
    IndicatorType.DOMAIN_NAME: [("a.example.com",), ("other.example.com",)],
    IndicatorType.IP_ADDRESS: [("192.0.2.1",), ("192.0.2.2",)],
    IndicatorType.URL: [("http://a.example.com/",)],
    IndicatorType.FILE_SHA256: [("ab" * 32,), ("ab" * 32, "ab" * 16), ("cd" * 32, "ab" * 16)],
    IndicatorType.FILE_MD5: [("ab" * 16,), ("cd" * 16,)],
}
CONFIDENCE = st.none() | st.integers(0, 100)
SUBSET = st.frozensets(st.sampled_from([*WORDS[1:], "other"]))


@settings(max_examples=60)
@given(POLICY, st.data())
def test_every_object_gets_a_decision_and_the_first_rule_that_matches(
    rules: list[tuple[dict[str, Any], dict[str, Any]]], data: st.DataObject
) -> None:
    policy = feed(*rules, action="Alert only", severity="Low")
    facts = Facts(data.draw(CONFIDENCE), data.draw(SUBSET), data.draw(SUBSET))
    kind = data.draw(st.sampled_from(list(IndicatorType)))
    decision = decide(facts, policy, kind, ("a.example.com",))
    met = [r.name for r in policy.rules if matches(r.when, facts, kind, ("a.example.com",))]
    assert decision.rule == [*met, DEFAULT_RULE][0]
    assert decision.action in (None, *Action)
    assert decision.severity in Severity


@settings(max_examples=40)
@given(POLICY, st.randoms(use_true_random=False))
def test_what_is_called_sound_is_sound_for_whatever_object(
    rules: list[tuple[dict[str, Any], dict[str, Any]]], draw: random.Random
) -> None:
    policy = feed(*rules, action="Alert only", severity="Low")
    found = lint(policy)
    silent = {f.rules[0] for f in found if f.code in (SHADOWED, UNREACHABLE)}
    monotone = not any(f.code == NOT_MONOTONE for f in found)
    strength = {None: 0, Action.ALLOW: 0, Action.ALERT_ONLY: 1, Action.ALERT_AND_BLOCK: 2}
    words = [*WORDS[1:], "other"]
    for _ in range(40):
        kind = draw.choice(list(NAMES))
        names = draw.choice(NAMES[kind])
        types = frozenset(draw.sample(words, draw.randrange(4)))
        labels = frozenset(draw.sample(words, draw.randrange(4)))
        phases = tuple(f"chain:{word}" for word in draw.sample(PHASES, draw.randrange(3)))
        threats = frozenset(draw.sample(THREATS, draw.randrange(3)))
        paths = frozenset(draw.sample([*PATHS, "file:other"], draw.randrange(3)))
        published = (phases, draw.choice(CREATORS), draw.choice(LEVELS), draw.choice(AGES))
        context = (*published, threats, paths)
        ends = [
            decide(Facts(c, types, labels, *context), policy, kind, names)
            for c in (None, 0, 20, 21, 49, 50, 51, 79, 80, 100)
        ]
        assert not silent & {end.rule for end in ends}
        if monotone:
            ranks = [strength[end.action] for end in ends]
            assert ranks[1:] == sorted(ranks[1:])
            assert ranks[0] <= ranks[-1]


@settings(max_examples=60)
@given(POLICY)
def test_each_proof_holds(rules: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    policy = feed(*rules, action="Alert only", severity="Low")
    thens = {rule.name: rule.then for rule in policy.rules} | {DEFAULT_RULE: policy.default}
    for finding in lint(policy):
        if finding.confidences is not None:
            low, high = finding.confidences
            assert low is None or low < high
            lower, higher = (thens[name] for name in finding.rules)
            assert (lower.action, lower.severity) != (higher.action, higher.severity)
