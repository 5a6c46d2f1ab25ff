"""Doing again what an undo took back: the exact inverse of that undo.

With the rows go the suppressions, pins and owned fields that the undo left behind, so that after a
redo everything is as it was before the undo, and the change can be taken back again. Refuses to
reach past an undo whose rows have moved on since: it says which change moved them.
"""

from __future__ import annotations

from tidegate.indicators.plan import SyncPlan
from tidegate.service.draft import Draft
from tidegate.service.reversal import Reversal, chosen, enough, inverse, within
from tidegate.service.trail import Span, Trail
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry


def plan_redo(ws: Workspace) -> SyncPlan:
    """The plan that puts back what the last undo took back, if that was not redone yet.

    Raises UsageError when there is none, StalePlan when its rows have moved on since.
    """
    return plan_redos(ws)[0].plan


def plan_redos(ws: Workspace, steps: int = 1) -> tuple[Reversal, ...]:
    """Plan to redo what the last `steps` undos took back, the newest undo first."""
    draft, trail = Draft(ws), Trail.of(ws)
    entries = trail.entries(trail.redoable())
    return enough(
        chosen(entries, lambda entry: _plan(ws, draft, entry), draft, steps), steps, "redo"
    )


def plan_redo_of(ws: Workspace, span: Span) -> tuple[Reversal, ...]:
    """Plan to redo a span: changes that were taken back, or the undos that did it.

    Raises UsageError when there is none, StalePlan when one of them does not fit any more.
    """
    draft, trail = Draft(ws), Trail.of(ws)
    entries = trail.entries(trail.redoable(span))
    found = chosen(entries, lambda entry: _plan(ws, draft, entry), draft, None)
    return within(found, span, "redo")


def _plan(ws: Workspace, draft: Draft, entry: Entry) -> SyncPlan:
    step = entry.undoes
    reason = f"redo of change {step}"
    turned = inverse(ws, draft, entry, reason)
    why = entry.reason.removeprefix(f"undo of change {step}: ")
    return SyncPlan(
        draft.lineage,
        draft.serial,
        "redo",
        f"{reason}: {why}",
        turned.changes,
        turned.suppressions,
        undoes=entry.serial,
    )
