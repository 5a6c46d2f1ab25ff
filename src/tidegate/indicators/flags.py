"""The letters that stand beside a row: what is odd about it, for tables and for their order.

One table for the columns, the help and the order. Pure. Refuses colour.
"""

from __future__ import annotations

from collections.abc import Callable

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.text import spoofs

FLAGS: dict[str, tuple[str, Callable[[Indicator], bool]]] = {
    "C": ("conflict: its feed wants other than a person set", lambda row: row.contested),
    "≠": ("what you see is not the exact text that is matched", lambda row: spoofs(row.value)),
    "P": ("pinned: every sync keeps it", lambda row: row.pinned),
    "O": ("a person set some of its fields", lambda row: bool(row.owned)),
    "N": ("carries a note", lambda row: bool(row.note)),
    "F": ("made by others in the tenant, never edited", lambda row: row.origin is Origin.FOREIGN),
}
"""Each letter with its meaning, and whether a row bears it."""


def letters(row: Indicator) -> str:
    """The letters that a row bears."""
    return "".join(letter for letter, (_, borne) in FLAGS.items() if borne(row))
