"""Handing out slots: never one too many, to the best first, with each feed's share respected."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import NOW, candidate
from strategies.candidates import FEEDS, candidate_sets, shuffled
from tidegate.allocation.allocate import Allocation, Quota, allocate
from tidegate.allocation.merge import Wanted, merge
from tidegate.indicators.indicator import RowKey
from tidegate.mapping.candidate import Candidate

quotas = st.fixed_dictionaries(
    {},
    optional={
        feed: st.tuples(st.integers(0, 6), st.none() | st.integers(0, 6)).map(
            lambda pair: Quota(pair[0], None if pair[1] is None else pair[0] + pair[1])
        )
        for feed in FEEDS
    },
)
rooms = st.integers(-3, 20)


@st.composite
def situations(
    draw: st.DrawFn,
) -> tuple[list[Wanted], int, dict[str, Quota], set[RowKey]]:
    wanted = merge(draw(candidate_sets), NOW)
    pinned = draw(st.sets(st.sampled_from([w.key for w in wanted]))) if wanted else set()
    return wanted, draw(rooms), draw(quotas), pinned


def by_feed(kept: tuple[Wanted, ...]) -> Counter[str]:
    return Counter(item.lead.feed for item in kept)


@given(situations())
def test_kept_and_waiting_partition_the_input_and_never_exceed_the_room(
    situation: tuple[list[Wanted], int, dict[str, Quota], set[RowKey]],
) -> None:
    wanted, room, shares, pinned = situation
    found = allocate(wanted, room, shares, pinned)
    assert len(found.kept) <= max(room, sum(w.key in pinned for w in wanted), 0)
    both = [*found.kept, *(queued.wanted for queued in found.waiting)]
    assert sorted(w.key for w in both) == sorted(w.key for w in wanted)
    assert all(queued.reason for queued in found.waiting)


@given(shuffled(), rooms, quotas)
def test_the_order_of_the_input_never_matters(
    orders: tuple[list[Candidate], list[Candidate]], room: int, shares: dict[str, Quota]
) -> None:
    one, two = (merge(found, NOW) for found in orders)
    assert allocate(one, room, shares) == allocate(two[::-1], room, shares)


@given(situations())
def test_ceilings_hold_for_all_but_pinned_rows(
    situation: tuple[list[Wanted], int, dict[str, Quota], set[RowKey]],
) -> None:
    wanted, room, shares, pinned = situation
    kept = allocate(wanted, room, shares, pinned).kept
    for feed, held in by_feed(kept).items():
        ceiling = shares.get(feed, Quota()).ceiling
        pins = sum(1 for w in kept if w.key in pinned and w.lead.feed == feed)
        assert ceiling is None or held <= max(ceiling, pins)


@given(situations())
def test_floors_hold_when_all_floors_fit(
    situation: tuple[list[Wanted], int, dict[str, Quota], set[RowKey]],
) -> None:
    wanted, _, shares, _ = situation
    offered = by_feed(tuple(wanted))
    owed = {feed: min(quota.floor, offered[feed]) for feed, quota in shares.items()}
    held = by_feed(allocate(wanted, sum(owed.values()), shares).kept)
    assert {feed: held[feed] for feed in owed} == owed


@given(situations())
def test_a_row_waits_only_behind_better_rows_a_ceiling_or_a_floor(
    situation: tuple[list[Wanted], int, dict[str, Quota], set[RowKey]],
) -> None:
    wanted, room, shares, pinned = situation
    found = allocate(wanted, room, shares, pinned)
    held = by_feed(found.kept)
    for queued in found.waiting:
        feed = queued.wanted.lead.feed
        quota = shares.get(feed, Quota())
        if quota.ceiling is not None and held[feed] >= quota.ceiling:
            continue
        pins = sum(w.key in pinned for w in wanted)
        assert len(found.kept) == max(room, pins), "no slot stays empty while a row may have it"
        owed = len(pinned) + sum(q.floor for q in shares.values())
        assert held[feed] >= quota.floor or owed > room
        for kept in found.kept:
            if kept.key in pinned or held[kept.lead.feed] <= _floor(shares, kept):
                continue
            assert (-kept.score, kept.key) < (-queued.wanted.score, queued.wanted.key)


def _floor(shares: dict[str, Quota], item: Wanted) -> int:
    return shares.get(item.lead.feed, Quota()).floor


@given(situations())
def test_each_list_is_best_first_and_the_cut_is_the_lowest_score_in(
    situation: tuple[list[Wanted], int, dict[str, Quota], set[RowKey]],
) -> None:
    wanted, room, shares, _ = situation
    found = allocate(wanted, room, shares)
    for items in (found.kept, tuple(q.wanted for q in found.waiting)):
        ranking = [(-w.score, w.key) for w in items]
        assert ranking == sorted(ranking)
    full = bool(found.kept) and len(found.kept) == room
    assert found.cutoff == (min(w.score for w in found.kept) if full else None)


def of(*feeds: str) -> list[Wanted]:
    """One row for each feed name, each worth less than the one before."""
    return merge(
        [candidate(n, feed=feed, trust=90 - n) for n, feed in enumerate(feeds)],
        NOW,
    )


def feeds_of(found: Allocation) -> str:
    return "".join(w.lead.feed for w in found.kept)


def test_without_shares_the_best_get_in() -> None:
    assert feeds_of(allocate(of(*"aaabb"), 3, {})) == "aaa"


def test_a_floor_keeps_slots_for_a_feed_that_would_lose_them() -> None:
    found = allocate(of(*"aaabb"), 3, {"b": Quota(floor=1)})
    assert feeds_of(found) == "aab"
    assert found.waiting[0].reason == "the list is full"


def test_a_ceiling_makes_room_for_the_next_feed_and_says_so() -> None:
    found = allocate(of(*"aaabb"), 4, {"a": Quota(ceiling=2)})
    assert feeds_of(found) == "aabb"
    assert found.cutoff is not None
    assert [q.reason for q in found.waiting] == ["feed a holds its ceiling of 2"]


def test_a_ceiling_leaves_slots_empty_rather_than_giving_in() -> None:
    found = allocate(of(*"aaa"), 3, {"a": Quota(ceiling=1)})
    assert feeds_of(found) == "a"
    assert found.cutoff is None


def test_a_pinned_row_comes_before_better_ones() -> None:
    wanted = of(*"aaabb")
    last = wanted[-1]
    found = allocate(wanted, 1, {"a": Quota(floor=3)}, {last.key})
    assert found.kept == (last,)


def test_a_merged_row_counts_against_the_leading_feed_alone() -> None:
    shared = [candidate(1, feed="a", trust=90), candidate(1, feed="b")]
    wanted = merge([*shared, candidate(2, feed="b")], NOW)
    found = allocate(wanted, 5, {"b": Quota(ceiling=1)})
    assert len(found.kept) == 2


def test_no_room_keeps_nothing() -> None:
    for room in (0, -5):
        found = allocate(of(*"ab"), room, {"a": Quota(floor=1)})
        assert found.kept == ()
        assert len(found.waiting) == 2
