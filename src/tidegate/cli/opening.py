"""From the global options to an opened workspace, and back to a closed one."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tidegate.cli import diagnostics
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.service.workspace import DEFAULT_TENANT, Workspace

OpenApp = Callable[[Workspace], int]


def wants_json(args: argparse.Namespace) -> bool:
    """Whether --json was given, before or after the verb."""
    return bool(getattr(args, "json", False))


def open_app(args: argparse.Namespace) -> OpenApp:
    """The function that opens the terminal UI, handed down from the entry point."""
    opener: Callable[..., int] = args.open_app
    wished: dict[str, bool] = {}
    if getattr(args, "no_mouse", False):
        wished["mouse"] = False
    if getattr(args, "ascii", False):
        wished["ascii_only"] = True
    return partial(opener, **wished)


_OURS = ("config.toml", "feeds", "layout.json", "partners", "tenants", "views")


def outside(ws: Workspace, out: str, option: str = "--out") -> Path:
    """The file to write to, which is not one that the home lives on.

    Raises UsageError for those, and in a read-only session for any place in the home.
    """
    path = Path(out)
    try:
        inside = Path(os.path.realpath(path)).relative_to(os.path.realpath(ws.home.root))
    except ValueError:
        return path
    ws.writable()
    top = inside.parts[0] if inside.parts else ""
    if top in _OURS or top.startswith(ws.home.ledger_file.name):
        raise UsageError(f"{option}: {path} belongs to the home itself", "choose another place")
    return path


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
        _report_repair(ws)
    finally:
        ws.close()


def _report_repair(ws: Workspace) -> None:
    """Say that a change was cut short: by a crash, most likely, before it was acknowledged."""
    if ws.store.repaired:
        diagnostics.note(
            f"tidegate: repaired: {ws.store.repaired:,} bytes of a change that was never finished "
            "were removed from the journal"
        )
        return
    if ws.store.journal.remains:
        ws.store.state()  # another process may have been in the middle of it, and be done now
    if ws.store.journal.remains:
        diagnostics.note(
            f"tidegate: the journal ends in {ws.store.journal.remains:,} bytes of a change that "
            "was never finished; the next change removes them"
        )
