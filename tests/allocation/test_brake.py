"""The brake: what it holds, what it never holds, and that nothing is lost between the two."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import row
from tidegate.allocation.brake import Thresholds, brake
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Origin
from tidegate.indicators.plan import Change, Op


def feed_rows(count: int) -> list[Indicator]:
    return [row(n, origin=Origin.FEED, feeds=("f",), score=float(n)) for n in range(count)]


def gone(rows: list[Indicator]) -> tuple[Change[Indicator], ...]:
    return tuple(Change(each, None, "gone") for each in rows)


@pytest.mark.parametrize(
    ("rows", "most"), [(0, 1), (1, 1), (9, 1), (10, 1), (50, 5), (2_000, 200), (15_000, 200)]
)
def test_the_threshold_is_the_smaller_of_count_and_percent_and_one_always_passes(
    rows: int, most: int
) -> None:
    assert Thresholds().most(rows) == most


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 80), st.integers(0, 20))
def test_every_change_goes_on_or_is_held_and_the_list_never_grows_past_its_limit(
    held: int, removed: int, limit: int, created: int
) -> None:
    rows = feed_rows(held)
    changes = (
        *gone(rows[:removed]),
        *(Change(None, row(1_000 + n, origin=Origin.FEED), "new") for n in range(created)),
    )
    # As a plan would be: creates only where the removals leave room for them.
    room = max(limit - held + min(removed, held), 0)
    changes = tuple(c for c in changes if c.op is Op.REMOVE) + tuple(
        [c for c in changes if c.op is Op.CREATE][:room]
    )
    found = brake(rows, changes, (), limit, Thresholds())
    assert sorted(c.row.id for c in (*found.go, *found.held)) == sorted(c.row.id for c in changes)
    growth = sum((c.after is not None) - (c.before is not None) for c in found.go)
    assert growth <= 0 or held + growth <= limit
    assert bool(found.reason) == bool(found.held)
    assert sum(c.op is Op.REMOVE for c in found.go) <= Thresholds().most(held)


def test_an_overfull_list_always_shrinks_to_its_limit_the_weakest_first() -> None:
    rows = feed_rows(100)
    keys = {each.key for each in rows[:60]}
    found = brake(rows, gone(rows[:60]), keys, 70, Thresholds())
    assert {c.row.score for c in found.go} == {float(n) for n in range(30)}
    assert len(found.held) == 30


def test_what_a_feed_wants_allowed_waits_for_a_person() -> None:
    blocked = row(1, origin=Origin.FEED, feeds=("f",))
    allowed = dataclasses.replace(blocked, action=Action.ALLOW)
    changes = (
        Change(blocked, allowed, "the policy changed"),
        Change(None, row(2, origin=Origin.FEED, action=Action.ALLOW), "new"),
        Change(None, row(3, origin=Origin.FEED), "new"),
    )
    found = brake([blocked], changes, (), 10, Thresholds())
    assert found.go == changes[2:]
    assert found.held == changes[:2]
    assert "need a person's word" in found.reason


def test_a_row_that_is_allowed_already_may_change() -> None:
    allowed = row(1, origin=Origin.FEED, action=Action.ALLOW)
    renamed = dataclasses.replace(allowed, title="other")
    changes = (Change(allowed, renamed, "title"),)
    assert brake([allowed], changes, (), 10, Thresholds()).go == changes
