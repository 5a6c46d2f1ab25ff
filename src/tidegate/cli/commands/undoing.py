"""`undo`, `redo`: taking changes back and doing them again, each shown, asked about and told."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tidegate.cli import diagnostics, output
from tidegate.cli.commands.history import span_of
from tidegate.cli.opening import wants_json, workspace
from tidegate.cli.previews import until_fresh
from tidegate.errors import ExitCode, HeldBack, StalePlan, UsageError
from tidegate.indicators.indicator import Suppression
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Op
from tidegate.service.apply import Applied
from tidegate.service.history import changes_record, every_change
from tidegate.service.moves import SIGN, moved
from tidegate.service.redo import plan_redo_of, plan_redos
from tidegate.service.reversal import Reversal, carry_out, notable, weighty
from tidegate.service.undo import consequences, plan_undo_of, plan_undos
from tidegate.service.workspace import Workspace

_SHOWN = 20
"""Rows that are listed before a question; more would scroll away what the question is about."""


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if not args.dry_run:
            ws.writable()
        ended = until_fresh(lambda: _attempt(ws, args))
    if isinstance(ended, StalePlan):
        raise ended
    return ended


def _attempt(ws: Workspace, args: argparse.Namespace) -> int | StalePlan:
    """Plan and apply. A step that does not fit will not fit in a moment: that is returned."""
    try:
        found = _planned(ws, args)
    except StalePlan as unfit:
        return unfit
    if args.dry_run:
        _report(found, None, args)
        return ExitCode.DONE
    withheld = None if args.yes else _withheld(ws, found, args)
    if withheld is not None:
        return diagnostics.error(withheld)
    _report(found, carry_out(ws, found), args)
    return ExitCode.DONE


def _planned(ws: Workspace, args: argparse.Namespace) -> tuple[Reversal, ...]:
    undo = args.verb == "undo"
    span = span_of(args.change)
    if span is not None:
        if args.steps is not None:
            raise UsageError("both N and --change were given", "use one of them")
        return plan_undo_of(ws, span) if undo else plan_redo_of(ws, span)
    steps = 1 if args.steps is None else args.steps
    if steps < 1:
        raise UsageError(f"cannot {args.verb} {steps} steps", "give a number from 1")
    return plan_undos(ws, steps) if undo else plan_redos(ws, steps)


def _withheld(
    ws: Workspace, found: Sequence[Reversal], args: argparse.Namespace
) -> HeldBack | None:
    """Ask where it is much; why it may not be done, or None when it may."""
    rows = sum(len(reversal.plan.changes) for reversal in found)
    much = weighty([reversal.plan for reversal in found])
    answerable = diagnostics.interactive()
    if not much and not (answerable and any(notable(it.plan, it.entry, ws.actor) for it in found)):
        return None
    if not (answerable and wants_json(args)):  # what was asked for as JSON is written once
        _report(found, None, args)
    if not answerable:
        what = f"planned, nothing applied: {rows:,} rows to {args.verb}"
        return HeldBack(what, "add --yes, or use a terminal")
    what = found[0].plan.reason if len(found) == 1 else f"{args.verb} of {len(found):,} changes"
    by = sorted({it.entry.actor for it in found} - {ws.actor})
    whose = f", by {', '.join(by)}" if by else ""
    if diagnostics.ask(f"{what}{whose}: {rows:,} rows change. Go on?"):
        return None
    if wants_json(args):
        _report(found, None, args)
    return HeldBack("not confirmed", "nothing was changed")


def _report(
    found: Sequence[Reversal], done: Sequence[Applied] | None, args: argparse.Namespace
) -> None:
    """Say what was done, or with `done` None what would be."""
    if wants_json(args):
        for place, reversal in enumerate(found):
            output.json_line(_record(reversal, None if done is None else done[place]))
        return
    if done is None:
        _list(found, None if args.dry_run else _SHOWN)
    for reversal in found:
        plan = reversal.plan
        count = f"(+{plan.count(Op.CREATE)} ~{plan.count(Op.UPDATE)} -{plan.count(Op.REMOVE)})"
        diagnostics.note(f"{'would be: ' if done is None else ''}{plan.reason} {count}")
        for told in consequences(plan):
            diagnostics.note(told)


def _record(reversal: Reversal, done: Applied | None) -> dict[str, object]:
    plan = reversal.plan
    record: dict[str, object] = {
        "undoes": plan.undoes,
        "serial": None if done is None else done.serial,
        "reason": plan.reason,
        "create": plan.count(Op.CREATE),
        "update": plan.count(Op.UPDATE),
        "remove": plan.count(Op.REMOVE),
        "applied": done is not None,
    }
    if plan.door == "redo":
        record["redoes"] = reversal.entry.undoes
    if done is None:
        record |= changes_record(plan)
    return record


def _list(found: Sequence[Reversal], most: int | None) -> None:
    rows = [
        (
            reversal.plan.undoes,
            SIGN[change.op],
            "suppression" if isinstance(change.row, Suppression) else SHORT_TYPE[change.row.type],
            change.row.value,
            moved(change),
        )
        for reversal in found
        for change in every_change(reversal.plan)
    ]
    output.table(("change", "", "type", "value", "what"), rows[:most], spare=("type",))
    if most is not None and len(rows) > most:
        output.text(f"… and {len(rows) - most:,} more; --dry-run --json lists them")
