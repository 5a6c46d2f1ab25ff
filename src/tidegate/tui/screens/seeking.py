"""Looking around in the list: the filter off and on, from hit to hit, columns out of sight.

Mixed into the Indicators screen. Refuses to change the filter's text: only whether it hides rows.
"""

from __future__ import annotations

from tidegate.tui.listing import Listing
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.widgets.table import IndicatorTable

NO_FILTER = "there is no filter: / types one"


class Seeking(ModeScreen):
    """Filter off, next hit, columns to the left and right."""

    listing: Listing

    def show_list(self) -> None:
        """Draw the list anew."""
        raise NotImplementedError  # the screen's own; see ModeScreen

    def action_filter_off(self) -> None:
        """Show what the filter hides, or hide it again."""
        if self.unreadable():
            return
        if not self.listing.turn(self.gate.now()):
            self.warn(NO_FILTER)
        self.show_list()

    def action_hit_next(self) -> None:
        """Go to the next row that the filter matches."""
        self._seek(1)

    def action_hit_before(self) -> None:
        """Go to the row before that the filter matches."""
        self._seek(-1)

    def _seek(self, step: int) -> None:
        if self.unreadable():
            return
        if not self.listing.sought.terms:
            self.warn(NO_FILTER)
            return
        place = self.listing.hit(step, self.gate.now())
        if place is None:
            where = "below" if step > 0 else "above"
            self.warn(f"no row {where} matches the filter")
        else:
            self.query_one(IndicatorTable).move_to(place)

    def action_columns_right(self) -> None:
        """Show columns that found no room, in place of the first ones."""
        if not self.query_one(IndicatorTable).skip(1):
            self.warn("no further columns: C chooses them")
        self.show_status()

    def action_columns_left(self) -> None:
        """Back towards the first columns."""
        if not self.query_one(IndicatorTable).skip(-1):
            self.warn("these are the first columns")
        self.show_status()
