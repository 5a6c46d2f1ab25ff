"""The forecast of the slots as a plot of plain characters: a column a day.

Pure. A column is as high as rows end that day; `+` is a slot that a waiting row takes, `-` one that
stays free. Refuses colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tidegate.service.outlook import DAYS, Day

TAKEN, LEFT = "+", "-"
_LABEL = 7
"""Cells left of the axis: as many as the largest number of rows takes."""


def plot(forecast: Sequence[Day], today: date, width: int, height: int) -> list[str]:
    """Draw `height` lines and the dates under them, at most `width` cells wide."""
    days = [today + timedelta(days=ahead) for ahead in range(DAYS + 1)]
    each = max(min((width - _LABEL - 1) // len(days), 3), 1)
    known = {day.day: day for day in forecast}
    top = max((day.freed for day in forecast), default=0)
    columns = [_column(known.get(day), top, height) for day in days]
    lines = []
    for level in range(height, 0, -1):
        label = f"{top:,}" if level == height else ""
        cells = "".join(column[level - 1] * each for column in columns)
        lines.append(f"{label:>{_LABEL}}|{cells}"[:width].rstrip())
    half = each * len(days) // 2
    dates = f"{days[0]:%m-%d}".ljust(half) + f"{days[len(days) // 2]:%m-%d}"
    end = f"{days[-1]:%m-%d}"
    dates = dates.ljust(each * len(days) - len(end)) + end
    return [*lines, (" " * (_LABEL + 1) + dates)[:width]]


def _column(day: Day | None, top: int, height: int) -> str:
    """One day from the bottom up; any row shows."""
    if day is None or not day.freed:
        return " " * height
    whole = -(-day.freed * height // top)
    taken = min(-(-day.promoted * height // top), whole)
    if taken == whole and day.promoted < day.freed and whole > 1:
        taken -= 1  # what stays free is seen, too
    return (TAKEN * taken + LEFT * (whole - taken)).ljust(height)
