"""Snapshots for people: what there is, going back to one, and bringing back a damaged list.

On a list that is well, a restore is a plan like any other: it can be previewed and undone, and the
history stays. On a damaged one `recover` brings back what can be read. Refuses a snapshot of
another list unless told.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tidegate.clock import stamp
from tidegate.errors import HeldBack, IndicatorError, StoreDamaged, UsageError
from tidegate.indicators.indicator import EMPTY, Indicator
from tidegate.indicators.plan import SyncPlan, between
from tidegate.service.apply import check_row, decides
from tidegate.service.doctor.invariants import rows_hold, suppressions_hold
from tidegate.service.workspace import Workspace
from tidegate.store.recovery import Recovered, Recovery
from tidegate.store.snapshots import Snapshot

DOOR = "restore"


@dataclass(frozen=True, slots=True)
class Restore:
    """The plan that makes the list what a snapshot holds; `left_out` names rows that may not be."""

    id: str
    serial: int
    plan: SyncPlan
    left_out: tuple[str, ...]


def listing(ws: Workspace) -> tuple[Snapshot, ...]:
    """Every snapshot, newest first, each read whole; those that cannot be have a `fault`."""
    return ws.store.snapshots.all()


def damage(ws: Workspace) -> StoreDamaged | None:
    """What is wrong with the list or any file of its journal; None when nothing is."""
    return Recovery(ws.store.folder).fault()


def plan_restore(ws: Workspace, ident: str, *, force: bool = False) -> Restore:
    """Plan to make the list what it was. Rows that expired since, or that guards refuse, stay out.

    Overrides of another list count for nothing here.

    Raises UsageError for an unknown snapshot or one of another list, StoreDamaged for one that
    cannot be read.
    """
    path = ws.store.snapshots.find(ident)
    then, state, now = ws.store.snapshots.load(path.stem), ws.store.state(), ws.clock()
    foreign = bool(state.lineage) and then.lineage != state.lineage
    if foreign and not force:
        raise UsageError(
            f"snapshot {path.stem} is of another list", "add --force-lineage to take it"
        )
    reason = f"restore of snapshot {path.stem}"
    held = {row.id: row for row in ws.store.active(now)}
    left_out = []
    wanted: dict[str, Indicator] = {}
    for found in then.rows.values():
        # Whoever set a guard aside on another list did not do so on this one.
        row = dataclasses.replace(found, overrides=EMPTY) if foreign else found
        refusal = _refusal(ws, held.get(row.id), row, now)
        if refusal:
            left_out.append(refusal)
        else:
            wanted[row.id] = row
    plan = SyncPlan(
        state.lineage,
        state.serial,
        DOOR,
        f"{reason}, the list as of change {then.serial}",
        between(held, wanted, reason),
        between(state.suppressions, then.suppressions, reason),
    )
    return Restore(path.stem, then.serial, plan, tuple(left_out))


def _refusal(ws: Workspace, held: Indicator | None, row: Indicator, now: datetime) -> str:
    """Why a row may not come back; empty when it may."""
    if not row.active(now):
        return f"{row.value} expired on {row.expires:%Y-%m-%d}"
    if not decides(held, row):
        return ""
    try:
        check_row(ws, row)
    except (HeldBack, IndicatorError) as fault:
        return fault.message
    return ""


def recover(ws: Workspace, ident: str, *, force: bool = False) -> Recovered:
    """Bring back a damaged list. Raises UsageError, StoreDamaged, StoreLocked."""
    ws.writable()
    ws.timekeeper.check(ws.clock(), ws.tenant, None)
    path = ws.store.snapshots.find(ident)
    return Recovery(ws.store.folder).recover(path.stem, ws.clock(), ws.actor, force=force)


def verified(ws: Workspace) -> Iterator[tuple[Snapshot, tuple[str, ...]]]:
    """Each snapshot, and what would be wrong with the list that it brings back."""
    for snapshot in listing(ws):
        yield snapshot, (snapshot.fault,) if snapshot.fault else _wrong(ws, snapshot)


def _wrong(ws: Workspace, snapshot: Snapshot) -> tuple[str, ...]:
    try:
        state = ws.store.snapshots.load(snapshot.id)
        rows, notes = dict(state.rows), dict(state.suppressions)
    except StoreDamaged as fault:
        return (fault.message,)
    findings = (*rows_hold(rows, ws.clock()), *suppressions_hold(notes))
    return tuple(finding.message for finding in findings)


def record(snapshot: Snapshot) -> dict[str, object]:
    """A snapshot as JSON types."""
    at = None if snapshot.at is None else stamp(snapshot.at)
    return dataclasses.asdict(snapshot) | {"path": str(snapshot.path), "at": at}
