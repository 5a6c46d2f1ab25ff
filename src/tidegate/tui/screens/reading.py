"""A text to be read, at any terminal width; any of the leaving keys closes it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tidegate.tui.gate import Gate
from tidegate.tui.safe import content
from tidegate.tui.screens.base import Sheet
from tidegate.tui.widgets.pane import Pane


class ReadingScreen(Sheet[None]):
    """Content that `safe` made, scrolled as a whole."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter,w", "cancel", "leave"),
        Binding("down,j", "scroll('down')", "scroll", show=False),
        Binding("up,k", "scroll('up')", "scroll", show=False),
        Binding("pagedown", "scroll('page_down')", "scroll", show=False),
        Binding("pageup", "scroll('page_up')", "scroll", show=False),
    ]

    def __init__(self, gate: Gate, text: Content) -> None:
        super().__init__(gate)
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay the text out."""
        with Vertical(classes="sheet tall"):
            yield Pane(id="reading")
            yield Static(content(("Esc", "bold"), " leave   ", ("↑ ↓", "bold"), " scroll"))

    def on_mount(self) -> None:
        """Show the text."""
        self.query_one(Pane).show(self._text)

    def action_scroll(self, how: str) -> None:
        """Scroll."""
        getattr(self.query_one(Pane), f"scroll_{how}")(animate=False)
