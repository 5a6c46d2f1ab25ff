"""Making room on a full list for rows that come before any feed's: a person's and foreign ones.

The weakest rows of feeds leave, those that floors keep last, and wait for a slot like any other
overflow. Refuses to touch pinned rows and rows that a person has edited; when those alone are left,
the list is full.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.quota import weakest_first
from tidegate.service.workspace import Workspace, active_feeds

FOR_PEOPLE = "makes room for what a person adds"
"""Why a row leaves a full list at a person's word."""

DESPITE = "though a floor kept it"


def room_for(
    ws: Workspace, changes: Sequence[Change[Indicator]], reason: str
) -> tuple[Change[Indicator], ...]:
    """The removals that keep the list within its limit when `changes` are applied, too."""
    growth = sum((c.after is not None) - (c.before is not None) for c in changes)
    now = ws.clock()
    over = ws.store.count(now) + growth - ws.settings.limit
    if growth <= 0 or over <= 0:
        return ()
    touched = {change.row.id for change in changes}
    leaving = (
        Change(row, None, f"{reason}, {DESPITE}" if floored else reason)
        for row, floored in giving_way(ws.store.active(now), active_feeds(ws))
        if row.id not in touched
    )
    return tuple(islice(leaving, over))


def giving_way(
    held: Iterable[Indicator], feeds: Collection[FeedDefinition]
) -> Iterator[tuple[Indicator, bool]]:
    """The rows that may leave, the first to go first, and whether a floor has kept each so far."""
    leaving, kept = weakest_first((row for row in held if row.origin is Origin.FEED), feeds)
    yield from ((row, False) for row in leaving if not row.owned)
    yield from ((row, True) for row in kept if not row.owned)


def displaced(plan: SyncPlan) -> tuple[Change[Indicator], ...]:
    """What a plan takes off a full list only to make room for what a person adds."""
    return tuple(
        change
        for change in plan.changes
        if change.after is None and change.reason.startswith(FOR_PEOPLE)
    )


def farewell(change: Change[Indicator]) -> str:
    """Which row makes room, and why that one, in a line."""
    row = change.row
    why = f"score {row.score or 0:g}, " + (
        f"the weakest, {DESPITE}"
        if change.reason.endswith(DESPITE)
        else "the weakest that no floor keeps"
    )
    return f"the list is full: {row.value} of {', '.join(row.feeds)} leaves ({why})"
