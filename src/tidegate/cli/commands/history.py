"""`history`: who changed what, when and why; with `--change`, every row before and after."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tidegate.cli import diagnostics, output
from tidegate.cli.moves import head
from tidegate.cli.opening import wants_json, workspace
from tidegate.clock import stamp
from tidegate.errors import ExitCode, UsageError
from tidegate.indicators.plan import Op
from tidegate.service.history import (
    Step,
    Wanted,
    every_change,
    history,
    read_time,
    step_record,
)
from tidegate.service.moves import fields
from tidegate.service.trail import Span
from tidegate.service.workspace import Workspace

_HANG = 6


def run(args: argparse.Namespace) -> int:
    """Run the verb."""
    with workspace(args) as ws:
        wanted = _wanted(ws, args)
        steps = history(ws, " ".join(args.filter), args.limit, wanted)
        if wants_json(args):
            for step in steps:
                output.json_line(step_record(step))
        elif args.change is not None:
            for step in steps:
                _show(step)
        elif steps:
            _table(steps)
        if not steps:
            narrowed = args.filter or args.limit is not None or wanted != Wanted()
            diagnostics.note(
                "no change matches; leave out a part of what was asked"
                if narrowed and ws.store.state().serial
                else "nothing has been changed yet"
            )
    return ExitCode.DONE


def span_of(text: str | None) -> Span | None:
    """Read `--change`. Raises UsageError."""
    try:
        return None if text is None else Span.read(text)
    except ValueError as fault:
        raise UsageError(f"--change: {fault}", "`tidegate history` shows the numbers") from fault


def _wanted(ws: Workspace, args: argparse.Namespace) -> Wanted:
    now = ws.clock()
    times = {}
    for name in ("since", "until"):
        text = getattr(args, name)
        try:
            times[name] = None if text is None else read_time(text, now, end=name == "until")
        except ValueError as fault:
            raise UsageError(f"--{name}: {fault}", "see `tidegate history --help`") from fault
    return Wanted(by=args.by, door=args.door, feed=args.feed, span=span_of(args.change), **times)


def _table(steps: Sequence[Step]) -> None:
    redone = any(step.redone_by for step in steps)
    columns = ["change", "when", "who", "door", "+", "~", "-", "undone by"]
    columns += ["redone by", "reason"] if redone else ["reason"]
    rows = []
    for step in steps:
        entry, ops = step.head, step.counts
        rows.append(
            [
                entry.serial,
                stamp(entry.at)[:19] + "Z",
                entry.actor,
                entry.door,
                ops[Op.CREATE],
                ops[Op.UPDATE],
                ops[Op.REMOVE],
                step.undone_by,
                *((step.redone_by,) if redone else ()),
                entry.reason,
            ]
        )
    output.table(columns, rows, spare=(*(["redone by"] if redone else ()), "undone by", "who"))


def _show(step: Step) -> None:
    """One step in full."""
    entry = step.entry
    states = [
        f"{word} {serial}"
        for word, serial in (
            ("takes back", entry.undoes),
            ("undone by", step.undone_by),
            ("redone by", step.redone_by),
        )
        if serial
    ]
    facts = (stamp(entry.at)[:19] + "Z", entry.actor, entry.door, *states)
    output.text(f"change {entry.serial}  {'  '.join(facts)}")
    output.text(f"  {entry.reason}", hang=2)
    for change in every_change(entry):
        output.text(f"  {head(change)}  {change.reason}", hang=4)
        found = fields(change)
        width = max((len(name) for name, _ in found), default=0)
        for name, told in found:
            output.text(f"{' ' * _HANG}{name.ljust(width)}  {told}", hang=_HANG + width + 2)
    output.text(f"  sum {entry.sum}")
