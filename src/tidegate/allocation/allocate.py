"""Which wanted rows get a slot, and which wait. This is where the 15,000 are handed out.

Pinned rows come first and keep their slot even where there is no room. What is left is handed out
so that, in this order,

1. no feed is above its ceiling, and no slot stays empty while a row may have it;
2. the feeds' floors are short of as few slots as can be: where floors exceed the room together, the
   best rows among those that they stand for get it; a floor above its own ceiling ends there;
3. the sum of what the rows are worth, and of a fixed bonus for those that hold a slot, is largest.

A merged row counts against one feed only, that of its leading candidate, so that the feeds' shares
partition the list; then taking the best row that may be taken, first below the floors and then
below the ceilings, is optimal. The result depends on the set of rows and not on their order, since
every tie is broken by the row's identity.

Refuses to evict people's rows: they, foreign rows and rows that age out are subtracted before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from math import inf
from operator import attrgetter
from typing import NamedTuple, overload

from tidegate.allocation.merge import Wanted
from tidegate.allocation.places import named
from tidegate.allocation.rank import STAY
from tidegate.indicators.indicator import RowKey

FULL = "the list is full"
"""Why a row waits that no ceiling keeps out."""

_CEILING = "holds its ceiling of"


def for_a_slot(reason: str) -> bool:
    """Whether a row that waits for this reason would take a slot that frees up."""
    return reason == FULL or _CEILING in reason


@dataclass(frozen=True, slots=True)
class Quota:
    """One feed's share of the list, in rows. `ceiling` None means no upper bound."""

    floor: int = 0
    ceiling: int | None = None

    @property
    def owed(self) -> int:
        """The slots kept for the feed: its floor, as far as its ceiling lets it."""
        return self.floor if self.ceiling is None else min(self.floor, self.ceiling)


class Edge(NamedTuple):
    """Where a feed's slots end: how many count against it, and the weakest of them without a pin.

    `worth` is that row's own. `stay` is what holding its slot adds, which it does from the next
    plan on: 0 in an allocation, and for whoever asks later to set.
    """

    feed: str
    slots: int
    key: RowKey
    worth: float
    stay: float = 0.0

    @property
    def weight(self) -> float:
        """What has to be beaten."""
        return round(self.worth + self.stay, 2)


def displaceable(edges: Iterable[Edge], quotas: Mapping[str, Quota], feed: str) -> tuple[Edge, ...]:
    """The edges that a better row of this feed may displace.

    Its own feed's, and those of feeds that have more than their floors; its own feed's alone where
    that is at its ceiling. A feed whose rows are all pinned has no edge, and so passes for one
    without rows.
    """
    found = {edge.feed: edge for edge in edges}
    own, ceiling = found.get(feed), quotas.get(feed, Quota()).ceiling
    if ceiling is not None and (0 if own is None else own.slots) >= ceiling:
        return () if own is None else (own,)
    return tuple(
        e for e in found.values() if e.feed == feed or e.slots > quotas.get(e.feed, Quota()).owed
    )


@dataclass(frozen=True, slots=True)
class Queued:
    """A row that waits, and what stands before it."""

    wanted: Wanted
    reason: str


class Line(Sequence[Wanted]):
    """The rows that wait, best first.

    They are put in order when somebody asks for one: of a million a plan needs the number only.
    The first ones wait because their feed is at its ceiling, all others because the list is full.
    """

    def __init__(self, count: int, order: Callable[[], tuple[Sequence[Wanted], int]]) -> None:
        """`order` returns the rows, and how many of them a ceiling keeps out."""
        self._count = count
        self._order = order

    @cached_property
    def _ordered(self) -> tuple[Sequence[Wanted], int]:
        return self._order()

    def __len__(self) -> int:
        """How many wait."""
        return self._count

    @overload
    def __getitem__(self, place: int) -> Wanted: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Wanted]: ...
    def __getitem__(self, place: int | slice) -> Wanted | Sequence[Wanted]:
        """The row at a place, counted from 0."""
        return self._ordered[0][place]

    def __iter__(self) -> Iterator[Wanted]:
        """The next one in first."""
        return iter(self._ordered[0])

    def __eq__(self, other: object) -> bool:
        """Whether the same rows wait in the same order, for the same reasons."""
        return isinstance(other, Line) and self._told == other._told

    __hash__ = None  # type: ignore[assignment]  # it is a sequence, as lists are

    @property
    def _told(self) -> tuple[tuple[Wanted, ...], int]:
        return tuple(self), self.capped

    @property
    def capped(self) -> int:
        """How many of the first ones a ceiling keeps out."""
        return self._ordered[1]


@dataclass(frozen=True, slots=True)
class Allocation:
    """Rows that get a slot and rows that wait, each best first, pins before all.

    `cutoff` is what a row of any feed has to be better than on a full list: the lowest worth of a
    row that neither a pin nor its feed's floor keeps; None where there is none. `edges` say, feed
    by feed, what a row that waits would have to displace.
    """

    kept: tuple[Wanted, ...]
    waiting: Line
    cutoff: float | None
    quotas: Mapping[str, Quota]
    edges: tuple[Edge, ...] = ()

    def queue(self) -> Iterator[Queued]:
        """The rows that wait with their reasons, the next one in first."""
        for place, item in enumerate(self.waiting):
            yield Queued(item, self.reason(place))

    def reason(self, place: int) -> str:
        """Why the row at that place of `waiting` waits, counted from 0."""
        if place >= self.waiting.capped:
            return FULL
        feed = self.waiting[place].feed
        return f"feed {feed} {_CEILING} {self.quotas[feed].ceiling:,}"


