"""What `tidegate --version` costs, against a Python that does nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.figure import Figure
from running import Tidegate

ROUNDS = 21


def run() -> list[Figure]:
    """Measure both in turn, so that a busy moment hits both; compare medians."""
    command = Tidegate(Path(os.devnull))
    bare: list[float] = []
    version: list[float] = []
    for _ in range(ROUNDS):
        bare.append(_seconds([sys.executable, "-c", ""], command.env()))
        version.append(_seconds(command.command("--version"), command.env()))
    return [
        Figure("bare Python start", median(bare) * 1000, "ms"),
        Figure("tidegate --version", median(version) * 1000, "ms"),
        Figure("tidegate --version / bare start", median(version) / median(bare), "times", 3),
    ]


def _seconds(command: list[str], env: dict[str, str]) -> float:
    began = perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began
