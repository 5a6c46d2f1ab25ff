"""Taking back: the inverse of the last steps, as a plan like any other.

A step that an undo took back, an undo itself and the journal's own expiries are passed over, so
that undoing again goes further back. Undoing what a feed put on the list leaves a suppression:
otherwise the next sync would bring it back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import MappingProxyType

from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.indicator import OWNABLE, Indicator, Suppression, row_id
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, SyncPlan, inverted
from tidegate.service.workspace import Workspace
from tidegate.store.journal import Entry

_PASSED_OVER = ("expiry", "undo")
_FEED_DOORS = ("sync", "held")


def undoable(ws: Workspace) -> Iterator[Entry]:
    """The steps that an undo could take back, newest first."""
    taken_back: set[int] = set()
    for entry in reversed(list(ws.store.entries())):
        if entry.undoes is not None:
            taken_back.add(entry.undoes)
        if entry.door not in _PASSED_OVER and entry.serial not in taken_back:
            yield entry


def plan_undo(ws: Workspace) -> SyncPlan:
    """The plan that takes back the last step that still has something to take back.

    Raises UsageError when there is none, StalePlan when its rows have moved on since.
    """
    for entry in undoable(ws):
        plan = _inverse(ws, entry)
        if not plan.empty:
            return plan
    raise UsageError("nothing to undo", "`tidegate history` shows what happened")


def _inverse(ws: Workspace, entry: Entry) -> SyncPlan:
    state, now = ws.store.state(), ws.clock()
    reason = f"undo of change {entry.serial}"
    changes = []
    for change in inverted(entry.changes, reason):
        before, after = change.before, change.after
        if before is not None and not before.active(now):
            continue  # it expired meanwhile: there is nothing left to take back
        if before is None and after is not None and not after.active(now):
            continue  # it would have expired meanwhile
        if after is not None and not after.active(now):
            raise StalePlan(
                f"{after.value} would be expired as it was before change {entry.serial}",
                f"remove it, or edit it by hand: `tidegate edit {after.id} --expires 30d`",
            )
        if state.rows.get(change.row.id) != before:
            raise StalePlan(
                f"{change.row.value} was changed again after change {entry.serial}",
                f"edit it by hand; `tidegate history {change.row.value}` shows its changes",
            )
        changes.append(_standing(change) if entry.door in _FEED_DOORS else change)
    suppressions = [
        change
        for change in inverted(entry.suppressions, reason)
        if state.suppressions.get(change.row.id) == change.before
    ]
    settled = {change.row.id for change in suppressions}
    for change in changes:
        note = _kept_out(ws, change, reason)
        if note is not None and note.id not in settled:
            held = state.suppressions.get(note.id)
            if not still_suppressed(held):
                suppressions.append(Change(held, note, reason))
    return SyncPlan(
        state.lineage,
        state.serial,
        "undo",
        f"{reason}: {entry.reason}",
        tuple(changes),
        tuple(suppressions),
        undoes=entry.serial,
    )


def _standing(change: Change[Indicator]) -> Change[Indicator]:
    """Make what a person took back from a feed stand: the next sync would do it again.

    Restored fields become the person's, a restored row is pinned.
    """
    before, after = change.before, change.after
    if after is None or after.origin is not Origin.FEED:
        return change
    if before is None:
        return Change(None, dataclasses.replace(after, pinned=True), change.reason)
    asked = {
        name: getattr(before, name)
        for name in OWNABLE
        if name not in after.owned and getattr(before, name) != getattr(after, name)
    }
    owned = MappingProxyType({**after.owned, **asked})
    return Change(before, dataclasses.replace(after, owned=owned), change.reason)


def _kept_out(ws: Workspace, change: Change[Indicator], reason: str) -> Suppression | None:
    """The suppression that keeps a feed from bringing back a row that an undo removes."""
    row = change.before
    if row is None or change.after is not None or row.origin is not Origin.FEED:
        return None
    return suppression(ws, row, reason)


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


def still_suppressed(held: Suppression | None) -> bool:
    """Whether a suppression already stands for good, so that another would say nothing new."""
    return held is not None and held.until is None


def consequences(plan: SyncPlan) -> tuple[str, ...]:
    """What an undo of a feed's change leaves behind, in sentences for people."""
    kept_out = sum(change.after is not None for change in plan.suppressions)
    pinned = sum(
        change.before is None and change.after is not None and change.after.pinned
        for change in plan.changes
    )
    owned = sum(
        change.before is not None
        and change.after is not None
        and len(change.after.owned) > len(change.before.owned)
        for change in plan.changes
    )
    sentences = (
        (kept_out, "rows stay away from now on: `tidegate suppress list`, `suppress remove VALUE`"),
        (pinned, "rows are back and pinned, so that no sync removes them: `tidegate unpin ID`"),
        (owned, "rows keep the old values as yours: `tidegate why VALUE` tells what feeds want"),
    )
    return tuple(f"{count:,} {words}" for count, words in sentences if count)
