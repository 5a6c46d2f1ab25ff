"""Marks of the list: setting them, counting them, and saying which keys they bring.

Mixed into the Indicators screen, below the verbs. Refuses to act on marks; the verbs do that.
"""

from __future__ import annotations

from textual.screen import Screen
from textual.widgets import Static

from tidegate.tui.gate import Gate
from tidegate.tui.listing import Listing
from tidegate.tui.safe import content
from tidegate.tui.widgets.footer import Footer
from tidegate.tui.widgets.table import IndicatorTable


class Marking(Screen[None]):
    """Mark one row, a range, all that is shown; invert; forget."""

    gate: Gate
    listing: Listing

    def show_status(self) -> None:
        """Say how many rows are marked, and which keys matter now."""
        listing = self.listing
        text = ""
        if listing.marks:
            text = f" {len(listing.marks):,} marked, {listing.hidden_marks:,} hidden"
        if listing.range_from is not None:
            text += "  range: v marks to here, Esc gives up"
        self.query_one("#status", Static).update(content(text), layout=False)
        self.query_one(Footer).show(
            empty=not listing.rows, marked=bool(listing.marks), read_only=self.gate.read_only
        )

    def action_mark(self) -> None:
        """Mark or unmark the row."""
        self.listing.toggle_mark()
        self.query_one(IndicatorTable).refresh_cursor()
        self.show_status()

    def action_mark_range(self) -> None:
        """Begin or end a range."""
        self.listing.range_step()
        self.marked()

    def action_mark_all(self) -> None:
        """Mark every row shown."""
        self.listing.mark_all()
        self.marked()

    def action_mark_invert(self) -> None:
        """Turn marks round."""
        self.listing.invert_marks()
        self.marked()

    def action_mark_clear(self) -> None:
        """Forget all marks."""
        self.listing.clear_marks()
        self.marked()

    def marked(self) -> None:
        """Show what became of the marks."""
        self.query_one(IndicatorTable).refresh()
        self.show_status()
