"""One line to be typed: a file's name, a case's name, a time. Enter gives it back, Esc nothing.

A line that cannot be meant is refused in words and stays to be mended. Refuses to act on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tidegate.errors import TidegateError
from tidegate.tui.safe import content
from tidegate.tui.widgets.editors import SafeInput


class PromptScreen(ModalScreen[str | None]):
    """A title, a hint and a line.

    `needs` is what an empty line lacks, such as `a name`; empty: nothing may be typed. `check`
    raises a TidegateError for a text that cannot be meant.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "leave")]

    def __init__(
        self,
        title: str,
        hint: str,
        value: str = "",
        *,
        needs: str = "",
        check: Callable[[str], object] = str,
    ) -> None:
        super().__init__()
        self._asked = title
        self._hint = hint
        self._value = value
        self._needs = needs
        self._check = check

    def compose(self) -> ComposeResult:
        """Lay the line out."""
        with Vertical(classes="sheet small"):
            yield Static(content((self._asked, "bold")), classes="sheet-title")
            yield SafeInput(self._value, compact=True, id="prompt")
            yield Static(content((self._hint, "dim")))
            yield Static(id="prompt-refusal", classes="error")
            yield Static(content(("Enter", "bold"), " goes on   ", ("Esc", "bold"), " leaves"))

    def on_mount(self) -> None:
        """Type at once."""
        self._refuse("")
        self.query_one("#prompt").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give back what was typed, or say why it cannot be it."""
        text = event.value.strip()
        if not text and self._needs:
            self._refuse(f"{self._needs} is needed; Esc leaves without one")
            return
        try:
            self._check(text)
        except TidegateError as error:
            self._refuse(str(error))
        else:
            self.dismiss(text)

    def on_input_changed(self) -> None:
        """What was refused is being mended."""
        self._refuse("")

    def _refuse(self, why: str) -> None:
        line = self.query_one("#prompt-refusal", Static)
        line.display = bool(why)
        line.update(content(f"✗ {why}"))
