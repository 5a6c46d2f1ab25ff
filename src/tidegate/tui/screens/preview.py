"""A question before something large, with every line of what would be done.

The lines are drawn only where they are seen; the safe button has the focus. Refuses to act.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tidegate.tui.safe import content
from tidegate.tui.widgets.line_list import LineList


class PreviewScreen(ModalScreen[bool | None]):
    """Ask; True for a clear yes, False for a clear no.

    With `later` leaving is no answer, and there is a button for no; else leaving is a no.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave"),
        Binding("n", "answer(False)", "no"),
        Binding("y", "answer(True)", "yes"),
        Binding("left", "app.focus_previous", "other button", show=False),
        Binding("right", "app.focus_next", "other button", show=False),
        Binding("down,j", "scroll('down')", "scroll", show=False),
        Binding("up,k", "scroll('up')", "scroll", show=False),
        Binding("pagedown", "scroll('page_down')", "scroll", show=False),
        Binding("pageup", "scroll('page_up')", "scroll", show=False),
    ]

    def __init__(
        self, question: str, lines: Sequence[tuple[str, str]], verb: str, *, later: bool = False
    ) -> None:
        super().__init__()
        self._question = question
        self._lines = lines
        self._verb = verb
        self._later = later

    def compose(self) -> ComposeResult:
        """Lay the question out."""
        with Vertical(classes="sheet tall"):
            yield Static(content((self._question, "bold")), classes="sheet-title")
            yield LineList(id="preview-lines", wrap=True)
            with Horizontal(classes="buttons"):
                if self._later:
                    yield Button(content("[Esc] Later"), id="later", compact=True)
                yield Button(content("[n] No"), id="no", compact=True)
                yield Button(content(f"[y] {self._verb}"), id="yes", variant="error", compact=True)

    def on_mount(self) -> None:
        """Put the focus where Enter does no harm."""
        self.query_one(LineList).show(self._lines)
        self.query_one("#later" if self._later else "#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by button."""
        if event.button.id == "later":
            self.action_leave()
        else:
            self.dismiss(event.button.id == "yes")

    def action_leave(self) -> None:
        """Leave the question open, or say no."""
        self.dismiss(None if self._later else False)

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - called from a binding
        """Answer by key."""
        self.dismiss(answer)

    def action_scroll(self, how: str) -> None:
        """Scroll the lines while a button has the focus."""
        getattr(self.query_one(LineList), f"scroll_{how}")(animate=False)
