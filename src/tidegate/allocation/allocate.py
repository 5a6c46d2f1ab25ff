"""Which wanted rows get a slot, and which wait. This is where the 15,000 are handed out.

Rows are taken by score: first each feed's floor, then everything else, never past a feed's ceiling.
A merged row counts against one feed only, that of its leading candidate, so that the feeds'
shares partition the list. Pinned rows come before all and keep their slot even where there is no
room. The result depends on the set of rows and not on their order, since every tie is broken by the
row's identity.

Refuses to evict people's rows: they, foreign rows and rows that age out are subtracted before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tidegate.allocation.merge import Wanted
from tidegate.indicators.indicator import RowKey

STAY = 3.0
"""What holding a slot is worth."""


@dataclass(frozen=True, slots=True)
class Quota:
    """One feed's share of the list, in rows. `ceiling` None means no upper bound."""

    floor: int = 0
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A row that waits, and what stands before it."""

    wanted: Wanted
    reason: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """Rows that get a slot and rows that wait, each best first, and the score at the cut."""

    kept: tuple[Wanted, ...]
    waiting: tuple[Queued, ...]
    cutoff: float | None


def allocate(
    wanted: Sequence[Wanted],
    room: int,
    quotas: Mapping[str, Quota],
    pinned: Collection[RowKey] = (),
    incumbents: Collection[RowKey] = (),
    *,
    worth: Sequence[float] | None = None,
) -> Allocation:
    """Hand out `room` slots. `cutoff` is the lowest worth in when the room is full, else None.

    `incumbents` names rows that hold a slot; `worth` is parallel to `wanted` and stands for the
    rows' scores in all that is decided here.
    """
    values = [item.score for item in wanted] if worth is None else worth
    order = {
        id(item): value + (STAY if incumbents and item.key in incumbents else 0.0)
        for item, value in zip(wanted, values, strict=True)
    }
    ranked = sorted(wanted, key=lambda w: (w.key not in pinned, -order[id(w)], w.key))
    room = max(room, 0)
    taken: set[RowKey] = set()
    held: Counter[str] = Counter()

    def take(item: Wanted) -> None:
        taken.add(item.key)
        held[item.feed] += 1

    for item in ranked:
        feed = item.feed
        floor = quotas.get(feed, Quota()).floor
        # A pin is a person's word: it holds even on a list that is over its limit.
        if item.key in pinned or (len(taken) < room and held[feed] < floor):
            take(item)
    capped: set[RowKey] = set()
    for item in ranked:
        if item.key in taken or len(taken) >= room:
            continue
        ceiling = quotas.get(item.feed, Quota()).ceiling
        if ceiling is not None and held[item.feed] >= ceiling:
            capped.add(item.key)
            continue
        take(item)
    kept = tuple(item for item in ranked if item.key in taken)
    full = len(kept) >= room
    waiting = tuple(
        Queued(
            item,
            f"feed {item.feed} holds its ceiling of {quotas[item.feed].ceiling:,}"
            if item.key in capped
            else "the list is full",
        )
        for item in ranked
        if item.key not in taken
    )
    cutoff = min((order[id(item)] for item in kept), default=None) if full else None
    return Allocation(kept, waiting, cutoff)
