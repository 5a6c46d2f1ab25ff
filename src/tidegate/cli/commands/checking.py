"""`check`: the canonical form of values and what the guards say, without changing anything."""

from __future__ import annotations

import argparse
import sys

from tidegate.cli import output
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode, UsageError
from tidegate.service.checking import Checked, check_values


def run(args: argparse.Namespace) -> int:
    """Run `check`; the verdicts are the answer, so the exit code is 0 whatever they are."""
    values = list(args.values)
    if args.stdin:
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
        values += [line.strip() for line in text.splitlines() if line.strip()]
    if not values:
        raise UsageError("no VALUE given", "name values, or use --stdin")
    with workspace(args) as ws:
        answers = check_values(ws, values)
    if wants_json(args):
        for answer in answers:
            output.json_line(_record(answer))
    else:
        output.table(
            ("verdict", "type", "value", "guard", "reason"),
            ((a.verdict, a.type, a.value or a.input, a.guard, a.reason) for a in answers),
        )
    return ExitCode.DONE


def _record(answer: Checked) -> dict[str, object]:
    return {
        "input": answer.input,
        "type": answer.type,
        "value": answer.value or None,
        "verdict": answer.verdict,
        "guard": answer.guard or None,
        "reason": answer.reason,
    }
