"""Everything that goes to stderr: errors in one line, progress on a terminal, notes.

Owns the form of an error message and the questions to people. Refuses tracebacks and data.
"""

from __future__ import annotations

import sys

from tidegate.cli.folding import folded, width_of
from tidegate.errors import ExitCode, TidegateError
from tidegate.indicators.text import safe


def error(fault: TidegateError) -> ExitCode:
    """Say what is wrong, where, and the fix; return the exit code."""
    _say(f"tidegate: {safe(fault.message, limit=2_000)}")
    if fault.hint:
        _say(f"  → {safe(fault.hint, limit=2_000)}", hang=4)
    return fault.exit_code


def note(message: str) -> None:
    """Say something that is no data and no error."""
    _say(safe(message, limit=2_000))


def _say(line: str, hang: int = 0) -> None:
    clear()
    sys.stderr.write(folded(line, width_of(sys.stderr), hang) + "\n")


_showing = False


def progress(message: str) -> None:
    """Show what is going on, on one line of a terminal that the next message replaces."""
    global _showing  # noqa: PLW0603 - there is one stderr, and it either shows a line or not
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{safe(message, limit=70)}")
        sys.stderr.flush()
        _showing = True


def clear() -> None:
    """Take the progress line away, before anything else is written."""
    global _showing  # noqa: PLW0603 - see progress
    if _showing:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
        _showing = False


def interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def on_screen() -> bool:
    """Whether there is a terminal to draw on and to read keys from."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: str) -> bool:
    """Ask yes or no on the terminal; anything but yes is no."""
    clear()
    sys.stderr.write(f"{safe(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
