"""Which rows may go, whose word is told, and why all others stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from tidegate.allocation.merge import backed
from tidegate.export.eligible import Feeds, Raws, Shared, Withheld, judge
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.mapping.candidate import Candidate
from tidegate.mapping.context import MARKING
from tidegate.partner import Partner, parse_partner
from tidegate.stix.markings import LEVELS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
STATEMENT = "marking-definition--00000000-0000-4000-8000-000000000000"
FEEDS = Feeds(MappingProxyType({"a": "Feed A", "b": "Feed B"}))


def partner(**more: object) -> Partner:
    base = {
        "id": "isac",
        "tlp_max": "green",
        "identity": "Example Corp",
        "delivery": {"kind": "file", "path": "out.json"},
    }
    return parse_partner({**base, **more}, "isac.toml")


def said(feed: str, tlp: str | None = "green", **more: Any) -> Candidate:  # noqa: ANN401 - passed on
    base = {
        "feed": feed,
        "stix_id": f"indicator--{feed}",
        "rule": "r",
        "type": IndicatorType.DOMAIN_NAME,
        "value": "evil.example.com",
        "action": Action.ALERT_AND_BLOCK,
        "severity": Severity.HIGH,
        "title": f"title of {feed}",
        "evidence": NOW,
        "trust": 70,
        "description": f"description of {feed}",
        "tlp": tlp,
    }
    return Candidate(**{**base, **more})


def row_of(*candidates: Candidate) -> Indicator:
    return backed(candidates, NOW).row


def judged(
    row: Indicator,
    *candidates: Candidate,
    to: Partner | None = None,
    feeds: Feeds = FEEDS,
    raws: Raws = MappingProxyType({}),
) -> Shared | Withheld:
    return judge(row, candidates, raws, to or partner(), feeds, NOW)


def code(found: Shared | Withheld) -> str:
    return found.code if isinstance(found, Withheld) else ""


MANUAL = replace(row_of(said("a")), origin=Origin.MANUAL, feeds=(), sources=(), tlp=None)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("ceiling", LEVELS)
def test_nothing_above_the_ceiling_goes(level: str, ceiling: str) -> None:
    word = said("a", level)
    found = judged(row_of(word), word, to=partner(tlp_max=ceiling))
    above = LEVELS.index(level) > LEVELS.index(ceiling)
    assert code(found) == ("tlp_above_ceiling" if above else "")
    if isinstance(found, Shared):
        assert found.tlp == level


@pytest.mark.parametrize("origin", [Origin.MANUAL, Origin.FOREIGN])
def test_unmarked_rows_stay_unless_the_profile_says_what_they_are(origin: Origin) -> None:
    row = replace(MANUAL, origin=origin)
    assert code(judged(row)) == "tlp_unmarked"
    assert code(judged(row, to=partner(unmarked_as="amber"))) == "tlp_above_ceiling"
    found = judged(row, to=partner(unmarked_as="clear"))
    assert isinstance(found, Shared)
    assert (found.row, found.tlp) == (row, "clear")


def test_an_expired_row_stays() -> None:
    word = said("a")
    assert code(judged(replace(row_of(word), expires=NOW), word)) == "expired"


def test_one_stricter_source_takes_all_its_words_with_it() -> None:
    mine = said("a", aliases=(), confidence=40, expires=NOW + timedelta(days=3))
    theirs = said(
        "b", "red", trust=99, confidence=99, mitre=("T1105",), expires=NOW + timedelta(days=90)
    )
    row = row_of(mine, theirs)
    assert row.title == "title of b"
    raws = {("a", "indicator--a"): {"description": "as delivered"}}
    found = judged(row, mine, theirs, raws=raws)
    assert isinstance(found, Shared)
    assert (found.row.id, found.row.created) == (row.id, row.created)
    assert (found.row.title, found.row.description) == ("title of a", "as delivered")
    assert (found.row.confidence, found.row.mitre, found.tlp) == (40, (), "green")
    assert found.row.expires == NOW + timedelta(days=3)
    assert [source.feed for source in found.told] == ["a"]


def test_what_a_person_decided_stays_decided_where_words_are_left_out() -> None:
    mine, theirs = said("a"), said("b", "red")
    row = replace(
        row_of(mine, theirs),
        action=Action.ALERT_ONLY,
        title="our own words on what b said",
        owned=MappingProxyType({"action": Action.ALERT_AND_BLOCK, "title": "x"}),
    )
    found = judged(row, mine, theirs)
    assert isinstance(found, Shared)
    assert (found.row.action, found.row.title) == (Action.ALERT_ONLY, "title of a")


def test_a_feed_that_forbids_redistribution_is_not_heard() -> None:
    mine, theirs = said("a"), said("b", trust=99)
    feeds = replace(FEEDS, forbidding=frozenset({"b"}))
    assert code(judged(row_of(theirs), theirs, feeds=feeds)) == "redistribution_forbidden"
    found = judged(row_of(mine, theirs), mine, theirs, feeds=feeds)
    assert isinstance(found, Shared)
    assert (found.row.title, [s.feed for s in found.told]) == ("title of a", ["a"])


def test_a_feed_whose_terms_are_not_known_is_not_heard() -> None:
    word = said("c")
    assert code(judged(row_of(word), word)) == "feed_unknown"


def test_the_object_itself_is_asked_too_as_it_may_be_newer_than_the_list() -> None:
    word = said("a")
    whole: dict[str, object] = {"object_marking_refs": [RED]}
    part: dict[str, object] = {
        "granular_markings": [{"marking_ref": RED, "selectors": ["pattern"]}]
    }
    for raw in (whole, part):
        raws: Raws = {("a", "indicator--a"): raw}
        assert code(judged(row_of(word), word, raws=raws)) == "tlp_above_ceiling"
        assert code(judged(row_of(word), raws=raws)) == "tlp_above_ceiling"


def test_a_newer_evaluation_counts_before_the_list_follows() -> None:
    before, after = said("a"), said("a", "red", rule="another rule", groups=("x",))
    assert code(judged(row_of(before), after)) == "tlp_above_ceiling"


def test_a_marking_that_is_no_level_keeps_its_object_back() -> None:
    marked = said("a", context={MARKING: (STATEMENT,)})
    found = judged(row_of(marked), marked)
    assert isinstance(found, Withheld)
    assert (found.code, STATEMENT in found.detail) == ("marking_unknown", True)
    raws: Raws = {("a", "indicator--a"): {"object_marking_refs": [GREEN, STATEMENT]}}
    assert code(judged(row_of(said("a")), said("a"), raws=raws)) == "marking_unknown"
    assert code(judged(row_of(marked))) == "marking_unknown"


def test_a_marking_that_the_operator_has_read_goes_along() -> None:
    marked = said("a", context={MARKING: (STATEMENT,)})
    feeds = replace(FEEDS, accepted={"a": frozenset({STATEMENT})})
    found = judged(row_of(marked), marked, feeds=feeds)
    assert isinstance(found, Shared)
    assert found.markings == (STATEMENT,)
    other = said("b", context={MARKING: (STATEMENT,)})
    found = judged(row_of(marked, other), marked, other, feeds=feeds)
    assert isinstance(found, Shared)
    assert [source.feed for source in found.told] == ["a"]


def test_a_source_that_is_not_heard_now_has_said_what_the_row_carries() -> None:
    word = said("a")
    found = judged(row_of(word))
    assert isinstance(found, Shared)
    assert found.row.title == "title of a"
    assert code(judged(replace(row_of(word), tlp="red"))) == "tlp_above_ceiling"
    assert code(judged(replace(row_of(word), tlp="white"))) == "tlp_unknown"


def test_what_a_source_said_ends_with_its_term() -> None:
    mine = said("a", expires=NOW)
    row = replace(row_of(mine), expires=None)
    assert code(judged(row, mine)) == "expired"
