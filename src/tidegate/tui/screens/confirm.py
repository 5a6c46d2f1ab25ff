"""A question before something large: what, how many, samples; the safe button has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tidegate.tui.safe import content, stacked


class ConfirmScreen(ModalScreen[bool]):
    """Ask; the result is True only for a clear yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "no"),
        Binding("y", "answer(True)", "yes"),
        Binding("left,right", "app.focus_next", "other button", show=False),
    ]

    def __init__(self, question: str, lines: Sequence[str], verb: str) -> None:
        super().__init__()
        self._question = question
        self._lines = lines
        self._verb = verb

    def compose(self) -> ComposeResult:
        """Lay the question out."""
        with Vertical(classes="sheet small"):
            yield Static(content((self._question, "bold")), classes="sheet-title")
            yield Static(stacked(content(line) for line in self._lines), id="confirm-lines")
            with Horizontal(classes="buttons"):
                yield Button(content("[n] Keep"), id="no", compact=True)
                yield Button(content(f"[y] {self._verb}"), id="yes", variant="error", compact=True)

    def on_mount(self) -> None:
        """Put the focus where Enter does no harm."""
        self.query_one("#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by button."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - called from a binding
        """Answer by key."""
        self.dismiss(answer)
