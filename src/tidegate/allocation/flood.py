"""A feed that suddenly proposes far more than before: what it would add is held, all else goes on.

A feed floods when it proposes at least twice as many candidates as when its part was last let
through, and would by that create more rows than may be removed at once on a full list. Each row of
others that it displaces makes room for one that it creates, so counting what it creates counts
those, too. A feed that proposed nothing before has nothing to be compared with, as at its first
sync.

Owns who floods, and what is held for it: the slots are handed out again without the flood, so that
others do not wait in vain for room that stays free. Refuses to hand out slots itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tidegate.allocation.brake import Changes, FeedNumbers, Thresholds, Withheld
from tidegate.indicators.plan import Op

_TIMES = 2

FLOOD = "the brake holds the flood of its feed"
"""Why a row waits that only feeds ask for which flood."""


def floods(
    changes: Changes, feeds: Iterable[FeedNumbers], limit: int, thresholds: Thresholds
) -> tuple[Withheld, ...]:
    """Which feeds flood in a plan of these changes, with the new rows that are theirs alone.

    A row that a feed which is as before asks for, too, is no part of a flood.
    """
    doubled = {
        feed.feed: feed for feed in feeds if feed.before and feed.now >= _TIMES * feed.before
    }
    if not doubled:
        return ()
    most = thresholds.most(limit)
    created = [c.row for c in changes if c.op is Op.CREATE and doubled.keys() >= {*c.row.feeds}]
    found = []
    for feed in doubled.values():
        rows = frozenset(row.id for row in created if feed.feed in row.feeds)
        if len(rows) > most:
            reason = (
                f"proposes {feed.now:,}, {feed.before:,} before, and would add {len(rows):,} rows, "
                f"more than the {most:,} that pass at once"
            )
            found.append(Withheld(feed.feed, reason, rows))
    return tuple(found)


def flooding(feeds: Collection[str], found: Iterable[Withheld]) -> bool:
    """Whether only feeds that flood ask for a row: it gets no slot unless it has one."""
    return {each.feed for each in found}.issuperset(feeds)
