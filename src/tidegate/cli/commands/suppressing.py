"""`suppress list|add|remove`: what feeds may not bring back."""

from __future__ import annotations

import argparse

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode, UsageError
from tidegate.indicators.term import parse_expiry
from tidegate.service.apply import apply
from tidegate.service.suppressing import plan_release, plan_suppress, record, suppressions
from tidegate.service.workspace import Workspace


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.what == "list":
            _list(ws, args)
            return ExitCode.DONE
        if args.what == "add":
            try:
                until = parse_expiry(args.until, ws.clock())
            except ValueError as fault:
                raise UsageError(f"--until: {fault}", "write 30d, a date or never") from fault
            plan = plan_suppress(ws, args.value, tuple(args.group or ()), args.reason, until)
        else:
            plan = plan_release(ws, args.value)
        apply(ws, plan)
        diagnostics.note(f"{plan.reason}; the next sync obeys")
    return ExitCode.DONE


def _list(ws: Workspace, args: argparse.Namespace) -> None:
    found = suppressions(ws)
    if wants_json(args):
        for item in found:
            output.json_line(record(item))
    elif found:
        output.table(
            ("type", "value", "groups", "until", "who", "reason"),
            ((s.type, s.value, s.groups, s.until or "for good", s.actor, s.reason) for s in found),
        )
    else:
        diagnostics.note("nothing is suppressed")
