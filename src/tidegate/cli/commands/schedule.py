"""`schedule print`: what has systemd or cron start the syncs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tidegate.cli import output
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode
from tidegate.service.schedule import cron, job_of, systemd

_KINDS = {"systemd": systemd, "cron": cron}


def run(args: argparse.Namespace) -> int:
    """Print the files of one kind."""
    with workspace(args) as ws:
        files = _KINDS[args.kind](job_of(ws, program(), os.environ))
    if wants_json(args):
        named = [{"name": file.name, "text": file.text} for file in files]
        output.json_line({"kind": args.kind, "files": named})
    else:
        output.verbatim("\n".join(file.text for file in files))
    return ExitCode.DONE


def program() -> tuple[str, ...]:
    """The words that start this tidegate from anywhere: a script, or Python itself."""
    started = Path(sys.argv[0])
    beside = Path(sys.executable).with_name("tidegate")
    for script in (started, beside):
        if script.stem == "tidegate" and script.is_file():
            return (str(script.absolute()),)
    return (sys.executable, "-m", "tidegate")
