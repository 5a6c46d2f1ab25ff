"""What was said in this session: toasts pass, errors should not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tidegate.tui.safe import content
from tidegate.tui.widgets.line_list import LineList


class Said(NamedTuple):
    """One toast: when (UTC, HH:MM:SS), how grave, what."""

    at: str
    severity: str
    text: str


_LOOK = {"error": "bad", "warning": "warn"}
_SIGN = {"error": "✗", "warning": "!"}
_NOTHING = ("quiet", "nothing was said yet: what toasts and errors say is kept here")


class LogScreen(ModalScreen[None]):
    """The newest first; any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,L,enter", "dismiss", "leave")]

    def __init__(self, said: Sequence[Said]) -> None:
        super().__init__()
        self._said = tuple(said)

    def compose(self) -> ComposeResult:
        """Lay the list out."""
        with Vertical(classes="sheet tall"):
            yield Static(content(("What was said", "bold"), "  newest first"))
            yield LineList(id="log-lines", wrap=True)
            yield Static(content(("Esc", "bold"), " leave   ", ("↑ ↓", "bold"), " scroll"))

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        lines = [
            (_LOOK.get(it.severity, "plain"), f"{it.at} {_SIGN.get(it.severity, '·')} {it.text}")
            for it in reversed(self._said)
        ]
        listed = self.query_one(LineList)
        listed.show(lines or [_NOTHING])
        listed.focus()
