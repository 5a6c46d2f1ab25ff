"""`snapshots`, `restore`: the lists of before, and bringing one back."""

from __future__ import annotations

import argparse

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.cli.previews import settle, when_allowing_or_asked
from tidegate.clock import stamp
from tidegate.errors import ExitCode, StoreDamaged, UsageError
from tidegate.indicators.plan import Op
from tidegate.service.doctor.findings import many
from tidegate.service.preview import Line, Preview
from tidegate.service.snapshots import damage, listing, plan_restore, record, recover, verified
from tidegate.service.workspace import Workspace

_NAMED = 5
"""Rows left out that a person reads of; more only count."""

_VERDICT = {Op.CREATE: "add", Op.UPDATE: "update", Op.REMOVE: "remove"}


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.verb == "snapshots":
            return _snapshots(ws, args)
        if bool(args.id) == args.verify_all:
            raise UsageError("name an ID or --verify-all", "`tidegate snapshots` lists them")
        if args.verify_all:
            return _verify(ws, args)
        if not args.dry_run:
            ws.writable()
        fault = damage(ws)
        return _restore(ws, args) if fault is None else _recover(ws, args, fault)


def _snapshots(ws: Workspace, args: argparse.Namespace) -> int:
    found = listing(ws)
    if wants_json(args):
        for snapshot in found:
            output.json_line(record(snapshot))
    elif found:
        output.table(
            ("id", "change", "taken", "rows", "why"),
            (
                (
                    s.id,
                    s.serial,
                    "" if s.at is None else stamp(s.at)[:19] + "Z",
                    f"{s.rows:,}",
                    s.fault or s.reason,
                )
                for s in found
            ),
        )
        diagnostics.note(f"`tidegate restore {found[0].id}` makes the list what it was then")
    else:
        diagnostics.note(
            "no snapshot yet: one is taken with the first change and before each bulk change"
        )
    return ExitCode.DONE


def _verify(ws: Workspace, args: argparse.Namespace) -> int:
    bad = 0
    for snapshot, wrong in verified(ws):
        bad += bool(wrong)
        if wants_json(args):
            output.json_line({**record(snapshot), "wrong": wrong})
        else:
            output.text(f"{snapshot.id}  {'; '.join(wrong) or 'good'}")
    if bad:
        told = "1 snapshot is" if bad == 1 else f"{bad:,} snapshots are"
        raise StoreDamaged(f"{told} no good", "the list is not touched by it: remove those files")
    return ExitCode.DONE


def _restore(ws: Workspace, args: argparse.Namespace) -> int:
    """Go back on a list that is well: a change like any other."""

    def preview() -> Preview:
        found = plan_restore(ws, args.id, force=args.force_lineage)
        for text in found.left_out[:_NAMED]:
            diagnostics.note(f"left out: {text}")
        if (more := len(found.left_out) - _NAMED) > 0:
            diagnostics.note(f"left out: {more:,} more")
        diagnostics.note(f"{found.plan.reason}:")
        if notes := len(found.plan.suppressions):
            diagnostics.note(f"suppressions that come or go: {notes:,}")
        lines = [
            Line(c.row.value, c.row.type, c.row.value, _VERDICT[c.op]) for c in found.plan.changes
        ]
        return Preview(found.plan, tuple(lines))

    return settle(ws, preview, args, asks=when_allowing_or_asked)


def _recover(ws: Workspace, args: argparse.Namespace, fault: StoreDamaged) -> int:
    """Bring back a damaged list. Nothing is lost by trying: the damaged files are kept."""
    diagnostics.note(f"damaged: {fault.message}")
    if args.dry_run:
        diagnostics.note("the list would be brought back, the damaged files kept beside it")
        return ExitCode.DONE
    done = recover(ws, args.id, force=args.force_lineage)
    if wants_json(args):
        output.json_line(
            {
                "recovered": True,
                "serial": done.serial,
                "rows": done.rows,
                "replayed": done.replayed,
                "unread": done.unread,
                "kept": str(done.kept),
            }
        )
    unread = f"; {many(done.unread, 'change')} could not be read" if done.unread else ""
    diagnostics.note(
        f"brought back {many(done.rows, 'row')} as change {done.serial}, with "
        f"{many(done.replayed, 'change')} later than the snapshot{unread}; the damaged files are "
        f"in {done.kept}"
    )
    return ExitCode.DONE
