"""Marks of the list: setting them, counting them, and saying which keys they bring.

Mixed into the Indicators screen, below the verbs. Refuses to act on marks; the verbs do that.
"""

from __future__ import annotations

from textual.app import App
from textual.screen import Screen
from textual.widgets import Static

from tidegate.tui.gate import Gate
from tidegate.tui.listing import SORTS, Listing, Order
from tidegate.tui.safe import content, plain
from tidegate.tui.widgets.filter_bar import WAY_OUT
from tidegate.tui.widgets.footer import Footer
from tidegate.tui.widgets.table import IndicatorTable


def order_text(order: Order) -> str:
    """Name an order: ` sorted by title ↑ `."""
    return f" sorted by {SORTS[order.key][0]} {order.arrow} "


class Marking(Screen[None]):
    """Mark one row, a range, all that is shown; invert; forget."""

    gate: Gate
    listing: Listing

    app: App[int]

    def warn(self, text: str) -> None:
        """Say why a key does nothing."""
        self.app.notify(plain(text), severity="warning", markup=False)

    def unreadable(self) -> bool:
        """Refuse, in words, while the filter is in error: the rows shown are not the ones meant."""
        if self.listing.error is not None:
            self.warn(f"the filter cannot be read: {WAY_OUT}")
        return self.listing.error is not None

    def show_status(self) -> None:
        """Say how many rows are marked, and which keys matter now."""
        listing = self.listing
        text = order_text(listing.order) if not self.query_one(IndicatorTable).shows_order else ""
        if listing.marks:
            text += f" {len(listing.marks):,} marked, {listing.hidden_marks:,} hidden"
        if listing.range_from is not None:
            text += "  range: v marks to here, Esc gives up"
        self.query_one("#status", Static).update(content(text), layout=False)
        self.query_one(Footer).show(
            empty=not listing.rows, marked=bool(listing.marks), read_only=self.gate.read_only
        )

    def action_mark(self) -> None:
        """Mark or unmark the row."""
        if self.unreadable():
            return
        self.listing.toggle_mark()
        self.query_one(IndicatorTable).refresh_cursor()
        self.show_status()

    def action_mark_range(self) -> None:
        """Begin or end a range."""
        if not self.unreadable():
            self.listing.range_step()
            self.marked()

    def action_mark_all(self) -> None:
        """Mark every row shown."""
        if not self.unreadable():
            self.listing.mark_all()
            self.marked()

    def action_mark_invert(self) -> None:
        """Turn marks round."""
        if not self.unreadable():
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
