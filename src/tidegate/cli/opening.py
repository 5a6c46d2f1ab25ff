"""From the global options to an opened workspace, and back to a closed one."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator

from tidegate.config import Home
from tidegate.service.workspace import DEFAULT_TENANT, Workspace

OpenApp = Callable[[Workspace], int]


def wants_json(args: argparse.Namespace) -> bool:
    """Whether --json was given, before or after the verb."""
    return bool(getattr(args, "json", False))


def open_app(args: argparse.Namespace) -> OpenApp:
    """The function that opens the terminal UI, handed down from the entry point."""
    opener: OpenApp = args.open_app
    return opener


@contextlib.contextmanager
def workspace(args: argparse.Namespace) -> Iterator[Workspace]:
    """Open the home that the command line or the environment names."""
    ws = Workspace.open(
        Home.locate(getattr(args, "home", None), os.environ),
        getattr(args, "tenant", DEFAULT_TENANT),
        read_only=getattr(args, "read_only", False),
    )
    try:
        yield ws
    finally:
        ws.close()
