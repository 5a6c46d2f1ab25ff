"""A mode whose list is asked for anew when its filter changes: History and Conflicts.

The last good result stays while a text cannot be read, drawn dim. Refuses to filter: the service
does.
"""

from __future__ import annotations

from typing import TypeVar

from textual.timer import Timer

from tidegate.errors import TidegateError
from tidegate.indicators.filter import FilterError
from tidegate.tui.gate import Gate
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.widgets.filter_bar import HALF_TYPED, WAY_OUT, FilterBar, FilterInput
from tidegate.tui.widgets.grid import Grid

T = TypeVar("T")

PAUSE = 0.2
"""Seconds without a keystroke before the service is asked; it may read a long journal."""


class FilteredGrid(Grid[T]):
    """A table of a filtered mode; dim while the filter cannot be read."""

    @property
    def outdated(self) -> bool:
        """Whether the rows are those of the text before."""
        screen = self.screen
        return isinstance(screen, Filtered) and (screen.error is not None or screen.kept)


class Filtered(ModeScreen):
    """A mode with a filter bar."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.error: FilterError | None = None
        self.kept = False
        """Whether the service is not asked yet, the text being half typed."""
        self.filter_text = ""
        self._pause: Timer | None = None

    def ask(self, text: str) -> None:
        """Ask the service and hold what it finds. Raises FilterError."""
        raise NotImplementedError  # each mode's own; see ModeScreen

    def reload(self) -> None:
        """Ask the same again."""
        self.ask(self.filter_text)

    def unreadable(self) -> bool:
        """Refuse, in words, while the rows shown are not the ones that the filter means."""
        if self.error is not None:
            self.warn(f"the filter cannot be read: {WAY_OUT}")
        elif self.kept:
            self.warn(HALF_TYPED)
        return self.error is not None or self.kept

    def apply_filter(self, text: str, *, way_out: bool = False) -> None:
        """Ask by a text; one that cannot be read leaves what was found standing."""
        if self._pause is not None:
            self._pause.stop()
        self.kept = False
        try:
            self.ask(text)
        except FilterError as error:
            self.error = error
        except TidegateError as error:
            complain(self.app, error)
        else:
            self.error, self.filter_text = None, text
        self.query_one(FilterBar).show_error(self.error, way_out=way_out)
        self.redraw()

    def on_filter_bar_typed(self, event: FilterBar.Typed) -> None:
        """Ask once typing pauses, but not for half a word that may become a field."""
        if self._pause is not None:
            self._pause.stop()
        text, bar = event.text, self.query_one(FilterBar)
        self.kept = bar.half_typed(event)
        if self.kept:
            self.error = None
            bar.show_error(None, kept=True)
            self.redraw()
            return
        self._pause = self.set_timer(PAUSE, lambda: self.apply_filter(text))

    def on_descendant_blur(self) -> None:
        """Who leaves the bar means what stands in it."""
        if self.kept:
            self.apply_filter(self.query_one(FilterBar).input.value)

    def on_filter_input_left(self) -> None:
        """Back to the list with the filter standing; a filter in error keeps the focus."""
        self.apply_filter(self.query_one(FilterBar).input.value, way_out=True)
        if self.error is None:
            self.query_one("#table").focus()

    def on_filter_input_escaped(self) -> None:
        """Clear the text; leave the bar when there is none."""
        if not self.leave_layer():
            self.query_one("#table").focus()

    def leave_layer(self) -> bool:
        """Clear the filter."""
        bar = self.query_one(FilterBar)
        if not bar.input.value:
            return False
        bar.input.value = ""
        return True

    def action_filter(self) -> None:
        """Type a filter; its text is still there."""
        self.set_focus(self.query_one(FilterInput))  # at once: the text may be on its way
