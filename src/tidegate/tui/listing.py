"""What the list of indicators shows: filter and order over a `Picking`, without a widget in sight.

Refuses I/O and clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from tidegate.indicators import filter as filters
from tidegate.indicators.filter import Filter, FilterError
from tidegate.indicators.indicator import Indicator
from tidegate.tui.picking import Picking

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


class Listing(Picking[Indicator]):
    """The list as one person sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.order = Order()
        self.filter: Filter = filters.parse("")
        self.error: FilterError | None = None
        self._soonest: datetime | None = None

    def load(self, rows: Iterable[Indicator], now: datetime) -> None:
        """Take a new state of the list; cursor, marks, filter and order stay."""
        self.keep((row.id, row) for row in rows)
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
        matches = self.filter.matches
        found = [row for row in self.rows.values() if matches(row, now)]
        if self.order != Order():  # the service's own order needs no sorting
            found.sort(key=SORTS[self.order.key][1], reverse=self.order.down)  # type: ignore[arg-type]  # each key yields one comparable type
        self.show([row.id for row in found])
