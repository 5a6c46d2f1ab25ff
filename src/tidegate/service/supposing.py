"""The list under another limit, reserve, floor or ceiling: tried out, before anything is saved.

Plans from what the feeds said last and compares with the list as it is. Refuses to write to
the list, and to judge a share that no feed.toml could hold.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.errors import UsageError
from tidegate.feed import FeedDefinition
from tidegate.feed.definition import Share
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.limits import LIMIT
from tidegate.indicators.plan import Op
from tidegate.service.planning import evaluate
from tidegate.service.quota import charged, trusted
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.toml_errors import plain, suggestion


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed; None and what is not named stay as they are. Shares are by feed id."""

    limit: int | None = None
    reserve: int | None = None
    floors: Mapping[str, int] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is."""
        known = (self.limit, self.reserve)
        return any(value is not None for value in known) or bool(self.floors or self.ceilings)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would follow: rows that come in and rows that go, best first, and what would be.

    `now` and `then` count each feed's rows. `held` is how many of the changes the brake would keep
    back.
    """

    limit: int
    reserve: int
    now: Mapping[str, int]
    then: Mapping[str, int]
    entering: tuple[Indicator, ...]
    leaving: tuple[Indicator, ...]
    waiting: int
    cutoff: float | None
    held: int


def suppose(
    ws: Workspace, supposed: Supposed, progress: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Plan as if it were so. Raises UsageError for what cannot be set."""
    settings = ws.settings.model_copy(
        update={
            "limit": _limit(ws, supposed.limit),
            "reserve": ws.settings.reserve if supposed.reserve is None else supposed.reserve,
        }
    )
    if settings.reserve > settings.limit:
        raise UsageError(
            f"a reserve of {settings.reserve:,} is more than the limit of {settings.limit:,}",
            "suppose a lower reserve, too",
        )
    feeds = _shared(active_feeds(ws), supposed)
    trial = dataclasses.replace(ws, settings=settings, ranking=None)
    try:
        evaluation = evaluate(trial, feeds, progress)
    finally:
        trial.close()
    plan = evaluation.plan
    changes = (*plan.changes, *plan.held)
    entering = [c.row for c in changes if c.op is Op.CREATE]
    leaving = [c.row for c in changes if c.op is Op.REMOVE]
    trust = trusted(feeds)
    now = _by_feed(ws.store.active(ws.clock()), trust)
    then = now + _by_feed(entering, trust)
    then.subtract(_by_feed(leaving, trust))
    return Outcome(
        limit=settings.limit,
        reserve=settings.reserve,
        now=dict(now),
        then=dict(then),
        entering=_best_first(entering),
        leaving=_best_first(leaving),
        waiting=plan.counts.waiting,
        cutoff=evaluation.allocation.cutoff,
        held=len(plan.held),
    )


def _limit(ws: Workspace, limit: int | None) -> int:
    if limit is None:
        return ws.settings.limit
    if not 1 <= limit <= LIMIT:
        raise UsageError(f"--limit: {limit:,} is not 1 to {LIMIT:,}", "Defender takes no more")
    return limit


def _shared(feeds: Sequence[FeedDefinition], supposed: Supposed) -> list[FeedDefinition]:
    """The feeds with the shares that are supposed."""
    known = [feed.id for feed in feeds]
    for ident in (*supposed.floors, *supposed.ceilings):
        if ident not in known:
            raise UsageError(
                f'no feed "{plain(ident)}" is on{suggestion(ident, known)}',
                "`tidegate feeds list` shows all",
            )
    found = []
    for feed in feeds:
        floor = supposed.floors.get(feed.id, feed.share.floor)
        ceiling = supposed.ceilings.get(feed.id, feed.share.ceiling)
        if ceiling is not None and floor > ceiling:
            raise UsageError(
                f"{feed.id}: a floor of {floor:,} is above its ceiling of {ceiling:,}",
                f"give another --floor {feed.id}=N or --ceiling {feed.id}=N",
            )
        share = Share(floor=floor, ceiling=ceiling)
        found.append(feed.model_copy(update={"share": share}))
    return found


def _by_feed(rows: Iterable[Indicator], trust: Mapping[str, int]) -> Counter[str]:
    ours = (row.feeds for row in rows if row.origin is Origin.FEED and row.feeds)
    return Counter(charged(feeds, trust) for feeds in ours)


def _best_first(rows: Iterable[Indicator]) -> tuple[Indicator, ...]:
    return tuple(sorted(rows, key=lambda row: (-(row.score or 0.0), row.key)))
