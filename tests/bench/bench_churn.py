"""How much a full list of 60 rows moves in thirty days of slowly changing feeds.

Two feeds add three values each a day, see two again and take one back; values grow old meanwhile.
A row flaps that leaves for want of a slot, comes back without news of it, and leaves again within a
week.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.figure import Figure
from driving.churning import DAYS, live

STORIES = 5


def run() -> list[Figure]:
    """Live through some stories and report the rows that came or went per day."""
    moved: list[int] = []
    flaps = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(STORIES):
            story = live(Path(folder) / str(seed), seed)
            moved += story.moved
            flaps += len(story.flaps)
    return [
        Figure(f"rows that come or go a day, {STORIES} times {DAYS} days", _mean(moved), "rows"),
        Figure("the most on one day", max(moved), "rows"),
        Figure("rows that flap", flaps, "rows", 0),
    ]


def _mean(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers)
