"""A cursor and marks over records: what every list of the terminal is, whatever its rows are.

The cursor is a record, not a line: a refresh keeps it on the same record, and only while that one
is out of sight does it stand on a neighbour. Marks are kept through filters, but every verb acts on
marks that can be seen. Refuses widgets, I/O and clocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Picking(Generic[T]):
    """Records by id, those that are shown in their order, the cursor and the marks."""

    def __init__(self) -> None:
        self.rows: dict[str, T] = {}
        self.ids: list[str] = []
        self.marks: set[str] = set()
        self.cursor: str | None = None
        self.range_from: str | None = None
        self._place: dict[str, int] = {}
        self._anchor: str | None = None

    def hold(self, rows: Iterable[tuple[str, T]]) -> None:
        """Take a new state, in this order, and show all of it; cursor and marks stay."""
        self.keep(rows)
        self.show(list(self.rows))

    def keep(self, rows: Iterable[tuple[str, T]]) -> None:
        """Take the records alone; marks of those that are gone go with them."""
        self.rows = dict(rows)
        self.marks &= self.rows.keys()
        if self.range_from not in self.rows:
            self.range_from = None

    def show(self, ids: list[str]) -> None:
        """Show these, in this order."""
        old = self.index
        if self.ids != ids:  # an edit leaves most lists in their order
            self.ids = list(ids)
            self._place = {item: index for index, item in enumerate(self.ids)}
        if self._anchor in self._place:
            self.cursor = self._anchor
        elif self.cursor not in self._place:
            self.cursor = self.ids[min(old, len(self.ids) - 1)] if self.ids else None
        self._anchor = self._anchor or self.cursor

    @property
    def index(self) -> int:
        """The cursor's line, from 0; 0 for an empty list."""
        return self._place.get(self.cursor, 0) if self.cursor is not None else 0

    @property
    def current(self) -> T | None:
        """The record under the cursor."""
        return self.rows.get(self.cursor) if self.cursor is not None else None

    def move_to(self, index: int) -> None:
        """Put the cursor on a line, or on the nearest there is."""
        if self.ids:
            self.cursor = self._anchor = self.ids[max(0, min(index, len(self.ids) - 1))]

    @property
    def visible_marks(self) -> list[str]:
        """Marked records that are shown, in the order shown."""
        return [item for item in self.ids if item in self.marks] if self.marks else []

    @property
    def hidden_marks(self) -> int:
        """How many marks are out of sight; no verb touches those."""
        return sum(1 for item in self.marks if item not in self._place)

    @property
    def all_hidden(self) -> str:
        """Why marks are of no use now, in words; empty where there are none."""
        if not self.marks:
            return ""
        hidden = self.hidden_marks
        which = "the only mark is" if hidden == 1 else f"all {hidden:,} marks are"
        return f"{which} hidden by the filter: Esc clears it, M the marks"

    def targets(self) -> tuple[T, ...]:
        """What a verb acts on: visible marks, or else the record under the cursor.

        A range that was begun ends here: whoever opened one meant all of it.
        """
        if self.range_from is not None:
            self.range_step()
        if self.marks:
            return tuple(self.rows[item] for item in self.visible_marks)
        current = self.current
        return () if current is None else (current,)

    def toggle_mark(self) -> None:
        """Mark the record under the cursor, or take its mark away."""
        if self.cursor is not None:
            self.marks ^= {self.cursor}

    def mark_all(self) -> None:
        """Mark every record shown."""
        self.marks.update(self.ids)

    def invert_marks(self) -> None:
        """Turn the marks round among what is shown; hidden marks stay."""
        self.marks ^= set(self.ids)

    def clear_marks(self) -> None:
        """Forget all marks, hidden ones too."""
        self.marks.clear()
        self.range_from = None

    def range_step(self) -> bool:
        """Start a range at the cursor, or mark from its start to here; True when it has begun."""
        start = self._place.get(self.range_from) if self.range_from is not None else None
        if start is None:
            self.range_from = self.cursor
            return self.cursor is not None
        low, high = sorted((start, self.index))
        self.marks.update(self.ids[low : high + 1])
        self.range_from = None
        return False
