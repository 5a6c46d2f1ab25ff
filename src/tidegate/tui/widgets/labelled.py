"""A field of a small sheet: a label, a line to type in, and under it what is wrong with it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tidegate.tui.safe import content
from tidegate.tui.widgets.editors import SafeInput


class Labelled(Vertical):
    """One labelled line. Refuses to read what is typed: the sheet does."""

    DEFAULT_CSS = "Labelled { height: auto; }"

    def __init__(self, name: str, label: str, hint: str, value: str = "") -> None:
        super().__init__(id=f"labelled-{name}")
        self.key = name
        self._label = label
        self._hint = hint
        self._value = value

    def compose(self) -> ComposeResult:
        """Lay the field out."""
        with Horizontal(classes="field"):
            yield Static(content(self._label), classes="label")
            yield SafeInput(
                self._value, placeholder=self._hint, compact=True, id=f"field-{self.key}"
            )
        yield Static(classes="hint")

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(SafeInput).value

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Say something under the line, or nothing."""
        hint = self.query_one(".hint", Static)
        hint.display = bool(text)
        hint.set_class(wrong, "error")
        hint.update(content(f"✗ {text}" if wrong else text))
