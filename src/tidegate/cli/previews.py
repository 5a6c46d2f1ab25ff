"""Showing a preview, asking where one should ask, applying, and saying what was done."""

from __future__ import annotations

import argparse
from typing import Any

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json
from tidegate.errors import ExitCode, HeldBack, UsageError
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Op
from tidegate.service.apply import apply
from tidegate.service.edit import Line, Preview
from tidegate.service.workspace import Workspace


def settle(
    ws: Workspace,
    preview: Preview,
    args: argparse.Namespace,
    *,
    many: bool = False,
    strict: bool = False,
    listed: bool = False,
) -> int:
    """Apply a preview and return the exit code.

    `strict` refuses everything when one line is refused. `many` asks first on a terminal. `listed`
    shows every line, as the person did not type them one by one.
    """
    dry = getattr(args, "dry_run", False)
    if strict and preview.refused:
        for line in preview.refused[1:]:
            diagnostics.note(f"tidegate: {line.text}: {line.detail}")
        first = preview.refused[0]
        raise UsageError(f"{first.text}: {first.detail}", "nothing was changed")
    if not wants_json(args) and (listed or dry or many):
        _show(preview.lines)
    serial = None
    applied = False
    if not dry and not preview.plan.empty:
        if many and not args.yes and diagnostics.interactive():
            what = f"{len(preview.plan.changes):,} rows: {preview.plan.door} them?"
            if not diagnostics.ask(what):
                raise HeldBack("not confirmed", "nothing was changed")
        serial = apply(ws, preview.plan).serial
        applied = True
    _say(preview, args, serial, applied=applied, dry=dry)
    # Lines are refused one by one only in lists; when nothing at all could be done, that is 2.
    return ExitCode.USAGE if preview.refused and preview.plan.empty else ExitCode.DONE


def _say(
    preview: Preview, args: argparse.Namespace, serial: int | None, *, applied: bool, dry: bool
) -> None:
    plan = preview.plan
    if wants_json(args):
        output.json_line(
            {
                "plan": {op.value: plan.count(op) for op in Op},
                "lines": [line_record(line) for line in preview.lines],
                "ids": [c.after.id for c in plan.changes if c.after is not None],
                "applied": applied,
                "serial": serial,
            }
        )
        return
    counts = ", ".join(
        f"{count:,} {word}"
        for word, count in (
            ("to add" if dry else "added", plan.count(Op.CREATE)),
            ("to change" if dry else "changed", plan.count(Op.UPDATE)),
            ("to remove" if dry else "removed", plan.count(Op.REMOVE)),
            ("refused", len(preview.refused)),
        )
        if count
    )
    undo = " – `tidegate undo` takes it back" if applied else ""
    diagnostics.note(f"{counts or 'nothing to change'}{undo}")
    for line in preview.lines:
        for warning in line.warnings:
            diagnostics.note(f"warning: {line.value}: {warning}")


def line_record(line: Line) -> dict[str, Any]:
    """A preview line under the names of the JSON output."""
    return {
        "line": line.line,
        "text": line.text,
        "type": line.type,
        "value": line.value,
        "verdict": line.verdict,
        "detail": line.detail,
        "warnings": line.warnings,
    }


def _show(lines: tuple[Line, ...]) -> None:
    output.table(
        ("line", "verdict", "type", "value", "detail"),
        (
            (
                line.line,
                line.verdict,
                SHORT_TYPE[line.type] if line.type else None,
                line.value or line.text,
                line.detail,
            )
            for line in lines
        ),
    )
