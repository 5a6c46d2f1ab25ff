"""Rules and the default: conditions, outcomes, and words that are nearly right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from tidegate.feed import FeedDefinition
from tidegate.indicators.kinds import Action, IndicatorType, Severity

Read = Callable[[Mapping[str, object]], FeedDefinition]
Said = Callable[[Mapping[str, object]], str]


def test_rule_is_read(read: Read) -> None:
    rule = read({}).rules[0]
    assert rule.when.type == (IndicatorType.DOMAIN_NAME, IndicatorType.IP_ADDRESS)
    assert rule.when.indicator_types == ("malicious-activity",)
    assert rule.then.action is Action.ALERT_AND_BLOCK
    assert rule.then.expires == timedelta(days=30)


def test_words_are_read_as_people_write_them(read: Read) -> None:
    rule = read(
        {
            "rule.0.when.type": "sha256",
            "rule.0.then.action": "block",
            "rule.0.then.severity": "info",
            "rule.0.then.category": "command and control",
        }
    ).rules[0]
    assert rule.when.type == (IndicatorType.FILE_SHA256,)
    assert rule.then.action is Action.ALERT_AND_BLOCK
    assert rule.then.severity is Severity.INFORMATIONAL
    assert rule.then.category == "CommandAndControl"


def test_skip_is_no_action(read: Read) -> None:
    assert read({}).rules[1].then.action is None


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("rule.0.wehn", {}, "rule 1: unknown key `wehn` – did you mean `when`?"),
        ("rule.1.then.expire", "1d", "rule 2: `then`: unknown key `expire` – did you mean"),
        ("rule.0.then", ..., "rule 1: `then` is missing"),
        ("rule.0.when.type", ["Domian"], 'unknown type "Domian" – did you mean "DomainName"?'),
        ("rule.0.when.confidence", "80+", 'rule 1: `when.confidence`: "80+" is none of'),
        ("rule.0.when.confidence", ">=101", '`when.confidence`: ">=101" is none of'),
        ("rule.0.when.value", ["what?"], 'rule 1: `when.value`: "what?" is no value: '),
        ("rule.0.when.value", [5], "`when.value`: must be text in quotes"),
        ("rule.0.then.action", "blok", 'unknown action "blok" – did you mean "Block"?'),
        ("rule.0.then.severity", 3, "`then.severity`: must be text in quotes"),
        ("rule.0.then.category", "Malwar", 'unknown category "Malwar" – did you mean "Malware"?'),
    ],
)
def test_every_fault_is_one_line_naming_the_key(
    said: Said, path: str, value: object, sentence: str
) -> None:
    assert sentence in said({path: value})
