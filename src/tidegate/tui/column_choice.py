"""Choosing columns: which, in what order, how wide. The state behind the chooser's menu.

Pure, over the keys of `columns`. Refuses to be left without any column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.tui.columns import COLUMNS, WIDEST, columns_of

STEP = 2
"""Cells by which one key widens or narrows."""

_NARROWEST = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One column in the menu; `width` 0 takes what is left, or its usual width."""

    key: str
    on: bool
    width: int


class ColumnChoice:
    """All columns: those that are on first, in their order, then the others."""

    def __init__(self, texts: Sequence[str], usual: Sequence[str]) -> None:
        self._usual = tuple(usual)
        self.entries: list[Entry] = []
        self.reset(texts)

    def reset(self, texts: Sequence[str] = ()) -> None:
        """Begin from these columns, or from the usual ones."""
        on = columns_of(texts) or columns_of(self._usual)
        keys = [column.key for column in on]
        self.entries = [
            Entry(column.key, on=True, width=_own(column.key, column.width)) for column in on
        ]
        self.entries += [Entry(key, on=False, width=0) for key in COLUMNS if key not in keys]

    def toggle(self, place: int) -> None:
        """Show or hide a column; the last one stays."""
        entry = self.entries[place]
        if entry.on and sum(each.on for each in self.entries) == 1:
            return
        self.entries[place] = replace(entry, on=not entry.on)

    def move(self, place: int, step: int) -> int:
        """Move a column among the others; return its new place."""
        to = max(0, min(place + step, len(self.entries) - 1))
        self.entries.insert(to, self.entries.pop(place))
        return to

    def widen(self, place: int, cells: int) -> None:
        """Make a column wider or narrower, from the width it has."""
        entry = self.entries[place]
        now = entry.width or COLUMNS[entry.key].width or COLUMNS[entry.key].least
        self.entries[place] = replace(entry, width=max(_NARROWEST, min(now + cells, WIDEST)))

    def unsize(self, place: int) -> None:
        """Give a column its usual width."""
        self.entries[place] = replace(self.entries[place], width=0)

    def texts(self) -> tuple[str, ...]:
        """What is chosen, as it is kept; nothing where it is the usual."""
        chosen = tuple(
            f"{entry.key}:{entry.width}" if entry.width else entry.key
            for entry in self.entries
            if entry.on
        )
        return () if chosen == self._usual else chosen


def _own(key: str, width: int) -> int:
    """The width that a person gave; 0 for the column's own."""
    return 0 if width == COLUMNS[key].width else width
