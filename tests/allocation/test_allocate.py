"""Handing out slots: the best list that the shares allow, checked against trying every one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import NOW, candidate, wanted_from
from strategies.candidates import shuffled
from tidegate.allocation.allocate import (
    FULL,
    Allocation,
    Edge,
    Quota,
    allocate,
    displaceable,
    for_a_slot,
)
from tidegate.allocation.merge import Wanted
from tidegate.allocation.rank import STAY
from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import IndicatorType
from tidegate.mapping.candidate import Candidate

SMALL = ("alpha", "beta", "gamma")
quotas = st.dictionaries(
    st.sampled_from([*SMALL, "absent"]),
    st.builds(Quota, st.integers(0, 6), st.none() | st.integers(0, 5)),
)
"""Floors above their ceilings, ceilings of 0 and floors that nothing can fill among them."""
rooms = st.integers(-3, 12)


@dataclass(frozen=True)
class Case:
    """One question to `allocate`. Worths are in halves, so that sums of them are exact."""

    wanted: list[Wanted]
    room: int
    quotas: dict[str, Quota]
    pinned: set[RowKey]
    incumbents: set[RowKey]
    worth: list[float]

    def allocate(self) -> Allocation:
        return allocate(
            self.wanted, self.room, self.quotas, self.pinned, self.incumbents, worth=self.worth
        )

    def value(self, item: Wanted) -> float:
        own = self.worth[self.wanted.index(item)]
        return own + (STAY if item.key in self.incumbents else 0)


@st.composite
def cases(draw: st.DrawFn, most: int = 9) -> Case:
    feeds = draw(st.lists(st.sampled_from(SMALL), max_size=most))
    wanted = wanted_from([candidate(n, feed=feed) for n, feed in enumerate(feeds)], NOW)
    wanted = draw(st.permutations(wanted))
    some = st.sets(st.sampled_from([w.key for w in wanted])) if wanted else st.just(set())
    return Case(
        wanted,
        draw(rooms),
        draw(quotas),
        draw(some),
        draw(some),
        [draw(st.integers(-6, 6)) / 2 for _ in wanted],
    )


Goal = tuple[int, int, float]


def goal(case: Case, chosen: Collection[Wanted]) -> Goal:
    """How good a list is: slots filled, floors kept, worth; more is better in each."""
    offered, held = (Counter(w.feed for w in items) for items in (case.wanted, chosen))
    short = 0
    for feed, quota in case.quotas.items():
        owed = quota.floor if quota.ceiling is None else min(quota.floor, quota.ceiling)
        short += max(min(owed, offered[feed]) - held[feed], 0)
    return len(chosen), -short, sum(case.value(item) for item in chosen)


def allowed(case: Case, chosen: Sequence[Wanted]) -> bool:
    """Whether pins are in, the room is kept, and no feed is above its ceiling but by pins."""
    pins = Counter(w.feed for w in case.wanted if w.key in case.pinned)
    if sum(w.key in case.pinned for w in chosen) < pins.total():
        return False
    if len(chosen) > max(case.room, pins.total()):
        return False
    held = Counter(w.feed for w in chosen)
    ceilings = {f: q.ceiling for f, q in case.quotas.items() if q.ceiling is not None}
    return all(held[feed] <= max(ceiling, pins[feed]) for feed, ceiling in ceilings.items())


@given(cases())
def test_no_list_that_the_shares_allow_is_better(case: Case) -> None:
    found = case.allocate()
    assert allowed(case, found.kept)
    every = (
        chosen
        for size in range(len(case.wanted) + 1)
        for chosen in combinations(case.wanted, size)
        if allowed(case, chosen)
    )
    assert goal(case, found.kept) == max(goal(case, chosen) for chosen in every)


@given(cases(30))
def test_kept_and_waiting_partition_the_input_and_each_is_best_first(case: Case) -> None:
    found = case.allocate()
    assert sorted(w.key for w in (*found.kept, *found.waiting)) == sorted(
        w.key for w in case.wanted
    )
    assert sum(w.key in case.pinned for w in found.kept) == len(case.pinned)
    free = [w for w in found.kept if w.key not in case.pinned]
    for items in (free, found.waiting):
        ranking = [(-case.value(w), w.key) for w in items]
        assert ranking == sorted(ranking)
    assert all(w.key in case.pinned for w in found.kept[: len(case.pinned)])
    full = len(found.kept) >= case.room
    held = Counter(w.feed for w in found.kept)
    open_to_all = [w for w in free if held[w.feed] > case.quotas.get(w.feed, Quota()).owed]
    worths = [case.worth[case.wanted.index(w)] for w in open_to_all]
    assert found.cutoff == (min(worths) if full and worths else None)


@given(cases(30))
def test_each_edge_is_the_weakest_row_of_its_feed_without_a_pin(case: Case) -> None:
    found = case.allocate()
    worth = dict(zip((item.key for item in case.wanted), case.worth, strict=True))
    free: dict[str, list[Wanted]] = {}
    for item in found.kept:
        if item.key not in case.pinned:
            free.setdefault(item.feed, []).append(item)
    slots = Counter(item.feed for item in found.kept)
    assert {edge.feed: edge for edge in found.edges} == {
        feed: Edge(feed, slots[feed], last.key, worth[last.key])
        for feed, items in free.items()
        for last in (min(sorted(items, key=_identity, reverse=True), key=lambda i: worth[i.key]),)
    }


def _identity(item: Wanted) -> RowKey:
    return item.key


@given(cases(30))
def test_a_row_comes_in_once_it_beats_the_weakest_that_it_may_displace(case: Case) -> None:
    found = case.allocate()
    held = {item.key for item in found.kept}
    for place, item in enumerate(found.waiting):
        edges = displaceable(found.edges, case.quotas, item.feed)
        pinned = any(w.feed == item.feed for w in case.wanted if w.key in case.pinned)
        if found.reason(place) != FULL or not edges or pinned:
            continue
        weakest = min(edge.worth for edge in edges) + STAY
        index = case.wanted.index(item)
        for more, comes_in in ((-0.5, False), (0.5, True)):
            worth = [*case.worth]
            worth[index] = weakest + more
            again = replace(case, worth=worth, incumbents=held).allocate()
            assert (item in again.kept) is comes_in


@given(cases(30), st.randoms(use_true_random=False))
def test_the_order_of_the_input_never_matters(case: Case, dice: object) -> None:
    order = list(range(len(case.wanted)))
    dice.shuffle(order)  # type: ignore[attr-defined] # hypothesis' own Random
    wanted = [case.wanted[n] for n in order]
    worth = [case.worth[n] for n in order]
    other = allocate(wanted, case.room, case.quotas, case.pinned, case.incumbents, worth=worth)
    assert other == case.allocate()


@given(shuffled(), rooms, quotas)
def test_merged_rows_are_handed_out_the_same_in_any_order(
    orders: tuple[list[Candidate], list[Candidate]], room: int, shares: dict[str, Quota]
) -> None:
    one, two = (wanted_from(found, NOW) for found in orders)
    assert allocate(one, room, shares) == allocate(two[::-1], room, shares)


@given(cases(20))
def test_each_row_that_waits_says_truly_why(case: Case) -> None:
    found = case.allocate()
    held = Counter(w.feed for w in found.kept)
    full = len(found.kept) >= max(case.room, 0)
    for queued in found.queue():
        ceiling = case.quotas.get(queued.wanted.feed, Quota()).ceiling
        assert for_a_slot(queued.reason)
        if queued.reason == "the list is full":
            assert full
        else:
            assert ceiling is not None
            assert held[queued.wanted.feed] >= ceiling
            assert queued.reason == f"feed {queued.wanted.feed} holds its ceiling of {ceiling}"


@given(cases(20))
def test_a_plan_made_again_from_its_own_list_is_the_same(case: Case) -> None:
    kept = case.allocate().kept
    settled = {w.key for w in kept}
    again = allocate(case.wanted, case.room, case.quotas, case.pinned, settled, worth=case.worth)
    assert {w.key for w in again.kept} == settled


def of(*feeds: str) -> list[Wanted]:
    """One row for each feed name, each worth less than the one before."""
    return wanted_from(
        [candidate(n, feed=feed, trust=90 - n) for n, feed in enumerate(feeds)],
        NOW,
    )


def feeds_of(found: Allocation) -> str:
    return "".join(w.feed for w in found.kept)


def test_without_shares_the_best_get_in() -> None:
    assert feeds_of(allocate(of(*"aaabb"), 3, {})) == "aaa"


def test_a_floor_keeps_slots_for_a_feed_that_would_lose_them() -> None:
    found = allocate(of(*"aaabb"), 3, {"b": Quota(floor=1)})
    assert feeds_of(found) == "aab"
    assert found.reason(0) == "the list is full"


def test_a_ceiling_makes_room_for_the_next_feed_and_says_so() -> None:
    found = allocate(of(*"aaabb"), 4, {"a": Quota(ceiling=2)})
    assert feeds_of(found) == "aabb"
    assert found.cutoff is not None
    assert [q.reason for q in found.queue()] == ["feed a holds its ceiling of 2"]


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
    wanted = wanted_from([*shared, candidate(2, feed="b")], NOW)
    found = allocate(wanted, 5, {"b": Quota(ceiling=1)})
    assert len(found.kept) == 2


def test_no_room_keeps_nothing() -> None:
    for room in (0, -5):
        found = allocate(of(*"ab"), room, {"a": Quota(floor=1)})
        assert found.kept == ()
        assert len(found.waiting) == 2


def test_a_floor_above_its_ceiling_ends_there() -> None:
    found = allocate(of(*"aaabbb"), 4, {"b": Quota(floor=3, ceiling=1)})
    assert feeds_of(found) == "aaab"


def test_floors_that_exceed_the_room_go_to_the_best_rows_they_stand_for() -> None:
    found = allocate(of(*"cabab"), 3, {"a": Quota(floor=2), "b": Quota(floor=2)})
    assert feeds_of(found) == "aba"
    assert [q.reason for q in found.queue()] == ["the list is full"] * 2


def test_an_equal_does_not_displace_a_row_that_holds_a_slot() -> None:
    wanted = wanted_from([candidate(n, trust=50) for n in range(4)], NOW)
    last = wanted[-1]
    assert allocate(wanted, 1, {}).kept == (wanted[0],)
    assert allocate(wanted, 1, {}, incumbents={last.key}).kept == (last,)
    others = [candidate(n, trust=50) for n in range(1, 4)]
    better = wanted_from([*others, candidate(0, trust=54)])
    assert allocate(better, 1, {}, incumbents={last.key}).kept == (better[0],)


def flood(feed: str, trust: int, rows: int, first: int) -> list[Wanted]:
    """As good rows as a feed can claim to have."""
    said = {"feed": feed, "trust": trust, "confidence": 100, "sightings": 10**6}
    return wanted_from([candidate(n, **said) for n in range(first, first + rows)], NOW)


def share_of(kept: Sequence[Wanted]) -> Mapping[str, int]:
    return Counter(w.feed for w in kept)


def test_a_feed_that_stuffs_the_list_displaces_none_that_is_trusted_more() -> None:
    stuffing = flood("loud", 50, 20_000, 0)
    good = wanted_from([candidate(n, feed="good", trust=75) for n in range(20_000, 29_000)], NOW)
    floored = wanted_from([candidate(n, feed="small", trust=5) for n in range(30_000, 30_800)], NOW)
    everything = [*stuffing, *good, *floored]
    shares = {"small": Quota(floor=500)}
    kept = share_of(allocate(everything, 15_000, shares).kept)
    assert kept == {"good": 9_000, "small": 500, "loud": 5_500}
    first = {w.key for w in allocate([*stuffing, *floored], 15_000, shares).kept}
    later = share_of(allocate(everything, 15_000, shares, incumbents=first).kept)
    assert later == kept, "whoever came first"
    shares["loud"] = Quota(ceiling=2_000)
    assert share_of(allocate(everything, 15_000, shares).kept)["loud"] == 2_000


def test_a_row_may_displace_its_own_feeds_weakest_within_the_floor() -> None:
    edges = tuple(
        Edge(feed, 2, RowKey(IndicatorType.DOMAIN_NAME, f"{feed}.example.com", ()), worth)
        for feed, worth in (("alpha", 5.0), ("beta", 1.0))
    )
    quotas = {"beta": Quota(2, None)}
    assert [edge.feed for edge in displaceable(edges, quotas, "beta")] == ["alpha", "beta"]
    assert [edge.feed for edge in displaceable(edges, quotas, "gamma")] == ["alpha"]
