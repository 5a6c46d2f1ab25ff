"""The walk to a feed's first page, step by step as it goes, up to the first that fails."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from tidegate.errors import TidegateError
from tidegate.tui.gate import Gate
from tidegate.tui.safe import content
from tidegate.tui.screens.base import Sheet
from tidegate.tui.widgets.line_list import LineList


class CheckScreen(Sheet[None]):
    """One line a step; leaving does not wait for the server."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,enter", "cancel", "leave")]

    class Stepped(Message):
        """A step was taken; the last one says how it ended."""

        def __init__(self, look: str, text: str) -> None:
            super().__init__()
            self.look = look
            self.text = text

    def __init__(self, gate: Gate, ident: str) -> None:
        super().__init__(gate)
        self._ident = ident
        self._lines: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        """Lay the walk out."""
        with Vertical(classes="sheet tall"):
            yield Static(content(("Check of ", "bold"), (self._ident, "bold")))
            yield LineList(id="check-lines", wrap=True)
            yield Static(content(("Esc", "bold"), " leave"))

    def on_mount(self) -> None:
        """Begin to walk."""
        self.query_one(LineList).focus()
        self.run_worker(self._walk, thread=True, exit_on_error=False)

    def _walk(self) -> None:
        worker = get_current_worker()
        failed = False
        try:
            for step, ok, detail in self.gate.desks.feeds.check(self._ident):
                if worker.is_cancelled:
                    return
                failed = failed or not ok
                self._say("good" if ok else "bad", f"{'✓' if ok else '✗'} {step:<12} {detail}")
        except TidegateError as error:
            failed = True
            self._say("bad", f"✗ {error}")
        self._say("plain", "" if failed else "it answers: s syncs it")

    def _say(self, look: str, text: str) -> None:
        self.post_message(self.Stepped(look, text))

    def on_check_screen_stepped(self, event: Stepped) -> None:
        """Show a step."""
        self._lines.append((event.look, event.text))
        self.query_one(LineList).show(list(self._lines))
