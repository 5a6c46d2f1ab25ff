"""What becomes of the slots: each feed's share, who is next in and next out, what frees up when.

The forecast says what follows if nobody says anything new: rows end as they are dated, and what
waits comes in, as shares allow. Refuses to guess renewals, and to plan: supposing.py does.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tidegate.allocation.allocate import Quota as Share
from tidegate.allocation.allocate import for_a_slot
from tidegate.allocation.at_risk import AtRisk, at_risk
from tidegate.allocation.compress import COVERED
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import IndicatorType, Origin
from tidegate.ledger.evaluation import (
    Waiting,
    count_waiting_by_feeds,
    count_waiting_for,
    first_waiting,
)
from tidegate.service.quota import charged, trusted, weakest_first
from tidegate.service.room import giving_way
from tidegate.service.workspace import Workspace, active_feeds

DAYS = 30
"""How far the forecast looks ahead."""
NO_RISK = AtRisk(0, 0)
SHOWN = 3
"""The first values that are named of each day."""


@dataclass(frozen=True, slots=True)
class FeedShare:
    """What one feed holds of the list and what of it waits, in rows. No `ceiling` is None."""

    id: str
    held: int
    floor: int
    ceiling: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Place:
    """A row at the edge of the list: the next in or the next out."""

    value: str
    type: IndicatorType
    score: float
    feed: str


@dataclass(frozen=True, slots=True)
class Day:
    """What a day (UTC) brings: slots that free up, rows that come in for them, the first of those.

    People's and foreign rows free slots, too.
    """

    day: date
    freed: int
    promoted: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The shares of the feeds, the edges of the list, and the days on which something happens.

    `next_out` goes first where feeds compete; `gives_way` where a person adds to a full list, for
    whom a floor is no bar and an edited row is. `covered` rows wait since another one does their
    work. `at_risk` counts files on the list of
    which weaker hashes have no row, and those hashes: an event that shows only such a one is found
    by who knows that they are of one file.
    """

    feeds: tuple[FeedShare, ...]
    next_in: Place | None
    next_out: Place | None
    forecast: tuple[Day, ...]
    covered: int = 0
    at_risk: AtRisk = NO_RISK
    gives_way: Place | None = None


def outlook(ws: Workspace) -> Outlook:
    """Look ahead from the list and the waiting room as they are."""
    now = ws.clock()
    feeds = active_feeds(ws)
    trust = trusted(feeds)
    shares = {feed.id: Share(feed.share.floor, feed.share.ceiling) for feed in feeds}
    held = tuple(ws.store.active(now))
    ours = {
        row.id: charged(row.feeds, trust) for row in held if row.origin is Origin.FEED and row.feeds
    }
    used = Counter(ours.values())
    counts = dict(count_waiting_by_feeds(ws.ledger, ws.tenant))
    waits: Counter[str] = Counter()
    for names, rows in counts.items():
        waits[charged(names, trust)] += rows
    ends: defaultdict[date, list[Indicator]] = defaultdict(list)
    for row in held:
        if row.expires is not None and row.expires <= now + timedelta(days=DAYS):
            ends[row.expires.date()].append(row)
    # No more can come in than go out: of a million that wait only those are looked at.
    most = sum(map(len, ends.values())) + 1
    queue = _Queue(shares, used.copy())
    asked = {names: min(rows, most) for names, rows in counts.items()}
    for item in first_waiting(ws.ledger, ws.tenant, asked, for_a_slot):
        queue.lines[charged(item.feeds, trust)].append(item)
    first = queue.best()
    leaving, _ = weakest_first((row for row in held if row.id in ours), feeds)
    gives_way = next((row for row, _ in giving_way(held, feeds) if row.id in ours), None)
    return Outlook(
        feeds=tuple(
            FeedShare(
                feed,
                used[feed],
                shares.get(feed, Share()).floor,
                shares.get(feed, Share()).ceiling,
                waits[feed],
            )
            for feed in sorted({*shares, *used, *waits})
        ),
        next_in=None if first is None else _place(*first),
        next_out=next((_held(row, ours[row.id]) for row in leaving), None),
        forecast=_forecast(ends, ours, queue, len(held) - ws.settings.for_feeds),
        covered=count_waiting_for(ws.ledger, ws.tenant, COVERED),
        at_risk=at_risk(held),
        gives_way=None if gives_way is None else _held(gives_way, ours[gives_way.id]),
    )


def _place(waiting: Waiting, feed: str) -> Place:
    return Place(waiting.key.value, waiting.key.type, waiting.score, feed)


def _held(row: Indicator, feed: str) -> Place:
    return Place(row.value, row.type, row.score or 0.0, feed)


def _forecast(
    ends: Mapping[date, Sequence[Indicator]], ours: Mapping[str, str], queue: _Queue, over: int
) -> tuple[Day, ...]:
    """Let each day's rows end and the queue move up. `over` is how far above its size the list is.

    Slots that are free already stay so: what could have them has them.
    """
    found = []
    for day in sorted(ends):
        for row in ends[day]:
            if row.id in ours:
                queue.used[ours[row.id]] -= 1
        freed = len(ends[day])
        room = max(freed - max(over, 0), 0)
        over -= freed
        promoted: list[tuple[Waiting, str]] = []
        while len(promoted) < room and (taken := queue.take()) is not None:
            promoted.append(taken)
        over += len(promoted)
        first = tuple(waiting.key.value for waiting, _ in promoted[:SHOWN])
        found.append(Day(day, freed, len(promoted), first))
    return tuple(found)


@dataclass
class _Queue:
    """What waits, by the feed it counts against, each feed's best first; and what feeds hold."""

    shares: Mapping[str, Share]
    used: Counter[str]
    lines: defaultdict[str, deque[Waiting]] = field(default_factory=lambda: defaultdict(deque))

    def best(self) -> tuple[Waiting, str] | None:
        """The row that the next slot goes to: of a feed below its floor, if there is one."""
        ready = [(line[0], feed) for feed, line in self.lines.items() if line]
        short = [(w, feed) for w, feed in ready if self.used[feed] < self._share(feed).owed]
        below = [(w, feed) for w, feed in ready if self._below(feed)]
        return min(short or below, key=lambda pair: pair[0].place, default=None)

    def take(self) -> tuple[Waiting, str] | None:
        """Give it that slot."""
        found = self.best()
        if found is not None:
            self.lines[found[1]].popleft()
            self.used[found[1]] += 1
        return found

    def _share(self, feed: str) -> Share:
        return self.shares.get(feed, Share())

    def _below(self, feed: str) -> bool:
        ceiling = self._share(feed).ceiling
        return ceiling is None or self.used[feed] < ceiling
