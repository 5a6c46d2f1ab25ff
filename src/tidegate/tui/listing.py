"""What the list shows: rows, filter, order, marks and cursor, without a widget in sight.

The cursor is a record, not a line: a refresh, filter or sort keeps it on the same indicator, and
only while that one is out of sight does it stand on a neighbour. Marks are kept through filters but
every verb acts on marks that can be seen. Refuses I/O and clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from tidegate.indicators import filter as filters
from tidegate.indicators.filter import Filter, FilterError
from tidegate.indicators.indicator import Indicator

_LAST = 1 << 60


def _feed(row: Indicator) -> str:
    return row.feeds[0] if row.feeds else row.origin.value


SORTS: dict[str, tuple[str, Callable[[Indicator], object]]] = {
    "rank": ("rank", lambda row: _LAST if row.rank is None else row.rank),
    "value": ("value", lambda row: row.value),
    "type": ("type", lambda row: row.type.value),
    "action": ("action", lambda row: row.action.value),
    "severity": ("severity", lambda row: row.severity.level),
    "expires": (
        "expiry",
        lambda row: (row.expires is None, row.expires.timestamp() if row.expires else 0.0),
    ),
    "feed": ("feed", _feed),
    "title": ("title", lambda row: row.title.casefold()),
    "confidence": ("confidence", lambda row: -1 if row.confidence is None else row.confidence),
    "updated": ("last change", lambda row: row.updated),
}
"""Orders a person can choose: key, name for people, sort key."""


@dataclass(frozen=True, slots=True)
class Order:
    """A chosen order; `rank` ascending is how the service delivers rows."""

    key: str = "rank"
    down: bool = False

    @property
    def arrow(self) -> str:
        """The direction as one character."""
        return "↓" if self.down else "↑"


class Listing:
    """The list as one person sees it."""

    def __init__(self) -> None:
        self.rows: dict[str, Indicator] = {}
        self.ids: list[str] = []
        self.marks: set[str] = set()
        self.cursor: str | None = None
        self.order = Order()
        self.filter: Filter = filters.parse("")
        self.error: FilterError | None = None
        self.range_from: str | None = None
        self._place: dict[str, int] = {}
        self._anchor: str | None = None
        self._soonest: datetime | None = None

    def load(self, rows: Iterable[Indicator], now: datetime) -> None:
        """Take a new state of the list; cursor, marks, filter and order stay."""
        self.rows = {row.id: row for row in rows}
        self.marks &= self.rows.keys()
        if self.range_from not in self.rows:
            self.range_from = None
        ends = (row.expires for row in self.rows.values() if row.expires)
        self._soonest = min(ends, default=None)
        self._show(now)

    def outlived(self, now: datetime) -> bool:
        """Whether some row has expired since it was read."""
        return self._soonest is not None and self._soonest <= now

    def set_filter(self, text: str, now: datetime) -> None:
        """Filter by `text`; one that cannot be read leaves the last good result standing."""
        try:
            self.filter = filters.parse(text)
        except FilterError as error:
            self.error = error
            return
        self.error = None
        self._show(now)

    def sort(self, key: str, now: datetime) -> None:
        """Order by `key`; choosing the present key again turns it round."""
        self.order = Order(key, down=self.order.key == key and not self.order.down)
        self._show(now)

    def _show(self, now: datetime) -> None:
        old = self.index
        matches = self.filter.matches
        found = [row for row in self.rows.values() if matches(row, now)]
        if self.order != Order():  # the service's own order needs no sorting
            found.sort(key=SORTS[self.order.key][1], reverse=self.order.down)  # type: ignore[arg-type]  # each key yields one comparable type
        self.ids = [row.id for row in found]
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
    def current(self) -> Indicator | None:
        """The row under the cursor."""
        return self.rows.get(self.cursor) if self.cursor is not None else None

    def move_to(self, index: int) -> None:
        """Put the cursor on a line, or on the nearest there is."""
        if self.ids:
            self.cursor = self._anchor = self.ids[max(0, min(index, len(self.ids) - 1))]

    @property
    def visible_marks(self) -> list[str]:
        """Marked rows that the filter lets through, in the order shown."""
        return [item for item in self.ids if item in self.marks] if self.marks else []

    @property
    def hidden_marks(self) -> int:
        """How many marks the filter hides; no verb touches those."""
        return sum(1 for item in self.marks if item not in self._place)

    def targets(self) -> tuple[Indicator, ...]:
        """What a verb acts on: visible marks, or else the row under the cursor."""
        if self.marks:
            return tuple(self.rows[item] for item in self.visible_marks)
        current = self.current
        return () if current is None else (current,)

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.cursor is not None:
            self.marks ^= {self.cursor}

    def mark_all(self) -> None:
        """Mark every row the filter lets through."""
        self.marks.update(self.ids)

    def invert_marks(self) -> None:
        """Turn the marks round among the visible rows; hidden marks stay."""
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
