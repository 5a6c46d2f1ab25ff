"""Run every bench_*.py beside this file, or those whose names contain a word of the command line.

A benchmark is a module with `run() -> list[Figure]`. Exit 1 when a goal is missed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from bench.figure import Figure


def main(words: list[str]) -> int:
    """Run the chosen benchmarks one after the other and print a table."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not words or any(word in name for word in words)]
    if not chosen:
        sys.stderr.write(f"no benchmark of that name; there are {', '.join(names)}\n")
        return 2
    met = True
    for name in chosen:
        figures: list[Figure] = import_module(f"bench.{name}").run()
        for figure in figures:
            print(figure.line(), flush=True)  # noqa: T201 - a table is what this is for
            met = met and figure.met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
