"""The slots of the tenant: whose they are, how many are free, what waits.

Owns the account that is asked for at each keystroke, so it is one pass over the list. Refuses to
look ahead: outlook.py does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter

from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.ledger import evaluation
from tidegate.service import look
from tidegate.service.workspace import Workspace, active_feeds

_SOON = timedelta(days=7)

_ALIKE = attrgetter("origin", "feeds", "pinned")
"""What rows are counted by; thousands of them are alike in it."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The slots of the tenant. `cutoff` is the score of the next out of a full list, else None.

    `by_feed` counts each feed's row once, under the feed it counts against, so that own rows add
    up: used = foreign + manual + sum(by_feed). The `reserve` is part of what is `free`, as far as
    nobody has filled it; feeds never do.
    """

    limit: int
    used: int
    foreign: int
    manual: int
    pinned: int
    free: int
    waiting: int
    by_feed: dict[str, int]
    expiring_7d: int
    cutoff: float | None
    reserve: int = 0


def quota(ws: Workspace) -> Quota:
    """The slot account of the tenant now."""
    now = ws.clock()
    soon = now + _SOON
    held = look.rows(ws)
    feeds = active_feeds(ws)
    trust = trusted(feeds)
    by_origin: Counter[Origin] = Counter()
    by_feed: Counter[str] = Counter()
    pinned = 0
    for (origin, names, kept), number in Counter(map(_ALIKE, held)).items():
        by_origin[origin] += number
        pinned += number if kept else 0
        if origin is Origin.FEED and names:
            by_feed[charged(names, trust)] += number
    limit = ws.settings.limit
    full = len(held) >= ws.settings.for_feeds
    owed = {feed.id: feed.share.floor for feed in feeds}
    # The first of `weakest_first`, which is the last in rank order that no floor keeps.
    leaving = (
        row
        for row in reversed(held)
        if row.origin is Origin.FEED and row.feeds and not row.pinned
        and by_feed[feed := charged(row.feeds, trust)] > owed.get(feed, 0)
    )  # fmt: skip
    last = next(leaving, None) if full else None
    return Quota(
        limit=limit,
        used=len(held),
        foreign=by_origin[Origin.FOREIGN],
        manual=by_origin[Origin.MANUAL],
        pinned=pinned,
        free=max(limit - len(held), 0),
        waiting=evaluation.count_waiting(ws.ledger, ws.tenant),
        by_feed=dict(sorted(by_feed.items())),
        expiring_7d=sum(row.expires is not None and row.expires <= soon for row in held),
        cutoff=None if last is None else last.score,
        reserve=ws.settings.reserve,
    )


def weakest_first(
    rows: Iterable[Indicator], feeds: Collection[FeedDefinition]
) -> tuple[list[Indicator], list[Indicator]]:
    """Feeds' rows without a pin in the order in which they leave, and those that floors keep."""
    trust = trusted(feeds)
    owed = {feed.id: feed.share.floor for feed in feeds}
    ours = [(row, charged(row.feeds, trust)) for row in rows if row.feeds]
    held = Counter(feed for _, feed in ours)
    leaving: list[Indicator] = []
    kept: list[Indicator] = []
    ours.sort(key=lambda pair: pair[0].key, reverse=True)
    for row, feed in sorted(ours, key=lambda pair: pair[0].score or 0.0):
        if row.pinned:
            continue
        if held[feed] > owed.get(feed, 0):
            held[feed] -= 1
            leaving.append(row)
        else:
            kept.append(row)
    return leaving, kept


def trusted(feeds: Collection[FeedDefinition]) -> Mapping[str, int]:
    """How far each feed is trusted."""
    return {feed.id: feed.trust for feed in feeds}


def charged(feeds: Collection[str], trust: Mapping[str, int]) -> str:
    """The one feed that a row of several counts against: the most trusted, the first of equals.

    A plan lets confidence decide between equals first, which a row does not keep for each feed.
    """
    return min(feeds, key=lambda feed: (-trust.get(feed, -1), feed))
