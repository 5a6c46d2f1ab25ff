"""`runs`: what each sync came to, newest first."""

from __future__ import annotations

import argparse

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.cli.summary import changes, took
from tidegate.errors import ExitCode
from tidegate.service.runs import Run, latest, record


def run(args: argparse.Namespace) -> int:
    """List the runs."""
    with workspace(args) as ws:
        found = list(latest(ws, args.limit))
        if wants_json(args):
            for each in found:
                output.json_line(record(each))
        elif found:
            _table(found)
        if not found and args.limit != 0:
            diagnostics.note(
                "no sync ran yet: `tidegate sync` runs one, `tidegate schedule print --cron` has "
                "them run by themselves"
            )
    return ExitCode.DONE


def _table(found: list[Run]) -> None:
    output.table(
        ("began", "door", "took", "feeds", "fetched", "plan", "held", "change", "exit", "and"),
        (
            (
                each.began,
                each.door,
                took(each) or None,
                None if each.ended is None else len(each.feeds),
                None if each.ended is None else sum(feed.fetched for feed in each.feeds),
                changes(each) or None,
                each.plan.get("held"),
                each.change,
                each.code,
                _more(each),
            )
            for each in found
        ),
        spare=("door", "held", "feeds", "took", "fetched"),
    )


def _more(each: Run) -> str:
    """What the numbers do not say."""
    if each.ended is None:
        return "unfinished: it goes on, or was killed"
    if each.error:
        return each.error
    if each.failed:
        return "; ".join(f"failed {feed.id}: {feed.error}" for feed in each.failed)
    if each.dry_run:
        return "dry run"
    return "" if each.applied else "not applied: nobody said yes"
