"""No verb: the terminal UI."""

from __future__ import annotations

import argparse

from tidegate.cli import diagnostics
from tidegate.cli.opening import workspace
from tidegate.errors import UsageError


def run(args: argparse.Namespace) -> int:
    """Open the terminal UI on the home."""
    if not diagnostics.interactive():
        raise UsageError("the terminal UI needs a terminal", "`tidegate --help` lists the verbs")
    # Textual costs a third of a second to load; no other verb pays for it.
    from tidegate.tui.app import run as run_app  # noqa: PLC0415 - as said above

    with workspace(args) as ws:
        return run_app(ws)
