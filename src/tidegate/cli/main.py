"""From argv to an exit code: find the verb, open the home, run it, turn errors into one line.

The module of a verb is loaded only when the verb is asked for; that keeps `--help` and the cheap
verbs fast, and the terminal UI's libraries out of every sync.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence

from tidegate import __version__
from tidegate.cli import diagnostics
from tidegate.cli.arguments import parse
from tidegate.errors import ExitCode, TidegateError, UsageError

_HOMES = {
    "list": "look",
    "views": "views",
    "show": "look",
    "why": "look",
    "quota": "quota",
    "rejections": "rejections",
    "runs": "runs",
    "history": "history",
    "add": "hand",
    "edit": "hand",
    "remove": "hand",
    "pin": "hand",
    "unpin": "hand",
    "undo": "undoing",
    "redo": "undoing",
    "check": "checking",
    "match": "match",
    "suppress": "suppressing",
    "conflicts": "conflicts",
    "feeds": "feeds",
    "sync": "syncing",
    "schedule": "schedule",
    "watch": "watch",
    "held": "holding",
    "plan": "syncing",
    "apply": "syncing",
    "export": "sharing",
    "import": "sharing",
    "partners": "partners",
    "doctor": "doctor",
    "snapshots": "restoring",
    "restore": "restoring",
    "demo": "demo",
    None: "terminal",
}
"""Verb to module of cli/commands; each has `run(args) -> int`."""


def _no_app(*_: object) -> int:
    raise UsageError("this entry point has no terminal UI", "run `tidegate`")


def main(argv: Sequence[str], open_app: Callable[..., int] = _no_app) -> int:
    """Run one command and return its exit code.

    `open_app` opens the terminal UI on a workspace; the command line itself does not know it.
    """
    try:
        args = parse(argv)
        args.open_app = open_app
        return _run(args)
    except TidegateError as fault:
        return diagnostics.error(fault)
    except BrokenPipeError:
        raise  # the process deals with a reader that went away
    except Exception as fault:
        if "--verbose" in argv:
            raise
        return diagnostics.error(_unexpected(fault))
    finally:
        diagnostics.clear()  # a progress line would share its line with the shell's next prompt


def _run(args: argparse.Namespace) -> int:
    if args.version:
        if getattr(args, "json", False):
            # Loaded here: the plain form must not pay for what JSON needs.
            from tidegate.cli import output  # noqa: PLC0415 - see above

            output.json_line({"version": __version__})
        else:
            sys.stdout.write(f"tidegate {__version__}\n")
        return ExitCode.DONE
    code = _runner(args)(args)
    sys.stdout.flush()
    return code


def _unexpected(fault: Exception) -> TidegateError:
    if isinstance(fault, OSError):
        where = f"{fault.filename}: " if fault.filename else ""
        hint = "see to that and try again; what was applied before is kept"
        return TidegateError(f"{where}{fault.strerror or fault}", hint)
    return TidegateError(
        f"internal fault: {type(fault).__name__}: {fault}",
        "this is ours to mend; --verbose shows where it happened",
    )


def _runner(args: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    module = importlib.import_module(f"tidegate.cli.commands.{_HOMES[args.verb]}")
    run: Callable[[argparse.Namespace], int] = module.run
    return run
