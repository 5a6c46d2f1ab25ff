"""Merging: one row for one identity, with every source, whatever order candidates come in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given

from strategies.builders import NOW, backing, candidate, wanted_from
from strategies.candidates import shuffled
from tidegate.allocation.merge import Backed, backed, in_order, merge
from tidegate.allocation.rank import score
from tidegate.indicators.indicator import Source, row_id
from tidegate.indicators.kinds import Action, Origin
from tidegate.mapping.candidate import Candidate


def only(*found: Candidate) -> Backed:
    (group,) = in_order(found)
    return backed(group, NOW)


@given(shuffled())
def test_nothing_is_lost_and_the_order_of_the_input_never_matters(
    orders: tuple[list[Candidate], list[Candidate]],
) -> None:
    found, other = orders
    wanted = wanted_from(found)
    assert wanted_from(other) == wanted
    assert {w.key for w in wanted} == {c.key for c in found}
    assert len({w.key for w in wanted}) == len(wanted)
    for item in wanted:
        group = [c for c in found if c.key == item.key]
        row, lead = backing(other)(item)
        assert set(row.sources) == {Source(c.feed, c.stix_id, c.rule) for c in group}
        assert set(row.feeds) == {c.feed for c in group}
        assert set(row.aliases) == {a for c in group for a in c.aliases}
        assert item.score == row.score == score([lead, *(c for c in group if c != lead)], NOW)
        assert row.id == row_id(item.key)
        assert row.origin is Origin.FEED
        assert (item.feed, item.action, item.severity, item.expires, item.aliases) == (
            lead.feed,
            row.action,
            row.severity,
            row.expires,
            row.aliases,
        )
        assert lead.trust == max(c.trust for c in group)
        assert (row.action, row.severity, row.title) == (
            lead.action,
            lead.severity,
            lead.title,
        )


@pytest.mark.parametrize(
    ("lead", "other"),
    [
        pytest.param(
            {"trust": 51, "confidence": 0, "action": Action.ALERT_ONLY},
            {"trust": 50, "confidence": 100, "action": Action.ALERT_AND_BLOCK},
            id="trust first",
        ),
        pytest.param(
            {"confidence": 60, "action": Action.ALERT_ONLY},
            {"confidence": 59, "action": Action.ALERT_AND_BLOCK},
            id="then confidence",
        ),
        pytest.param({"confidence": 0}, {"confidence": None}, id="stated before unstated"),
        pytest.param(
            {"action": Action.ALERT_AND_BLOCK}, {"action": Action.BLOCK}, id="then strictness"
        ),
        pytest.param({"action": Action.WARN}, {"action": Action.ALERT_ONLY}, id="warn over alert"),
        pytest.param({"feed": "a", "stix_id": "z"}, {"feed": "b", "stix_id": "y"}, id="then feed"),
        pytest.param({"stix_id": "a"}, {"stix_id": "b"}, id="then object"),
    ],
)
def test_the_lead_is_the_documented_one(lead: dict[str, object], other: dict[str, object]) -> None:
    first, second = candidate(1, **lead), candidate(1, **other)
    assert only(first, second).lead == first
    assert only(second, first).lead == first


def test_other_groups_are_another_row() -> None:
    everywhere, servers = candidate(1), candidate(1, groups=("servers",))
    assert {w.groups for w in wanted_from([servers, everywhere])} == {(), ("servers",)}


def test_a_row_lives_as_long_as_its_longest_source_that_wants_the_same() -> None:
    soon, late, far = (NOW + timedelta(days=d) for d in (1, 10, 90))
    lead = candidate(1, trust=90, expires=soon)
    agreeing = candidate(1, feed="g", expires=late)
    milder = candidate(1, feed="h", expires=far, action=Action.ALERT_ONLY)
    assert only(lead, agreeing, milder).row.expires == late
    assert only(lead, candidate(1, feed="g", expires=None)).row.expires is None


def test_the_strictest_marking_holds_for_the_whole_row() -> None:
    levels = (None, "green", "amber+strict", "amber")
    found = [candidate(1, feed=f"f{n}", tlp=level) for n, level in enumerate(levels)]
    assert only(*found).row.tlp == "amber+strict"
    assert only(candidate(1)).row.tlp is None


def test_no_candidates_want_no_rows() -> None:
    assert merge([], NOW) == []
