"""The definition as a whole: what is understood, and the one line said about everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tidegate.errors import FeedDefinitionError
from tidegate.feed import FeedDefinition, parse_feed
from tidegate.indicators.kinds import Action, Severity

Read = Callable[[Mapping[str, object]], FeedDefinition]
Said = Callable[[Mapping[str, object]], str]

SMALLEST: dict[str, object] = {
    "id": "x",
    "title": "X",
    "licence": "CC0-1.0",
    "trust": 1,
    "tlp_default": "TLP:WHITE",
    "source": {"kind": "bundle", "path": "x.json"},
}


def test_whole_definition_is_read(read: Read) -> None:
    feed = read({})
    assert (feed.id, feed.trust, feed.tlp_default, feed.enabled) == ("acme-c2", 70, "amber", True)
    assert feed.every == timedelta(hours=1)
    assert (feed.share.floor, feed.share.ceiling) == (500, 6000)
    assert [rule.name for rule in feed.rules] == ["confident C2 is blocked", "rumours are left out"]


def test_rules_inherit_from_default_what_they_do_not_say(read: Read) -> None:
    feed = read({})
    assert [rule.then.severity for rule in feed.rules] == [Severity.LOW, Severity.LOW]
    assert feed.rules[0].then.groups == ("Servers",)
    assert feed.rules[0].then.expires == timedelta(days=30)
    assert feed.rules[1].then.expires == timedelta(days=14)
    assert feed.rules[0].then.category == "CommandAndControl"
    assert feed.default.action is Action.ALERT_ONLY


def test_a_rule_says_never_although_the_default_does_not(read: Read) -> None:
    assert read({"rule.0.then.expires": "never"}).rules[0].then.expires is None


def test_fault_in_the_default_is_not_blamed_on_rules(said: Said) -> None:
    assert said({"default.severity": "Hgh"}).startswith("`default.severity`: ")


def test_which_hashes_of_a_file_get_a_row(read: Read, said: Said) -> None:
    assert not read({}).each_hash
    assert not read({"aliases": "strongest"}).each_hash
    assert read({"aliases": "all"}).each_hash
    assert said({"aliases": "both"}).startswith("`aliases`: must be one of")


def test_smallest_definition_gets_cautious_defaults() -> None:
    feed = parse_feed(SMALLEST, "feed.toml")
    assert feed.tlp_default == "clear"
    assert (feed.every, feed.rules, feed.permit_allow) == (None, (), False)
    assert feed.default.action is Action.ALERT_ONLY
    assert feed.default.severity is Severity.MEDIUM
    assert feed.default.expires == timedelta(days=14)


def test_definition_cannot_be_changed(read: Read) -> None:
    feed = read({})
    with pytest.raises(ValidationError):
        feed.trust = 99


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("trsut", 70, "unknown key `trsut` – did you mean `trust`?"),
        ("source", ..., "`source` is missing"),
        ("trust", 170, "`trust`: must be 100 or less, not 170"),
        ("trust", "70", '`trust`: must be a whole number, not "70"'),
        ("trust", True, "`trust`: must be a whole number, not true"),
        ("enabled", "yes", '`enabled`: must be true or false, not "yes"'),
        ("title", "", "`title`: must not be empty"),
        ("id", "Acme C2", '`id`: "Acme C2" is not 1 to 40 of a-z, 0-9 and "-"'),
        ("tlp_default", "ambr", 'unknown TLP level "ambr" – did you mean "amber"?'),
        ("every", "never", '`every`: "never" is not a term such as "1h"'),
        ("every", "soon", 'leave the key out for "on demand"'),
        ("every", "1x", '`every`: "1x" is not a term'),
        ("every", 5, "`every`: 5 is not a term"),
        ("source.kind", "taxi21", '`source`: unknown kind "taxi21" – did you mean "taxii21"?'),
        ("source.kind", ..., "`source` needs a `kind`"),
        ("source", "x", '`source`: must be a table of keys, not "x"'),
        ("rule", {}, "`rule`: write [[rule]] with two brackets"),
        ("rule.0.then.action", "Allow", "creates Allow; that needs `permit_allow = true`"),
        ("default.action", "Allow", "[default] creates Allow"),
        ("rule.1.name", "confident C2 is blocked", "two rules are named"),
        ("share.floor", 7000, "`share`: floor 7000 is above ceiling 6000"),
    ],
)
def test_every_fault_is_one_line_naming_the_key(
    said: Said, path: str, value: object, sentence: str
) -> None:
    assert sentence in said({path: value})


def test_allow_needs_permission(read: Read) -> None:
    feed = read({"rule.0.then.action": "Allow", "permit_allow": True})
    assert feed.rules[0].then.action is Action.ALLOW


def test_further_faults_are_counted(said: Said) -> None:
    assert said({"trust": 170, "enabled": "yes"}).endswith("(and 1 more)")


def test_hostile_key_cannot_reach_the_terminal(said: Said) -> None:
    assert "unknown key" in said({"\x1b[2Jtrust\n": 1})


JSONLIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(
    key=st.sampled_from([*FeedDefinition.model_fields, "rule", "x"]),
    value=JSONLIKE | st.fixed_dictionaries({"kind": JSONLIKE}),
)
def test_anything_in_any_key_is_read_or_said_in_one_line(key: str, value: object) -> None:
    try:
        parse_feed({**SMALLEST, key: value}, "feed.toml")
    except FeedDefinitionError as error:
        said = str(error)
    else:
        said = "fine"
    assert said.isprintable()
