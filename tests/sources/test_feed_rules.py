"""A rule at the head of a feed.toml, and not one other byte."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FeedDefinitionError
from tidegate.feed import Then, parse_feed
from tidegate.indicators.kinds import Action, Severity
from tidegate.sources.catalogue import shipped_folder
from tidegate.sources.feed_rules import with_rule

HEAD = """# Ours, since the spring.
id = "acme"  # as the folder
source = { kind = "bundle", path = "x.json" }
"""
RULES = """
[share]
floor = 5

# The vendor says so:
#   by phone.
[[rule]]  # first
name = "confident"
when = { confidence = ">=80" }
then = { action = "block" }

[[ rule ]]
name = "rest"
then = { action = "skip" }

[default]
action = "alert"
"""


def outcome(action: Action, severity: Severity = Severity.LOW, **more: Any) -> Then:  # noqa: ANN401 - its other fields
    fields: dict[str, Any] = {"groups": (), "expires": timedelta(days=30), "category": "", **more}
    return Then(action=action, severity=severity, **fields)


WARN = outcome(Action.WARN, groups=('a "b"', "é"))
NEVER = outcome(Action.ALERT_ONLY, Severity.HIGH, expires=None, category="Malware")


def names(text: str) -> list[str]:
    return [rule.name for rule in parse_feed(tomllib.loads(text), "feed.toml").rules]


def test_it_stands_first_and_all_else_stays() -> None:
    before = HEAD + RULES
    after = with_rule(before, ["b.example.com", "a.example.com"], WARN, "feed.toml")
    start = after.index("[[rule]]")
    end = after.index("# The vendor says so:")
    assert after[:start] + after[end:] == before
    rule = tomllib.loads(after)["rule"][0]
    assert rule["when"] == {"value": ["a.example.com", "b.example.com"]}
    assert rule["then"] == {
        "action": "Warn",
        "severity": "Low",
        "groups": ['a "b"', "é"],
        "expires": "30d",
    }
    assert names(after) == ["by hand: Warn, Low", "confident", "rest"]


@pytest.mark.parametrize(
    "text", [HEAD, HEAD.rstrip(), HEAD + "\n\n", HEAD + '[default]\naction="skip"']
)
def test_without_rules_it_is_the_last_table(text: str) -> None:
    after = with_rule(text, ["a.example.com"], NEVER, "feed.toml")
    assert after.startswith(text)
    (rule,) = parse_feed(tomllib.loads(after), "feed.toml").rules
    assert rule.then == NEVER


def test_further_values_join_the_first_rule_when_it_says_the_same() -> None:
    once = with_rule(HEAD + RULES, ["a.example.com"], WARN, "f")
    twice = with_rule(once, ["c.example.com", "b.example.com"], WARN, "f")
    assert names(twice) == names(once)
    (first, *_) = tomllib.loads(twice)["rule"]
    assert first["when"]["value"] == ["a.example.com", "b.example.com", "c.example.com"]
    other = with_rule(twice, ["a.example.com"], NEVER, "f")
    assert names(other)[:2] == ["by hand: Alert only, High", "by hand: Warn, Low"]
    # What is so already needs no word; what is overruled above does.
    assert with_rule(other, ["b.example.com"], WARN, "f") == other
    again = with_rule(other, ["a.example.com", "b.example.com"], WARN, "f")
    assert names(again)[0] == "by hand: Warn, Low (2)"
    assert tomllib.loads(again)["rule"][0]["when"]["value"] == ["a.example.com"]


def test_a_rule_of_people_that_asks_for_more_is_not_added_to() -> None:
    theirs = HEAD + (
        '[[rule]]\nname = "x"\nwhen = { value = ["a.example.com"], type = "domain" }\n'
        'then = { action = "Warn", severity = "Low", expires = "30d" }\n'
    )
    same = WARN.model_copy(update={"groups": ()})
    after = with_rule(theirs, ["b.example.com"], same, "f")
    assert names(after) == ["by hand: Warn, Low", "x"]
    catch_all = (
        HEAD
        + '[[rule]]\nname = "x"\nthen = { action = "Warn", severity = "Low", expires = "30d" }\n'
    )
    assert names(with_rule(catch_all, ["b.example.com"], same, "f")) == ["by hand: Warn, Low", "x"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + 'rule = [ { name = "x", then = { action = "Warn" } } ]\n', "write its rules as"),
        (HEAD + '[default]\naction = "skip"\n[x', "mend the file"),
        (HEAD + "trust = 500\n", "trust"),
        (HEAD + 'description = """\n[[rule]]\n"""\n' + RULES, "put this one in by hand"),
    ],
)
def test_a_file_that_cannot_take_a_rule_is_refused(text: str, told: str) -> None:
    with pytest.raises(FeedDefinitionError, match=r"^f: ") as refused:
        with_rule(text, ["a.example.com"], WARN, "f")
    assert told in str(refused.value)


def test_allow_needs_the_permission_of_the_policy() -> None:
    allow = outcome(Action.ALLOW)
    with pytest.raises(FeedDefinitionError, match="permit_allow"):
        with_rule(HEAD, ["a.example.com"], allow, "f")
    after = with_rule(f"permit_allow = true\n{HEAD}", ["a.example.com"], allow, "f")
    assert tomllib.loads(after)["rule"][0]["then"]["action"] == "Allow"


def test_every_shipped_feed_takes_a_rule() -> None:
    shipped = shipped_folder()
    assert shipped is not None
    for path in shipped.glob("*/feed.toml"):
        text = path.read_text("utf-8")
        after = with_rule(
            with_rule(text, ["a.example.com"], WARN, "f"), ["b.example.com"], WARN, "f"
        )
        assert names(after) == ["by hand: Warn, Low", *names(text)]
        assert set(text.splitlines()) <= set(after.splitlines())


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 5), min_size=1),
            st.sampled_from([Action.WARN, Action.BLOCK, Action.ALERT_ONLY]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_last_word_on_each_value_holds(decisions: list[tuple[set[int], Action]]) -> None:
    text = HEAD + RULES
    last: dict[str, Then] = {}
    for numbers, action in decisions:
        then = outcome(action)
        values = [f"h{number}.example.com" for number in numbers]
        text = with_rule(text, values, then, "f")
        last.update(dict.fromkeys(values, then))
    rules = parse_feed(tomllib.loads(text), "f").rules
    for value, then in last.items():
        assert next(rule.then for rule in rules if value in rule.when.value) == then
    assert [rule.name for rule in rules][-2:] == ["confident", "rest"]
