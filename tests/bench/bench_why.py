"""How long `why` takes to answer, for one value of each end, with a full list and a large ledger.

The home is that of tests/driving/ends.py with 15,000 rows on the list and twice as many candidates
in the ledger; with TIDEGATE_SOAK=1 there are 300,000, which takes minutes to build. Each value is
asked for several times in one process, as the terminal interface does; the fastest answer to each
counts: whatever else the machine does only adds. The first answer is that of a newly opened home,
whose list is still to be read, as on the command line.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.figure import Figure
from driving.ends import Ends, build
from tidegate.service.why import explain
from tidegate.service.workspace import Workspace

ROWS = 15_000
CANDIDATES = 300_000 if os.environ.get("TIDEGATE_SOAK") == "1" else 30_000
ROUNDS = 5
GOAL = 100


def run() -> list[Figure]:
    """Build the home, ask."""
    with tempfile.TemporaryDirectory() as folder:
        ends = build(Path(folder) / "home", ROWS, CANDIDATES)
        took = {end: _fastest(_asking(ends, text)) for end, text in ends.asked.items()}
        first = _fastest(lambda: _opened(ends))
        ends.ws.close()
    slowest = max(took, key=lambda end: took[end])
    return [
        Figure(f"why, median of {len(took)} ends", median(took.values()), "ms", GOAL),
        Figure(f"why, the slowest end ({slowest})", took[slowest], "ms", GOAL),
        Figure("why, first answer of a newly opened home", first, "ms"),
    ]


def _asking(ends: Ends, text: str) -> Callable[[], object]:
    return lambda: explain(ends.ws, text)


def _opened(ends: Ends) -> None:
    ws = Workspace.open(ends.ws.home, clock=ends.watch)
    explain(ws, ends.asked["rank"])
    ws.close()


def _fastest(act: Callable[[], object]) -> float:
    """Milliseconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        act()
        times.append(perf_counter() - began)
    return min(times) * 1000
