"""What the list of indicators shows: filter and order over a `Picking`, without a widget in sight.

Refuses I/O and clocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from tidegate.indicators import filter as filters
from tidegate.indicators.filter import Filter, FilterError
from tidegate.indicators.filter_words import MARKED
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.sorting import BY_RANK, Order
from tidegate.tui.picking import Picking

_NEVER = datetime.max.replace(tzinfo=UTC)


class Listing(Picking[Indicator]):
    """The list as one person sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.order = Order()
        self.filter: Filter = filters.parse("")
        self.error: FilterError | None = None
        self.kept = False
        """Whether a half-typed text that finds nothing has left the last good result standing."""
        self.off: Filter | None = None
        """The filter that was turned off, while all rows are shown."""
        self._good = self.filter
        self._soonest: datetime | None = None

    def load(self, rows: Iterable[Indicator], now: datetime) -> None:
        """Take a new state of the list; cursor, marks, filter and order stay."""
        held = tuple(rows)
        self.keep(zip([row.id for row in held], held, strict=True))
        self._soonest = None
        self._show(now)

    def outlived(self, now: datetime) -> bool:
        """Whether some row has expired since it was read."""
        if self._soonest is None:  # looked for once, and not while somebody waits for the list
            ends = (row.expires for row in self.rows.values() if row.expires)
            self._soonest = min(ends, default=_NEVER)
        return self._soonest <= now

    def set_filter(self, text: str, now: datetime, *, unfinished: bool = False) -> None:
        """Filter by `text`; one that cannot be read leaves the last good result standing.

        So does an `unfinished` one that finds nothing. What one finds is shown, but is no good
        result to go back to: who types `severity:` did not look for the word before the colon.
        """
        self.error, self.kept = None, False
        if self.off is not None:  # whoever types another one wants to see what it finds
            self.filter, self.off = self.off, None
        try:
            read = filters.parse(text, {MARKED: lambda row, _now: row.id in self.marks})
        except FilterError as error:
            self.error = error
            self._go_back(now)
            return
        self.filter = read
        self._show(now)
        if not unfinished:
            self._good = read
        elif not self.ids:
            self.kept = True
            self._go_back(now)

    @property
    def sought(self) -> Filter:
        """The filter, on or off."""
        return self.off or self.filter

    def turn(self, now: datetime) -> bool:
        """Turn the filter off, so that all rows are shown, or on again; False where is none."""
        if self.off is not None:
            self.filter, self.off = self.off, None
        elif self.filter.terms:
            self.off, self.filter = self.filter, filters.parse("")
        else:
            return False
        self._show(now)
        return True

    def hit(self, step: int, now: datetime) -> int | None:
        """The line of the next row that the filter matches, on or off; upwards by a step of -1."""
        place = self.index + step
        while 0 <= place < len(self.ids):
            if self.sought.matches(self.rows[self.ids[place]], now):
                return place
            place += step
        return None

    @property
    def by_marks(self) -> bool:
        """Whether the filter asks for marks."""
        terms = self.sought.terms
        return any(term.name == "is" and MARKED in map(str.lower, term.values) for term in terms)

    def _go_back(self, now: datetime) -> None:
        if self.filter is not self._good:
            self.filter = self._good
            self._show(now)

    def sort(self, key: str, now: datetime) -> None:
        """Order by `key`; choosing the present key again turns it round."""
        self.use(self.order.chosen(key), now)

    def use(self, order: Order, now: datetime) -> None:
        """Show the list in this order."""
        self.order = order
        self._show(now)

    def _show(self, now: datetime) -> None:
        if not self.filter.terms and self.order == BY_RANK:
            self.show(list(self.rows))  # as they came
            return
        matches = self.filter.matches
        found = [row for row in self.rows.values() if matches(row, now)]
        self.show([row.id for row in self.order.sorted(found)])
