"""How the row under the cursor is shown: a line or three under the table, or whole beside it.

One piece for all modes whose rows are at hand. Refuses words: each mode has its own for its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.content import Content
from textual.widgets import Static

from tidegate.tui.safe import content
from tidegate.tui.screens.mode import LINES_FROM, PANE_FROM, ModeScreen
from tidegate.tui.screens.reading import ReadingScreen
from tidegate.tui.widgets.grid import Grid
from tidegate.tui.widgets.pane import Lines, Pane


class Current(ModeScreen):
    """A mode of one table, with details of its current row, or a lesson where it has no rows."""

    def one_line(self, it: Any) -> Content:  # noqa: ANN401 - each mode's own record
        """Tell of a row in one line."""
        raise NotImplementedError  # each mode's own; see ModeScreen

    def few_lines(self, it: Any) -> Content:  # noqa: ANN401 - each mode's own record
        """Tell of a row in three lines."""
        raise NotImplementedError  # each mode's own

    def whole(self, it: Any) -> Content:  # noqa: ANN401 - each mode's own record
        """Tell everything of a row."""
        raise NotImplementedError  # each mode's own

    def show_table(self, lesson: Callable[[], Content]) -> None:
        """Draw the rows, or in their place a lesson; then the status and the current row."""
        table = self.query_one("#table", Grid)
        table.teach(self.query_one("#empty", Static), lesson)
        table.reshape()
        self.show_status()
        self.on_grid_moved()

    def on_grid_moved(self) -> None:
        """The cursor is on another row."""
        it, width = self.picking.current, self.app.size.width
        text = detail = content("")
        if it is not None:
            text = self.one_line(it) if width < LINES_FROM else self.few_lines(it)
        self.query_one(Lines).show(text)
        if width >= PANE_FROM:
            self.query_one(Pane).show(detail if it is None else self.whole(it))

    def on_grid_opened(self) -> None:
        """A click on the cursor's row opens it."""
        self.action_open()

    def action_open(self) -> None:
        """Show everything of the row."""
        it = self.picking.current
        if it is not None:
            self.app.push_screen(ReadingScreen(self.gate, self.whole(it)))
