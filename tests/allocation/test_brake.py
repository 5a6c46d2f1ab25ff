"""The brake: what it holds, what it never holds, and that nothing is lost between the two."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import row
from tidegate.allocation.brake import FeedNumbers, Thresholds, beyond, brake
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Origin
from tidegate.indicators.plan import Change, Op, between


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
    overfull = max(held - limit, 0)
    assert sum(c.op is Op.REMOVE for c in found.go) <= overfull + Thresholds().most(held)


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


CALM = feed_rows(1_000)
"""Rows beside which a few that go are no tenth."""


def of(feed: str, numbers: range) -> list[Indicator]:
    return [row(10_000 + n, origin=Origin.FEED, feeds=(feed,), score=50.0) for n in numbers]


@pytest.mark.parametrize(
    ("before", "now", "lost", "held"),
    [
        (20, 0, 1, 1),
        (20, 0, 8, 8),
        (None, 0, 8, 8),
        (20, 14, 6, 6),
        (20, 15, 5, 0),
        (20, 14, 1, 0),
        (20, 25, 8, 0),
        (None, 3, 8, 0),
        (0, 0, 8, 8),
    ],
)
def test_an_emptied_feed_keeps_its_rows_and_so_does_one_that_lost_more_than_a_quarter(
    before: int | None, now: int, lost: int, held: int
) -> None:
    mine = of("acme", range(20))
    other = gone(CALM[:3])
    numbers = [FeedNumbers("acme", now, before), FeedNumbers("f", 997, 1_000)]
    found = brake([*CALM, *mine], (*gone(mine[:lost]), *other), (), 15_000, Thresholds(), numbers)
    assert len(found.held) == held
    assert found.go[-3:] == other
    assert found.feeds == ({"acme"} if held else set())
    assert found.reason.startswith("acme: proposes ") == bool(held)


def test_what_publishers_withdrew_is_no_sign_of_an_emptied_feed() -> None:
    mine = of("acme", range(8))
    changes = gone(mine)
    numbers = [FeedNumbers("acme", 0, 8)]
    ids = {each.id for each in mine}
    rows = [*CALM, *mine]
    assert not brake(rows, changes, (), 15_000, Thresholds(), numbers, withdrawn=ids).held
    strict = Thresholds(count=7)
    found = brake(rows, changes, (), 15_000, strict, numbers, withdrawn=ids)
    assert found.held == changes
    assert not found.feeds
    assert found.reason.startswith("8 of 1,008 feed rows would go, more than the 7")


def test_what_the_operators_rules_refuse_is_no_emptied_feed_and_counts_for_the_whole_list() -> None:
    mine = of("acme", range(8))
    rows = [*CALM, *mine]
    numbers = [FeedNumbers("acme", 0, refused=True)]
    assert not brake(rows, gone(mine), (), 15_000, Thresholds(), numbers).held
    found = brake(rows, gone(mine), (), 15_000, Thresholds(count=7), numbers)
    assert (len(found.held), found.feeds) == (8, frozenset())


def test_what_others_cover_counts_nowhere_and_what_is_displaced_is_no_loss() -> None:
    mine = of("acme", range(8))
    keys = {each.key for each in mine}
    numbers = [FeedNumbers("acme", 0, 8)]
    rows = [*CALM, *mine]
    none = Thresholds(count=0, percent=0)
    covered = dict.fromkeys(keys, CALM[0].key)
    assert not brake(rows, gone(mine), (), 15_000, none, numbers, covered=covered).held
    assert not brake(rows, gone(mine), keys, 15_000, Thresholds(), numbers).held


def test_what_is_covered_stays_while_what_covers_it_is_held() -> None:
    mine = of("acme", range(20))
    child = of("bolt", range(50, 51))
    new = [Change(None, each, "new") for each in of("bolt", range(100, 103))]
    covered = {child[0].key: new[-1].row.feed_key}
    numbers = [FeedNumbers("acme", 0, 20), FeedNumbers("bolt", 30)]
    changes = (*gone([*mine, *child]), *new)
    found = brake([*mine, *child], changes, (), 23, Thresholds(), numbers, covered=covered)
    assert child[0].id in {c.row.id for c in found.go}
    found = brake([*mine, *child], changes, (), 22, Thresholds(), numbers, covered=covered)
    assert child[0].id in {c.row.id for c in found.held}
    assert found.go == tuple(new[:1])
    allowed = dataclasses.replace(new[0].row, action=Action.ALLOW)
    covered = {child[0].key: allowed.key}
    changes = (*gone(child), Change(None, allowed, "new"))
    assert brake(child, changes, (), 22, Thresholds(), covered=covered).go == ()


def test_an_emptied_feed_does_not_keep_the_list_above_its_limit() -> None:
    mine = of("acme", range(20))
    found = brake(mine, gone(mine), (), 15, Thresholds(), [FeedNumbers("acme", 0, 20)])
    assert (len(found.go), len(found.held)) == (5, 15)


def test_new_rows_wait_for_the_room_that_held_ones_keep() -> None:
    mine = of("acme", range(20))
    new = tuple(Change(None, each, "new") for each in of("bolt", range(100, 130)))
    numbers = [FeedNumbers("acme", 0, 20), FeedNumbers("bolt", 30)]
    found = brake(mine, (*gone(mine), *new), (), 30, Thresholds(), numbers)
    assert found.go == new[:10]
    assert found.reason.endswith("20 new rows find no room until then")


def test_a_list_above_its_limit_is_told_of() -> None:
    rows = feed_rows(10)
    mine = [dataclasses.replace(each, origin=Origin.MANUAL) for each in rows[:6]]
    assert brake(rows, (), (), 10, Thresholds()).notes == ()
    (note,) = brake(rows, (), (), 8, Thresholds()).notes
    assert "holds 10 rows and its limit is 8" in note
    (note,) = brake([*mine, *rows[6:]], (), (), 5, Thresholds()).notes
    assert "take 6 of 5 slots" in note
    assert "raise `limit`" in note


lists = st.dictionaries(st.integers(0, 11), st.integers(0, 3), max_size=12)


def rows_of(state: dict[int, int]) -> dict[str, Indicator]:
    made = (row(n, origin=Origin.FEED, title=f"t{title}") for n, title in state.items())
    return {each.id: each for each in made}


@given(lists, lists, st.sets(st.integers(0, 11)))
def test_what_is_held_leads_from_the_calm_list_to_the_full_one(
    held: dict[int, int], full: dict[int, int], stay: set[int]
) -> None:
    # Without the flood some rows stay that had to go, some new ones come; the rest is the same.
    calm = {n: full.get(n, held.get(n, 0)) for n in {*stay, *(full.keys() & held.keys())}}
    start, middle, end = rows_of(held), rows_of(calm), rows_of(full)
    first, whole = between(start, middle, "calm"), between(start, end, "full")
    state = dict(start)
    for change in (*first, *beyond(whole, first)):
        assert state.get(change.row.id) == change.before
        state.pop(change.row.id, None)
        if change.after is not None:
            state[change.row.id] = change.after
    assert state == end
