"""`doctor`: what the examination found, area by area, and what to do next."""

from __future__ import annotations

import argparse
import os

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.service.doctor.examine import examine, fix
from tidegate.service.doctor.findings import FIX, Report, many
from tidegate.service.doctor.history import parse_anchor
from tidegate.service.workspace import DEFAULT_TENANT


def run(args: argparse.Namespace) -> int:
    """Run `doctor`. It opens no workspace: a broken config.toml must not keep it from looking."""
    home = Home.locate(getattr(args, "home", None), os.environ)
    if args.fix and getattr(args, "read_only", False):
        raise UsageError("read-only: nothing was mended", "leave out --read-only or --fix")
    anchor = None if args.anchor is None else parse_anchor(args.anchor)
    look = fix if args.fix else examine
    report = look(home, getattr(args, "tenant", DEFAULT_TENANT), anchor=anchor)
    if wants_json(args):
        output.json_line(report.record())
    else:
        _tell(report, fixing=args.fix)
    return report.exit_code


def _tell(report: Report, *, fixing: bool) -> None:
    for said in report.fixed:
        output.text(f"mended  {said}", hang=8)
    if fixing and not report.fixed:
        diagnostics.note("there was nothing that --fix mends")
    output.table(
        ("area", "", "what there is"),
        ((area.area, area.verdict, area.summary) for area in report.areas),
    )
    if report.findings:
        output.text()
    for finding in report.findings:
        output.text(f"{finding.level.value:<8} {finding.area}: {finding.message}", hang=9)
        if finding.mend:
            output.text(f"         → {finding.mend}", hang=11)
    output.text()
    output.text(_next(report))
    if report.last_good:
        output.text(f"last good snapshot: {report.last_good}")
    if report.anchor is not None:
        output.text(f"anchor: {report.anchor}")


def _next(report: Report) -> str:
    faults = len(report.faults)
    fixable = any(finding.fixable for finding in report.findings)
    if faults:
        told = many(faults, "fault")
        return f"{told}: start with `{FIX}`" if fixable else f"{told}: each says what mends it"
    return f"no fault; `{FIX}` sees to the warnings" if fixable else "no fault"