def allocate(
    wanted: Sequence[Wanted],
    room: int,
    quotas: Mapping[str, Quota],
    pinned: Collection[RowKey] = (),
    incumbents: Collection[RowKey] = (),
    *,
    worth: Sequence[float] | None = None,
) -> Allocation:
    """Hand out `room` slots; below 0 is none.

    `pinned` and `incumbents` name rows by their keys; better sets than lists. `worth` is parallel
    to `wanted` and stands for the rows' scores in all that is decided here.
    """
    values = [item.score for item in wanted] if worth is None else worth
    order = list(values)
    before: dict[RowKey, float] = {}
    pins = 0
    for index, key in named(wanted, {*pinned, *incumbents}):
        before[key] = order[index]
        if key in pinned:
            order[index] = inf
            pins += 1
        else:
            order[index] += STAY
    ranked, points = _ranked(wanted, order)
    taken = bytearray(b"\1" * pins + bytes(len(ranked) - pins))
    held = Counter(item.feed for item in ranked[:pins])
    left = max(room - pins, 0)
    left = _below_floors(ranked, left, quotas, taken, held)
    left, capped = _below_ceilings(ranked, left, quotas, taken, held)
    kept = tuple(compress(ranked, taken))
    worths = [
        round(before.get(item.key, point), 2)  # scores are in hundredths; what is less breaks ties
        for item, point in zip(kept, compress(points, taken), strict=True)
    ]
    held = Counter(item.feed for item in kept)
    kept_by_floors = {feed for feed, quota in quotas.items() if held[feed] <= quota.owed}
    unkept = (
        worth
        for item, worth in zip(kept[pins:], worths[pins:], strict=True)
        if item.feed not in kept_by_floors
    )
    return Allocation(
        kept=kept,
        waiting=Line(
            len(ranked) - len(kept),
            lambda: (tuple(compress(ranked, taken.translate(_OTHERS))), capped),
        ),
        cutoff=None if left else min(unkept, default=None),
        quotas=quotas,
        edges=_edges(kept, worths, pins),
    )


def _edges(kept: Sequence[Wanted], worths: Sequence[float], pins: int) -> tuple[Edge, ...]:
    """The weakest of each feed's rows; of equals the last by identity. The first ones are pins."""
    slots = Counter(item.feed for item in kept)
    weakest: dict[str, tuple[float, Wanted]] = {}
    for item, worth in zip(kept[pins:], worths[pins:], strict=True):
        known = weakest.get(item.feed)
        if (
            known is None
            or worth < known[0]
            or (worth == known[0] and _IDENTITY(item) > _IDENTITY(known[1]))
        ):
            weakest[item.feed] = worth, item
    return tuple(
        Edge(feed, slots[feed], item.key, worth) for feed, (worth, item) in sorted(weakest.items())
    )


_OTHERS = bytes([1, 0]) + bytes(254)
"""Turns the marks of what is taken into those of what is not."""

_IDENTITY = attrgetter("type", "value", "groups")
"""What a row's key is made of, without the cost of making a million keys."""


def _ranked(wanted: Sequence[Wanted], order: Sequence[float]) -> tuple[list[Wanted], list[float]]:
    """The rows, best first, and beside them what they are worth; equals by their identity.

    Scores are in hundredths, so that many rows share one: sorting within it is half the work.
    """
    equals: defaultdict[float, list[Wanted]] = defaultdict(list)
    for item, worth in zip(wanted, order, strict=True):
        equals[worth].append(item)
    ranked: list[Wanted] = []
    points: list[float] = []
    for worth in sorted(equals, reverse=True):
        run = equals.pop(worth)
        run.sort(key=_IDENTITY)
        ranked += run
        points += [worth] * len(run)
    return ranked, points


def _below_floors(
    ranked: Sequence[Wanted],
    left: int,
    quotas: Mapping[str, Quota],
    taken: bytearray,
    held: Counter[str],
) -> int:
    """Take the best rows that floors stand for; return the slots left."""
    short = {feed: owed for feed, q in quotas.items() if (owed := q.owed - held[feed]) > 0}
    for place, item in enumerate(ranked):
        if not left or not short:
            break
        feed = item.feed
        if feed in short and not taken[place]:
            taken[place] = 1
            held[feed] += 1
            left -= 1
            short[feed] -= 1
            if not short[feed]:
                del short[feed]
    return left


def _below_ceilings(
    ranked: Sequence[Wanted],
    left: int,
    quotas: Mapping[str, Quota],
    taken: bytearray,
    held: Counter[str],
) -> tuple[int, int]:
    """Take the best of all other rows; return the slots left and how many were passed over."""
    most = {f: max(q.ceiling - held[f], 0) for f, q in quotas.items() if q.ceiling is not None}
    passed = 0
    for place, item in enumerate(ranked):
        if not left:
            break
        if taken[place]:
            continue
        feed = item.feed
        if feed in most:
            if not most[feed]:
                passed += 1
                continue
            most[feed] -= 1
        taken[place] = 1
        left -= 1
    return left, passed
