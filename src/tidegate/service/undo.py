"""Taking back: the inverse of the last steps, as a plan like any other.

A step that an undo took back, an undo itself and the journal's own expiries are passed over, so
that undoing again goes further back. Undoing what a feed put on the list leaves a suppression:
otherwise the next sync would bring it back.
"""

from __future__ import annotations

from datetime import datetime

from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.indicator import Indicator, Suppression, row_id
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, SyncPlan, inverted
from tidegate.service.workspace import Workspace
from tidegate.store.journal import Entry

_PASSED_OVER = ("expiry", "undo")


def undoable(ws: Workspace) -> Entry:
    """The step that an undo would take back. Raises UsageError when there is none."""
    taken_back: set[int] = set()
    for entry in reversed(list(ws.store.entries())):
        if entry.undoes is not None:
            taken_back.add(entry.undoes)
        if entry.door not in _PASSED_OVER and entry.serial not in taken_back:
            return entry
    raise UsageError("nothing to undo", "`tidegate history` shows what happened")


def plan_undo(ws: Workspace) -> SyncPlan:
    """The plan that takes back the last step. Raises StalePlan when rows have moved on since."""
    state = ws.store.state()
    entry = undoable(ws)
    reason = f"undo of change {entry.serial}"
    changes = tuple(c for c in inverted(entry.changes, reason) if not _over(c, ws.clock()))
    for change in changes:
        held = state.rows.get(change.row.id)
        if held != change.before:
            raise StalePlan(
                f"{change.row.value} was changed again after change {entry.serial}",
                f"edit it by hand; `tidegate history {change.row.value}` shows its changes",
            )
    suppressions = inverted(entry.suppressions, reason)
    lifted = {c.before.id for c in suppressions if c.before is not None}
    suppressions = tuple(
        c for c in suppressions if c.before is None or c.before.id in state.suppressions
    )
    suppressions += tuple(
        Change(None, row, reason)
        for change in changes
        if change.before is not None
        and change.after is None
        and change.before.origin is Origin.FEED
        and (row := suppression(ws, change.before, reason)).id not in state.suppressions
        and row.id not in lifted
    )
    return SyncPlan(
        state.lineage,
        state.serial,
        "undo",
        f"{reason}: {entry.reason}",
        changes,
        suppressions,
        undoes=entry.serial,
    )


def _over(change: Change[Indicator], now: datetime) -> bool:
    """Whether the row expired meanwhile: there is nothing left to take back."""
    row = change.before or change.after
    return row is not None and not row.active(now)


def suppression(ws: Workspace, row: Indicator, reason: str) -> Suppression:
    """A note that feeds may not bring this row back."""
    key = row.feed_key
    return Suppression(
        id=row_id(key),
        type=key.type,
        value=key.value,
        groups=key.groups,
        reason=reason,
        actor=ws.actor,
        created=ws.clock(),
    )
