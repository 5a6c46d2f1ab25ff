"""Why is this row here: all its fields and the whole trace, at any terminal width."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from tidegate.indicators.indicator import Indicator
from tidegate.service.story import WhyTrace
from tidegate.tui.gate import Gate
from tidegate.tui.safe import content
from tidegate.tui.screens.base import Sheet
from tidegate.tui.widgets.details import told


class WhyScreen(Sheet[None]):
    """Details of one row, or the story of a value without one; any leaving key closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("w,q,enter", "cancel", "leave")]

    def __init__(self, gate: Gate, row: Indicator | None, trace: WhyTrace | None) -> None:
        super().__init__(gate)
        self.row = row
        self.trace = trace

    def compose(self) -> ComposeResult:
        """Lay the text out."""
        with Vertical(classes="sheet"):
            with VerticalScroll(id="why-scroll"):
                yield Static(told(self.row, self.gate.now(), self.trace), id="why-text")
            yield Static(content(("Esc", "bold"), " leave   ", ("↑ ↓", "bold"), " scroll"))

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#why-scroll").focus()
