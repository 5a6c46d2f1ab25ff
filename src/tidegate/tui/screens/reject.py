"""Why values are kept out, and until when: the two things that a suppression needs."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tidegate.indicators.term import parse_expiry
from tidegate.tui.ends import in_full
from tidegate.tui.gate import Gate
from tidegate.tui.safe import content
from tidegate.tui.screens.base import Sheet
from tidegate.tui.widgets.labelled import Labelled

TERM = "30d"
"""What stands there first: a rejection that ends is looked at again."""

ALWAYS = "always"
"""Typed for an end that never comes; `never`, which expiries take, is read as well."""

_ENDS = "Until: 30d, 12h, 2026-12-31, or always. History takes it back at any time."


class RejectScreen(Sheet[tuple[str, datetime | None]]):
    """Two lines; the result is a reason and an end, None for good."""

    def __init__(self, gate: Gate, title: str, lines: list[str]) -> None:
        super().__init__(gate)
        self._asked = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Lay the sheet out."""
        with Vertical(classes="sheet"):
            yield Static(content((self._asked, "bold")), classes="sheet-title")
            for line in self._lines:
                yield Static(content(f"  {line}"))
            yield Labelled("reason", "Reason", "why feeds may not bring it")
            yield Labelled("until", "Until", "30d, a date, or always", TERM)
            yield Static(content((_ENDS, "dim")))
            yield Static(
                content(("Enter", "bold"), " rejects   ", ("Tab", "bold"), " next field   ",
                        ("Esc", "bold"), " leaves")
            )  # fmt: skip

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#field-reason").focus()

    def _until(self) -> datetime | None:
        """When it ends; None is always. Raises ValueError."""
        text = self.query_one("#labelled-until", Labelled).text
        return None if text.strip().lower() == ALWAYS else parse_expiry(text, self.gate.now())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say when it ends, or why that cannot be read."""
        event.stop()
        field = self.query_one("#labelled-until", Labelled)
        try:
            until = self._until()
        except ValueError as fault:
            field.say(str(fault), wrong=True)
        else:
            field.say(
                "= always: no feed brings it back"
                if until is None
                else f"= {in_full(until, self.gate.now())}"
            )
        self.query_one("#labelled-reason", Labelled).say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give both back."""
        event.stop()
        self.action_submit()

    def action_submit(self) -> None:
        """Give both back, once both can be read."""
        reason = self.query_one("#labelled-reason", Labelled)
        if not reason.text.strip():
            reason.say("a reason is needed: others will ask", wrong=True)
            reason.query_one("#field-reason").focus()
            return
        try:
            until = self._until()
        except ValueError:
            self.query_one("#field-until").focus()  # what is wrong stands under it
            return
        self.dismiss((reason.text.strip(), until))
