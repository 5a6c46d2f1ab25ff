"""Making room on a full list for rows that come before any feed's: a person's and foreign ones.

The weakest rows of feeds leave, those that floors keep last, and wait for a slot like any other
overflow. Refuses to touch pinned rows and rows that a person has edited; when those alone are left,
the list is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change
from tidegate.service.quota import weakest_first
from tidegate.service.workspace import Workspace, active_feeds


def room_for(
    ws: Workspace, changes: Sequence[Change[Indicator]], reason: str
) -> tuple[Change[Indicator], ...]:
    """The removals that keep the list within its limit when `changes` are applied, too."""
    growth = sum((c.after is not None) - (c.before is not None) for c in changes)
    now = ws.clock()
    over = ws.store.count(now) + growth - ws.settings.limit
    if growth <= 0 or over <= 0:
        return ()
    held = ws.store.active(now)
    touched = {change.row.id for change in changes}
    ours = (row for row in held if row.origin is Origin.FEED)
    weakest = chain(*weakest_first(ours, active_feeds(ws)))
    leaving = (row for row in weakest if not row.owned and row.id not in touched)
    return tuple(Change(row, None, reason) for row in islice(leaving, over))
