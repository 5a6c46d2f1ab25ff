"""Start writer processes and end the ones that were started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def script(name: str = "writer_process") -> str:
    """The program that writer processes run."""
    return str(Path(__file__).with_name(f"{name}.py"))


def environment() -> dict[str, str]:
    """Our own environment, in which a child imports what we can import."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@contextlib.contextmanager
def writer(
    verb: str, folder: Path, *numbers: int, program: str = "writer_process"
) -> Iterator[subprocess.Popen[str]]:
    """A writer process that has said `ready`; it is killed at the end if it still lives."""
    process = subprocess.Popen(
        [sys.executable, script(program), verb, str(folder), *map(str, numbers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    with process:
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise AssertionError(f"the {verb} process did not start")
            yield process
        finally:
            process.kill()


def tell(process: subprocess.Popen[str], line: str) -> None:
    """Write a line to the process."""
    if process.stdin is None:
        raise AssertionError("the process has no stdin")
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    """The next line that the process says, empty when it has ended."""
    if process.stdout is None:
        raise AssertionError("the process has no stdout")
    return process.stdout.readline().rstrip("\n")
