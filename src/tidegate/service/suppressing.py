"""Suppressions: what feeds may not bring back, set and lifted by hand, as plans."""

from __future__ import annotations

from datetime import datetime

from tidegate.errors import UsageError
from tidegate.indicators.indicator import RowKey, Suppression, row_id, scope
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.edit import read_value
from tidegate.service.workspace import Workspace
from tidegate.store.records import suppression_record


def suppressions(ws: Workspace) -> tuple[Suppression, ...]:
    """All suppressions, by value."""
    found = ws.store.state().suppressions.values()
    return tuple(sorted(found, key=lambda s: (s.type, s.value, s.groups or ())))


def plan_suppress(
    ws: Workspace, text: str, groups: tuple[str, ...], reason: str, until: datetime | None
) -> SyncPlan:
    """Keep a value out from the next sync on, in every scope unless `groups` names one.

    Raises InvalidValue, and UsageError for a pinned row, which a person wants to stay.
    """
    kind, value = read_value(text)
    chosen = scope(groups) or None
    for row in ws.store.active(ws.clock()):
        if row.pinned and row.value == value and (chosen is None or row.groups == chosen):
            raise UsageError(
                f"{value} is pinned, so it would stay", f"first `tidegate unpin {row.id}`"
            )
    state = ws.store.state()
    # No device group can be called "*", so this id is that of no single scope.
    ident = row_id(RowKey(kind, value, chosen or ("*",)))
    known = state.suppressions.get(ident)
    note = Suppression(ident, kind, value, chosen, reason, ws.actor, ws.clock(), until)
    return SyncPlan(
        state.lineage, state.serial, "suppress", f"suppress {value}",
        suppressions=(Change(known, note, reason),),
    )  # fmt: skip


def plan_release(ws: Workspace, text: str) -> SyncPlan:
    """Lift every suppression of a value. Raises UsageError when there is none."""
    value = read_value(text)[1]
    state = ws.store.state()
    found = [s for s in state.suppressions.values() if s.value == value]
    if not found:
        raise UsageError(f"{value} is not suppressed", "`tidegate suppress list` shows what is")
    return SyncPlan(
        state.lineage, state.serial, "suppress", f"release {value}",
        suppressions=tuple(Change(s, None, "released by hand") for s in found),
    )  # fmt: skip


def record(note: Suppression) -> dict[str, object]:
    """A suppression as JSON types."""
    return suppression_record(note)
