"""Suppressions: what feeds may not bring back, set and lifted by hand, as plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator, RowKey, Suppression, row_id, scope
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.edit import read_value
from tidegate.service.workspace import Workspace
from tidegate.store.records import suppression_record

EVERY_SCOPE = ("*",)
"""Stands for the scope in the id of what is suppressed in all; no device group can be called so."""


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
    ident = row_id(RowKey(kind, value, chosen or EVERY_SCOPE))
    known = state.suppressions.get(ident)
    note = Suppression(ident, kind, value, chosen, reason, ws.actor, ws.clock(), until)
    return SyncPlan(
        state.lineage, state.serial, "suppress", f"suppress {value}",
        suppressions=(Change(known, note, reason),),
    )  # fmt: skip


def plan_reject(
    ws: Workspace, rows: Iterable[Indicator], reason: str, until: datetime | None
) -> SyncPlan:
    """Keep the values of these rows out from the next sync on, in every scope.

    Raises UsageError for a pinned row, which a person wants to stay.
    """
    state, now = ws.store.state(), ws.clock()
    wanted = {(row.type, row.value) for row in rows}
    values = {value for _, value in wanted}
    for row in ws.store.active(now):
        if row.pinned and row.value in values:
            raise UsageError(
                f"{row.value} is pinned, so it would stay", f"first `tidegate unpin {row.id}`"
            )
    changes = []
    for kind, value in sorted(wanted):
        ident = row_id(RowKey(kind, value, EVERY_SCOPE))
        note = Suppression(ident, kind, value, None, reason, ws.actor, now, until)
        changes.append(Change(state.suppressions.get(ident), note, reason))
    what = changes[0].row.value if len(changes) == 1 else f"{len(changes):,} values"
    return SyncPlan(
        state.lineage, state.serial, "suppress", f"reject {what}", suppressions=tuple(changes)
    )


def plan_release(ws: Workspace, texts: Sequence[str]) -> SyncPlan:
    """Lift every suppression of these values, or all there are when none is named.

    Raises UsageError for a value that is not suppressed.
    """
    state = ws.store.state()
    found: list[Suppression] = []
    for text in texts:
        value = read_value(text)[1]
        named = [note for note in state.suppressions.values() if note.value == value]
        if not named:
            raise UsageError(f"{value} is not suppressed", "`tidegate suppress list` shows what is")
        found += [note for note in named if note not in found]
    found = found if texts else list(state.suppressions.values())
    what = found[0].value if len(found) == 1 else f"{len(found):,} suppressions"
    return SyncPlan(
        state.lineage, state.serial, "suppress", f"release {what}",
        suppressions=tuple(Change(note, None, "released by hand") for note in found),
    )  # fmt: skip


def record(note: Suppression) -> dict[str, object]:
    """A suppression as JSON types."""
    return suppression_record(note)
