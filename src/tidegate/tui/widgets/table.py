"""The indicator table: draws only the lines on screen, at any list length.

A DataTable measures all 15,000 rows and takes seconds; this one holds a `Listing`, fetches a row
when its line is drawn and repaints two lines when the cursor moves. Refuses to own data: the
screen changes the listing and calls `reshape`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action
from tidegate.tui.actions import bindings
from tidegate.tui.columns import Column, layout
from tidegate.tui.listing import Listing
from tidegate.tui.safe import fit

GUTTER = 2
"""Cells for the cursor sign and the mark, left of the first column."""

_STRIPS = 512
_DIM = Style(dim=True)

_ACTION_CLASS = {
    Action.ALLOW: "table--allow",
    Action.ALERT_ONLY: "table--alert",
    Action.ALERT_AND_BLOCK: "table--block",
    Action.WARN: "table--alert",
    Action.BLOCK: "table--block",
}


class IndicatorTable(ScrollView, can_focus=True, inherit_bindings=False):
    """The list of a `Listing`, one line a row under a header line."""

    BINDINGS = bindings(table=True)

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--cursor-away",
        "table--marked",
        "table--allow",
        "table--alert",
        "table--block",
    }

    class Moved(Message):
        """The cursor is on another row."""

    class Opened(Message):
        """The row under the cursor was clicked once more."""

    def __init__(self, listing: Listing, now: Callable[[], datetime], *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.listing = listing
        self._now = now
        self._drawn_at = now()
        self._columns: tuple[Column, ...] = ()
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(_STRIPS)
        self._looks: dict[str, Style] = {}

    def reshape(self) -> None:
        """Draw again after the listing changed; the cursor's row is kept in view."""
        self._strips.clear()
        self._drawn_at = self._now()
        self.virtual_size = Size(self.size.width, len(self.listing.ids) + 1)
        self._keep_in_view()
        self.refresh()

    @property
    def shows_order(self) -> bool:
        """Whether the sorted column is there to carry the arrow; True before the first layout."""
        columns = self._columns
        return not columns or any(column.key == self.listing.order.key for column in columns)

    def refresh_cursor(self) -> None:
        """Draw the cursor's line again."""
        self._refresh_row(self.listing.index)

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the columns to the new width."""
        self._columns = layout(self.scrollable_content_region.width - GUTTER)
        self.reshape()

    def notify_style_update(self) -> None:
        """Forget colours when the theme changes."""
        super().notify_style_update()
        self._looks.clear()
        self._strips.clear()

    def on_focus(self) -> None:
        """Show the cursor at full strength."""
        self.refresh_cursor()

    def on_blur(self) -> None:
        """Show the cursor as the one that will be used on return."""
        self.refresh_cursor()

    # Drawing

    def _look(self, name: str) -> Style:
        look = self._looks.get(name)
        if look is None:
            look = self._looks[name] = self.get_component_rich_style(name)
        return look

    def render_line(self, y: int) -> Strip:
        """Draw the header or one row; `y` counts from the top of the widget."""
        width = self.size.width
        if y == 0:
            return self._header(width)
        line = self.scroll_offset.y + y - 1
        if line >= len(self.listing.ids):
            return Strip.blank(width, self.rich_style)
        item = self.listing.ids[line]
        here = item == self.listing.cursor
        marked = item in self.listing.marks
        key = (item, width, here, marked, here and self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._row(self.listing.rows[item], width, here=here, marked=marked)
            self._strips[key] = strip
        return strip

    def _header(self, width: int) -> Strip:
        order = self.listing.order
        heads = (
            fit(
                column.head[: column.width - 1] + order.arrow  # the arrow outlives the word
                if column.key == order.key
                else column.head,
                column.width,
                right=column.right,
            )
            for column in self._columns
        )
        text = fit(" " * GUTTER + " ".join(heads), width)
        return Strip([Segment(text, self._look("table--header"))], width)

    def _row(self, row: Indicator, width: int, *, here: bool, marked: bool) -> Strip:
        base = self.rich_style
        if self.listing.error is not None:
            base += _DIM  # the rows of an earlier text; dim shows without colours too
        if marked:
            base += self._look("table--marked")
        if here:
            base += self._look("table--cursor" if self.has_focus else "table--cursor-away")
        segments = [Segment((">" if here else " ") + ("*" if marked else " "), base)]
        for column in self._columns:
            text = fit(column.cell(row, self._drawn_at), column.width, right=column.right)
            style = base
            if column.key == "action" and not here:
                style = base + self._look(_ACTION_CLASS[row.action])
            segments += (Segment(text, style), Segment(" ", base))
        return Strip(segments).adjust_cell_length(width, base)

    # Moving

    @property
    def _page(self) -> int:
        return max(self.scrollable_content_region.height - 1, 1)

    def _refresh_row(self, index: int) -> None:
        y = index - self.scroll_offset.y + 1
        if 1 <= y <= self._page:
            self.refresh(Region(0, y, self.size.width, 1))

    def _keep_in_view(self) -> None:
        index, top = self.listing.index, self.scroll_offset.y
        if index < top:
            self.scroll_to(y=index, animate=False, force=True)
        elif index >= top + self._page:
            self.scroll_to(y=index - self._page + 1, animate=False, force=True)

    def move_to(self, index: int) -> None:
        """Put the cursor on a line and repaint the line it left and the one it reached."""
        old = self.listing.index
        self.listing.move_to(index)
        if self.listing.index == old:
            return
        self._refresh_row(old)
        self._keep_in_view()
        self._refresh_row(self.listing.index)
        self.post_message(self.Moved())

    def action_cursor_down(self) -> None:
        """Go to the next row."""
        self.move_to(self.listing.index + 1)

    def action_cursor_up(self) -> None:
        """Go to the row before."""
        self.move_to(self.listing.index - 1)

    def action_page_down(self) -> None:
        """Go a page down."""
        self.move_to(self.listing.index + self._page)

    def action_page_up(self) -> None:
        """Go a page up."""
        self.move_to(self.listing.index - self._page)

    def action_half_down(self) -> None:
        """Go half a page down."""
        self.move_to(self.listing.index + self._page // 2)

    def action_half_up(self) -> None:
        """Go half a page up."""
        self.move_to(self.listing.index - self._page // 2)

    def action_first(self) -> None:
        """Go to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.move_to(len(self.listing.ids) - 1)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; a click on the cursor opens the row."""
        index = self.scroll_offset.y + event.y - 1
        if event.y < 1 or index >= len(self.listing.ids):
            return
        if index == self.listing.index:
            self.post_message(self.Opened())
        else:
            self.move_to(index)
