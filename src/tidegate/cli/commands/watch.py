"""`watch`: syncs each feed at its turn, one line a run, until a signal ends it."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Iterator
from typing import Any

from tidegate.cli import diagnostics, output
from tidegate.cli.commands.syncing import nothing_record, report_record
from tidegate.cli.ending import Ending
from tidegate.cli.opening import wants_json, workspace
from tidegate.cli.previews import answered
from tidegate.cli.summary import summary
from tidegate.errors import ExitCode
from tidegate.service.due import next_of, shortest
from tidegate.service.watching import Run, watch


def run(args: argparse.Namespace) -> int:
    """Watch until asked to stop."""
    ending = Ending()
    with ending.listening():
        with workspace(args) as ws:
            ws.writable()
            shortest(ws)
            if turn := next_of(ws):
                diagnostics.note(f"tidegate: watching; {turn.feed} is next")
        watch(
            lambda: workspace(args),
            functools.partial(_tell, as_json=wants_json(args)),
            confirm=functools.partial(answered, yes=True),
            sleep=ending.sleep,
            stop=ending,
            progress=diagnostics.progress,
        )
    return ExitCode.DONE


def _tell(run: Run, *, as_json: bool) -> None:
    if as_json:
        output.json_line(_record(run))
    else:
        output.text("  ".join((f"{run.at:%Y-%m-%d %H:%M}Z", *_words(run))), hang=2)
    sys.stdout.flush()  # whoever reads a container's output is not to wait for a full buffer


def _record(run: Run) -> dict[str, Any]:
    report = nothing_record() if run.report is None else report_record(run.report)
    return {"at": run.at, **report, "error": str(run.fault or "")}


def _words(run: Run) -> Iterator[str]:
    report = run.report
    if report is None:
        yield f"not applied: {run.fault}"
        return
    yield ", ".join(report.pulled) or "nothing pulled"
    if report.run is not None:
        yield summary(report.run)
    if report.applied is None and (count := report.plan.allowing):
        yield f"not applied: {count:,} would become Allow, run `tidegate sync` at a terminal"
    if report.held_id:
        yield f"approve with `tidegate held approve {report.held_id}`"
    yield from report.notes
    for feed in report.failed:
        yield f"failed {feed.id}: {feed.error}"
