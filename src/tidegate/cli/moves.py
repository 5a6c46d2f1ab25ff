"""How the command line calls the row of a change. Refuses to print: `output` does."""

from __future__ import annotations

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.service.history import AnyChange
from tidegate.service.moves import SIGN


def head(change: AnyChange) -> str:
    """`~ domain h1.example.com [3f2a9c01d4e7]`: what happens to which row."""
    row = change.row
    what = "" if isinstance(row, Indicator) else "suppression of "
    return f"{SIGN[change.op]} {what}{SHORT_TYPE[row.type]} {row.value} [{row.id}]"
