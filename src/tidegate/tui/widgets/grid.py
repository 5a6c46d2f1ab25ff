"""A table that draws only the lines on screen, at any length.

A DataTable measures all 15,000 rows and takes seconds; this one holds a `Picking`, fetches a record
when its line is drawn and repaints two lines when the cursor moves. Refuses to own data: the screen
changes the picking and calls `reshape`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from tidegate.tui.actions import bindings
from tidegate.tui.grid_layout import Column, fitted
from tidegate.tui.picking import Picking
from tidegate.tui.safe import fit

T = TypeVar("T")

GUTTER = 2
"""Cells for the cursor sign and the mark, left of the first column."""

_STRIPS = 160
"""Lines that are kept as drawn: some screens of them, for one takes some kilobytes."""

_MOMENT = timedelta(minutes=1)
"""How old the ages and ends in a drawn line may be."""

_DIM = Style(dim=True)

Look = Callable[[str, T], str]
"""From a column's key and a record to the name of a component class, or nothing."""


class Grid(ScrollView, Generic[T], can_focus=True, inherit_bindings=False):
    """The records of a `Picking`, one line each under a header line."""

    BINDINGS = bindings(None)

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--cursor-away",
        "table--marked",
        "table--allow",
        "table--alert",
        "table--block",
        "table--quiet",
    }

    class Moved(Message):
        """The cursor is on another row."""

    class Opened(Message):
        """The row under the cursor was clicked once more."""

    def __init__(
        self,
        picking: Picking[T],
        now: Callable[[], datetime],
        columns: Sequence[Column[T]] = (),
        *,
        id: str,  # noqa: A002 - Textual's own name
        spare: Sequence[str] = (),
        look: Look[T] | None = None,
    ) -> None:
        super().__init__(id=id)
        self.picking = picking
        self._now = now
        self._drawn_at = now()
        self._all = tuple(columns)
        self._spare = tuple(spare)
        self._look_of = look
        self._columns: tuple[Column[T], ...] = ()
        self._strips: LRUCache[tuple[object, ...], tuple[T, Strip]] = LRUCache(_STRIPS)
        self._looks: dict[str, Style] = {}

    # What a table of its own kind may say otherwise

    def columns_for(self, width: int) -> tuple[Column[T], ...]:
        """Choose the columns for a width."""
        return fitted(self._all, width, self._spare)

    def head(self, column: Column[T]) -> str:
        """Title a column."""
        return column.head

    def look_of(self, column: Column[T], row: T) -> str:
        """Name the component class of a cell, or nothing."""
        return "" if self._look_of is None else self._look_of(column.key, row)

    @property
    def outdated(self) -> bool:
        """Whether the rows are those of an earlier question, and so drawn dim."""
        return False

    # Telling that something changed

    def use(self, columns: Sequence[Column[T]]) -> None:
        """Draw other columns from now on."""
        self._all = tuple(columns)
        self.refit()

    def refit(self) -> None:
        """Choose and size the columns anew."""
        self._columns = self.columns_for(self.scrollable_content_region.width - GUTTER)
        self.reshape()

    def teach(self, empty: Static, lesson: Callable[[], Content]) -> None:
        """Leave the place to a lesson where there are no rows; keep the focus, and so the keys."""
        bare = not self.picking.ids
        self.set_class(bare, "bare")
        empty.display = bare
        if bare:
            empty.update(lesson())

    def reshape(self) -> None:
        """Draw again after the picking changed; the cursor's row is kept in view."""
        self._strips.clear()
        self._drawn_at = self._now()
        self._reshaped()

    def renew(self) -> None:
        """The same where lines say nothing but their record: of one that stayed, the line stays."""
        if self._now() - self._drawn_at < _MOMENT:
            self._reshaped()
        else:
            self.reshape()

    def _reshaped(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.picking.ids) + 1)
        self._keep_in_view()
        self.refresh()

    def refresh_cursor(self) -> None:
        """Draw the cursor's line again."""
        self._refresh_row(self.picking.index)

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the columns to the new width."""
        self.refit()

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
        if line >= len(self.picking.ids):
            return Strip.blank(width, self.rich_style)
        item = self.picking.ids[line]
        here = item == self.picking.cursor
        marked = item in self.picking.marks
        row = self.picking.rows[item]
        key = (item, width, here, marked, here and self.has_focus, self.outdated)
        drawn = self._strips.get(key)
        if drawn is None or drawn[0] is not row:
            drawn = self._strips[key] = (row, self._row(row, width, here=here, marked=marked))
        return drawn[1]

    def _header(self, width: int) -> Strip:
        heads = (
            fit(self.head(column), column.width, right=column.right) for column in self._columns
        )
        text = fit(" " * GUTTER + " ".join(heads), width)
        return Strip([Segment(text, self._look("table--header"))], width)

    def _row(self, row: T, width: int, *, here: bool, marked: bool) -> Strip:
        base = self.rich_style
        if self.outdated:
            base += _DIM  # the rows of an earlier text; dim shows without colours too
        if marked:
            base += self._look("table--marked")
        if here:
            base += self._look("table--cursor" if self.has_focus else "table--cursor-away")
        segments = [Segment((">" if here else " ") + ("*" if marked else " "), base)]
        for column in self._columns:
            text = column.cell(row, self._drawn_at)
            text = fit(text, column.width, right=column.right, tail=column.tail)
            look = "" if here else self.look_of(column, row)
            style = base + self._look(look) if look else base
            segments += (Segment(text, style), Segment(" ", base))
        # Fewer bytes for the terminal: each segment carries its colours.
        return Strip(segments).simplify().adjust_cell_length(width, base)

    # Moving

    @property
    def _page(self) -> int:
        return max(self.scrollable_content_region.height - 1, 1)

    def _refresh_row(self, index: int) -> None:
        y = index - self.scroll_offset.y + 1
        if 1 <= y <= self._page:
            self.refresh(Region(0, y, self.size.width, 1))

    def _keep_in_view(self) -> None:
        index, top = self.picking.index, self.scroll_offset.y
        if index < top:
            self.scroll_to(y=index, animate=False, force=True)
        elif index >= top + self._page:
            self.scroll_to(y=index - self._page + 1, animate=False, force=True)

    def move_to(self, index: int) -> None:
        """Put the cursor on a line and repaint the line it left and the one it reached."""
        old = self.picking.index
        self.picking.move_to(index)
        if self.picking.index == old:
            return
        self._refresh_row(old)
        self._keep_in_view()
        self._refresh_row(self.picking.index)
        self.post_message(self.Moved())

    def action_cursor_down(self) -> None:
        """Go to the next row."""
        self.move_to(self.picking.index + 1)

    def action_cursor_up(self) -> None:
        """Go to the row before."""
        self.move_to(self.picking.index - 1)

    def action_page_down(self) -> None:
        """Go a page down."""
        self.move_to(self.picking.index + self._page)

    def action_page_up(self) -> None:
        """Go a page up."""
        self.move_to(self.picking.index - self._page)

    def action_half_down(self) -> None:
        """Go half a page down."""
        self.move_to(self.picking.index + self._page // 2)

    def action_half_up(self) -> None:
        """Go half a page up."""
        self.move_to(self.picking.index - self._page // 2)

    def action_first(self) -> None:
        """Go to the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.move_to(len(self.picking.ids) - 1)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; a click on the cursor opens the row."""
        index = self.scroll_offset.y + event.y - 1
        if event.y < 1 or index >= len(self.picking.ids):
            return
        if index == self.picking.index:
            self.post_message(self.Opened())
        else:
            self.move_to(index)
