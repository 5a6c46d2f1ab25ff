"""No verb: the terminal UI."""

from __future__ import annotations

import argparse

from tidegate.cli import diagnostics
from tidegate.cli.opening import open_app, workspace
from tidegate.errors import UsageError


def run(args: argparse.Namespace) -> int:
    """Open the terminal UI on the home."""
    if not diagnostics.on_screen():
        raise UsageError("the terminal UI needs a terminal", "`tidegate --help` lists the verbs")
    with workspace(args) as ws:
        return open_app(args)(ws)
