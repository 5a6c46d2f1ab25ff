"""The process: what the `tidegate` command and `python -m tidegate` start, and how they end.

Owns the shortest way to `--version`, the exit code after Ctrl-C and a reader that went away.
Refuses to know any command: `cli` reads the arguments, and opens the terminal interface when there
are none, because `--home` and its like apply there too.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tidegate import __version__

if TYPE_CHECKING:  # --version must not pay for it
    from tidegate.service.workspace import Workspace

INTERRUPTED = 130
"""128 + SIGINT: what shells expect of a command that Ctrl-C ended."""

READER_GONE = 141
"""128 + SIGPIPE: `tidegate list | head` closed the pipe; no fault of anybody."""


def main() -> int:
    """Carry out the command line of this process and return its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        # Scripts ask this often: answered before anything else is imported.
        sys.stdout.write(f"tidegate {__version__}\n")
        return 0
    try:
        from tidegate.cli.main import main as run  # noqa: PLC0415 - --version must not pay for it

        code = run(arguments, _open_app)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("tidegate: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return READER_GONE
    return code


def _open_app(ws: Workspace, *, mouse: bool = True, ascii_only: bool = False) -> int:
    """Open the terminal interface; here, since the command line does not know it."""
    from tidegate.tui.app import run as run_app  # noqa: PLC0415 - only this path pays for Textual

    return run_app(ws, mouse=mouse, ascii_only=ascii_only)


def _forget_stdout() -> None:
    """Point stdout elsewhere, so that the interpreter's last flush does not complain."""
    import os  # noqa: PLC0415 - needed only on this path

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
