"""The table of indicators: a `Grid` with their columns, the order's arrow and a filter's error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action
from tidegate.tui.columns import Column, shifted
from tidegate.tui.listing import Listing
from tidegate.tui.widgets.grid import Grid

_ACTION_CLASS = {
    Action.ALLOW: "table--allow",
    Action.ALERT_ONLY: "table--alert",
    Action.ALERT_AND_BLOCK: "table--block",
    Action.WARN: "table--alert",
    Action.BLOCK: "table--block",
}


class IndicatorTable(Grid[Indicator]):
    """The list of a `Listing`."""

    def __init__(self, listing: Listing, now: Callable[[], datetime], *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(listing, now, id=id)
        self.listing = listing
        self.chosen: tuple[str, ...] = ()
        self._skipped = 0
        self._more = False

    def skip(self, step: int) -> bool:
        """Show columns further to the right, or to the left; False where there are none."""
        if (step > 0 and not self._more) or self._skipped + step < 0:
            return False
        self._skipped += step
        self.refit()
        return True

    def choose(self, chosen: tuple[str, ...]) -> None:
        """Show these columns, as `columns.arranged` knows them; none for the usual."""
        self.chosen, self._skipped = chosen, 0
        self.refit()

    def columns_for(self, width: int) -> tuple[Column, ...]:
        """Choose the columns for a width."""
        columns, self._more = shifted(self.chosen, self._skipped, width)
        return columns

    def head(self, column: Column) -> str:
        """Title a column; the arrow of the order outlives the word."""
        order = self.listing.order
        if column.key != order.key:
            return column.head
        return column.head[: column.width - 1] + order.arrow

    def look_of(self, column: Column, row: Indicator) -> str:
        """Colour the action."""
        return _ACTION_CLASS[row.action] if column.key == "action" else ""

    @property
    def outdated(self) -> bool:
        """Whether the rows are those of the text before: this one cannot be read, or not yet."""
        return self.listing.error is not None or self.listing.kept

    @property
    def shows_order(self) -> bool:
        """Whether the sorted column is there to carry the arrow; True before the first layout."""
        columns = self._columns
        return not columns or any(column.key == self.listing.order.key for column in columns)
