"""`suppress list|add|remove`: what feeds may not bring back."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.cli.previews import until_fresh
from tidegate.errors import ExitCode, UsageError
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import SyncPlan
from tidegate.indicators.term import parse_expiry
from tidegate.service.apply import Applied, apply
from tidegate.service.suppressing import plan_release, plan_suppress, record, suppressions
from tidegate.service.workspace import Workspace


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.what == "list":
            _list(ws, args)
            return ExitCode.DONE
        ws.writable()
        if args.what == "add":
            try:
                until = parse_expiry(args.until, ws.clock())
            except ValueError as fault:
                raise UsageError(f"--until: {fault}", "write 30d, a date or never") from fault
            groups = tuple(args.group or ())
            plan, done = _applied(
                ws, lambda: plan_suppress(ws, args.value, groups, args.reason, until)
            )
        else:
            if bool(args.values) == args.all:
                raise UsageError("name VALUEs or --all", "see `tidegate suppress remove --help`")
            plan, done = _applied(ws, lambda: plan_release(ws, args.values))
    if wants_json(args):
        output.json_line(
            {
                "op": args.what,
                "suppressions": [record(change.row) for change in plan.suppressions],
                "applied": done.serial is not None,
                "serial": done.serial,
            }
        )
    diagnostics.note(f"{plan.reason}; the next sync obeys")
    return ExitCode.DONE


def _applied(ws: Workspace, make: Callable[[], SyncPlan]) -> tuple[SyncPlan, Applied]:
    def attempt() -> tuple[SyncPlan, Applied]:
        plan = make()
        return plan, apply(ws, plan)

    return until_fresh(attempt)


def _list(ws: Workspace, args: argparse.Namespace) -> None:
    found = suppressions(ws)
    if wants_json(args):
        for item in found:
            output.json_line(record(item))
    elif found:
        output.table(
            ("type", "value", "groups", "until", "who", "reason"),
            (
                (
                    SHORT_TYPE[s.type],
                    s.value,
                    "every scope" if s.groups is None else s.groups or "all devices",
                    s.until or "for good",
                    s.actor,
                    s.reason,
                )
                for s in found
            ),
            spare=("type", "who"),
        )
    else:
        diagnostics.note("nothing is suppressed")
