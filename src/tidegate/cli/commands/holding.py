"""`held list|approve`: what the brake withheld, and letting exactly that through."""

from __future__ import annotations

import argparse

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.service.held import approve, withheld
from tidegate.service.workspace import Workspace


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.what == "list":
            _list(ws, args)
        else:
            _approve(ws, args)
    return ExitCode.DONE


def _approve(ws: Workspace, args: argparse.Namespace) -> None:
    approved = approve(ws, args.plan, args.feed)
    done = approved.applied
    if wants_json(args):
        output.json_line(
            {
                "plan": args.plan,
                "feed": args.feed,
                "create": done.created,
                "update": done.updated,
                "remove": done.removed,
                "moved_on": approved.moved_on,
                "suppressed": approved.suppressed,
                "left": approved.left,
                "applied": done.serial is not None,
                "serial": done.serial,
            }
        )
    undo = "" if done.serial is None else " – `tidegate undo` takes it back"
    diagnostics.note(
        f"added {done.created:,}, changed {done.updated:,}, removed {done.removed:,}{undo}"
    )
    if approved.moved_on:
        diagnostics.note(f"left out {approved.moved_on:,} whose rows have changed since")
    if approved.suppressed:
        diagnostics.note(f"left out {approved.suppressed:,} that a suppression keeps out")
    if approved.left:
        diagnostics.note(
            f"{approved.left:,} more are held: let through by `tidegate held approve {args.plan}`"
        )


def _list(ws: Workspace, args: argparse.Namespace) -> None:
    held = withheld(ws)
    if held is None:
        diagnostics.note("nothing is held")
    elif wants_json(args):
        for change in held.changes:
            output.json_line(
                {
                    "plan": held.id,
                    "op": change.op,
                    "reason": change.reason,
                    "held_reason": held.reason,
                    **output.row_record(change.row),
                }
            )
    else:
        output.text(f"plan {held.id}: {held.reason}")
        output.table(
            ("", "type", "value", "feeds", "because"),
            (
                (c.op, SHORT_TYPE[c.row.type], c.row.value, c.row.feeds, c.reason)
                for c in held.changes
            ),
            spare=("type",),
        )
