"""As few objects as can be that tell the rules apart; test_policy_lint proves that they do."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.feed import parse_feed
from tidegate.indicators.kinds import IndicatorType
from tidegate.mapping.policy_objects import EnoughError, Run, World, possible

SHA256, SHA1, MD5 = "ab" * 32, "ab" * 20, "ab" * 16


def world(*whens: dict[str, Any]) -> World:
    rules = [
        {"name": str(n), "when": when, "then": {"action": "skip"}} for n, when in enumerate(whens)
    ]
    source = {"kind": "bundle", "path": "f.json"}
    return World(parse_feed({"id": "f", "source": source, "rule": rules}, "feed.toml"))


def test_confidences_are_told_apart_where_a_rule_does() -> None:
    made = world({"confidence": ">=80"}, {"confidence": "<10"})
    assert made.runs == (Run(None, None), Run(0, 9), Run(10, 79), Run(80, 100))
    assert world({}).runs == (Run(None, None), Run(0, 100))


def test_objects_have_no_more_than_the_rules_ask_for() -> None:
    made = world({"type": "ip", "labels": ["x", "y", "benign"]}, {"labels": "y"}, {"tlp": "red"})
    first, second, third = made.rules
    assert [sorted(case.facts.labels) for case in made.cases([first])] == [["x"]] * 2 + [["y"]] * 2
    both = list(made.cases([first, second]))
    assert {tuple(sorted(case.facts.labels)) for case in both} == {("y",), ("x", "y")}
    assert {case.kind for case in both} == {IndicatorType.IP_ADDRESS}
    assert {case.facts.tlp for case in both} == {"red", "amber"}, "red and one for all others"
    assert {case.facts.tlp for case in made.cases([third])} == {"red"}


def test_the_first_rule_that_matches_is_found() -> None:
    made = world({"confidence": ">=80"}, {"labels": "x"})
    (case,) = {case for case in made.cases(made.rules) if case.kind is IndicatorType.URL}
    assert [made.first(case, run) for run in made.runs] == [1, 1, 0]
    assert made.first(case, made.runs[0], before=1) is None
    assert (made.name(0), made.name(None)) == ("0", "default")


def test_a_search_ends_when_it_asked_enough() -> None:
    made = world({})
    made.left = 5
    made.spend(5)
    with pytest.raises(EnoughError):
        made.spend(1)


@pytest.mark.parametrize(
    ("kind", "names", "can"),
    [
        (IndicatorType.DOMAIN_NAME, (), True),
        (IndicatorType.DOMAIN_NAME, ("a.example.com",), True),
        (IndicatorType.DOMAIN_NAME, ("a.example.com", "b.example.com"), False),
        (IndicatorType.IP_ADDRESS, ("a.example.com",), False),
        (IndicatorType.FILE_SHA256, (SHA256, MD5), True),
        (IndicatorType.FILE_SHA1, (SHA256, SHA1), False),
        (IndicatorType.FILE_MD5, (MD5, "cd" * 16), False),
        (IndicatorType.CERTIFICATE, (SHA1,), True),
    ],
)
def test_one_value_goes_by_the_names_it_can_have(
    kind: IndicatorType, names: tuple[str, ...], *, can: bool
) -> None:
    assert possible(kind, frozenset(names)) is can
