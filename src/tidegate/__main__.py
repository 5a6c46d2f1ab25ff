"""The command `tidegate`: the version at once, everything else through the command line."""

from __future__ import annotations

import sys

from tidegate import __version__


def main() -> int:
    """Run the command line and return its exit code."""
    if sys.argv[1:] == ["--version"]:
        # Scripts ask for it often; it must not cost an argument parser.
        sys.stdout.write(f"tidegate {__version__}\n")
        return 0
    from tidegate.cli.main import main as run  # noqa: PLC0415 - as said above

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
