"""`demo`: the whole journey on a real TAXII server, shown in the terminal UI or as text."""

from __future__ import annotations

import argparse
import dataclasses
from collections import Counter

from tidegate.cli import diagnostics, output
from tidegate.cli.commands.syncing import report_record, show_report
from tidegate.cli.opening import open_app, wants_json
from tidegate.errors import ExitCode
from tidegate.indicators.text import safe
from tidegate.service.demo import demo_workspace
from tidegate.service.look import rejections
from tidegate.service.quota import quota
from tidegate.service.sync import SyncReport, sync
from tidegate.service.workspace import Workspace


def run(args: argparse.Namespace) -> int:
    """Run the demo. Nothing of it stays."""
    with demo_workspace(say=diagnostics.note) as ws:
        report = sync(ws, door="demo", progress=diagnostics.progress)
        headless = args.headless or wants_json(args) or not diagnostics.on_screen()
        if wants_json(args):
            output.json_line(_record(ws, report))
        else:
            _show(ws, report)
        if headless:
            return ExitCode.FEED_FAILED if report.failed else ExitCode.DONE
        return open_app(args)(ws)


def _record(ws: Workspace, report: SyncReport) -> dict[str, object]:
    return {
        **report_record(report),
        "quota": dataclasses.asdict(quota(ws)),
        "refused": [
            {"feed": r.feed, "value": r.value, "code": r.code, "reason": r.detail}
            for r in rejections(ws)
            if r.code.startswith("guard_")
        ],
    }


def _show(ws: Workspace, report: SyncReport) -> None:
    show_report(report)
    account = quota(ws)
    output.text(f"{account.used:,} of {account.limit:,} slots used, {account.free:,} free")
    refused = [r for r in rejections(ws) if r.code.startswith("guard_")]
    output.text()
    output.text(f"the guards refused {len(refused)} values:")
    for code, count in sorted(Counter(r.code for r in refused).items()):
        values = [safe(r.value, limit=40) for r in refused if r.code == code]
        name = code.removeprefix("guard_")
        output.text(f"  {name:<16} {count:>3}  {', '.join(values[:3])}", hang=24)
    output.text()
