"""One line to be typed: a file's name, a case's name, a time. Enter gives it back, Esc nothing."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tidegate.tui.safe import content
from tidegate.tui.widgets.editors import SafeInput


class PromptScreen(ModalScreen[str | None]):
    """A title, a hint and a line."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "leave")]

    def __init__(self, title: str, hint: str, value: str = "", more: str = "") -> None:
        super().__init__()
        self._asked = title
        self._hint = hint
        self._value = value
        self._more = more

    def compose(self) -> ComposeResult:
        """Lay the line out."""
        with Vertical(classes="sheet small"):
            yield Static(content((self._asked, "bold")), classes="sheet-title")
            yield SafeInput(self._value, compact=True, id="prompt")
            yield Static(content((self._hint, "dim")))
            if self._more:
                yield Static(content(self._more))
            yield Static(content(("Enter", "bold"), " goes on   ", ("Esc", "bold"), " leaves"))

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#prompt").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give back what was typed."""
        self.dismiss(event.value.strip())
