"""Taking back: the inverse of one step or several, each a plan like any other.

A step that an undo took back, an undo itself and the journal's own expiries are passed over, so
that undoing again goes further back; a step that was redone counts from its redo on. Undoing what
a feed put on the list leaves a suppression: otherwise the next sync would bring it back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from types import MappingProxyType

from tidegate.indicators.indicator import OWNABLE, Indicator, Suppression, row_id
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.draft import Draft
from tidegate.service.residue import notes_without_it
from tidegate.service.reversal import FEED_DOORS, Reversal, chosen, enough, inverse, story, within
from tidegate.service.trail import Span, Trail
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry


def plan_undo(ws: Workspace) -> SyncPlan:
    """The plan that takes back the last step that still has something to take back.

    Raises UsageError when there is none, StalePlan when its rows have moved on since.
    """
    return plan_undos(ws)[0].plan


def plan_undos(ws: Workspace, steps: int = 1) -> tuple[Reversal, ...]:
    """Plan to take back the last `steps` steps, newest first; see `plan_undo`."""
    draft, trail = Draft(ws), Trail.of(ws)
    entries = trail.entries(trail.undoable())
    return enough(
        chosen(entries, lambda entry: _plan(ws, draft, entry), draft, steps), steps, "undo"
    )


def plan_undo_of(ws: Workspace, span: Span) -> tuple[Reversal, ...]:
    """Plan to take back the steps of a span that stand, newest first.

    Raises UsageError when there is none, StalePlan when one of them does not fit any more.
    """
    draft, trail = Draft(ws), Trail.of(ws)
    entries = trail.entries(trail.undoable(span))
    found = chosen(entries, lambda entry: _plan(ws, draft, entry), draft, None)
    return within(found, span, "take back")


def _plan(ws: Workspace, draft: Draft, entry: Entry) -> SyncPlan:
    reason = f"undo of change {entry.serial}"
    turned = inverse(ws, draft, entry, reason)
    changes = turned.changes
    if entry.door in FEED_DOORS:
        changes = tuple(_standing(change) for change in changes)
    suppressions = list(turned.suppressions)
    settled = {change.row.id for change in suppressions}
    for change in changes if entry.door in FEED_DOORS else ():
        note = _kept_out(ws, change, reason)
        if note is not None and note.id not in settled:
            held = draft.note(note.id)
            if not still_suppressed(held):
                suppressions.append(Change(held, note, reason))
    suppressions += _let_in(ws, draft, entry, changes, settled)
    return SyncPlan(
        draft.lineage,
        draft.serial,
        "undo",
        f"{reason}: {entry.reason}",
        changes,
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


def _let_in(
    ws: Workspace,
    draft: Draft,
    entry: Entry,
    changes: Iterable[Change[Indicator]],
    settled: Collection[str],
) -> list[Change[Suppression]]:
    """Lift what only an earlier undo left to keep out a row that now comes back."""
    back = (change.after for change in changes if change.before is None)
    ids = {row_id(row.feed_key) for row in back if row is not None and row.origin is Origin.FEED}
    held = [note for ident in sorted(ids - set(settled)) if (note := draft.note(ident)) is not None]
    if not held:
        return []
    known = {note.id for note in held}
    meant = notes_without_it(entry, story(ws, draft, known), known)
    reason = f"undo of change {entry.serial}"
    return [Change(note, None, reason) for note in held if meant[note.id] is None]


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
    """What taking back or redoing a feed's change leaves behind, in sentences for people."""
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
        (owned, "rows keep these values as yours: `tidegate why VALUE` tells what feeds want"),
    )
    return tuple(f"{count:,} {words}" for count, words in sentences if count)
