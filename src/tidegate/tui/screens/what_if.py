"""The slots under another limit, reserve, floor or ceiling: typed, worked out in a thread, shown.

Nothing is saved here. Refuses to plan: the service does.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from tidegate.errors import TidegateError, UsageError
from tidegate.service.pulling import Abandoned
from tidegate.service.supposing import Outcome
from tidegate.tui.gate import Gate
from tidegate.tui.safe import content
from tidegate.tui.screens.base import Sheet
from tidegate.tui.what_if import number, outcome_lines, shares, supposed
from tidegate.tui.widgets.labelled import Labelled
from tidegate.tui.widgets.line_list import LineList

_KEEP = "To keep it: limit, reserve in config.toml; floor, ceiling in a feed.toml"


class WhatIfScreen(Sheet[None]):
    """Four lines to type in, and what would follow under them. `feed` is whose share is meant."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll('down')", "scroll", show=False),
        Binding("up", "scroll('up')", "scroll", show=False),
        Binding("pagedown", "scroll('page_down')", "scroll", show=False),
        Binding("pageup", "scroll('page_up')", "scroll", show=False),
    ]

    class Worked(Message):
        """The question of this number is answered, or how far it is; `outcome` ends it."""

        def __init__(
            self, asked: int, said: str = "", outcome: Outcome | None = None, fault: str = ""
        ) -> None:
            super().__init__()
            self.asked = asked
            self.said = said
            self.outcome = outcome
            self.fault = fault

    def __init__(self, gate: Gate, feed: str, limit: int, reserve: int) -> None:
        super().__init__(gate)
        self._feed = feed
        self._now = (limit, reserve)
        self._asked = 0

    def compose(self) -> ComposeResult:
        """Lay the sheet out."""
        limit, reserve = self._now
        whose = f"{self._feed}=100" if self._feed else "FEED=100"
        share = f"such as {whose}, several by spaces"
        with Vertical(classes="sheet tall"):
            yield Static(
                content(("What if the slots were handed out otherwise? Nothing is saved.", "bold"))
            )
            yield Labelled("limit", "Limit", f"now {limit:,}")
            yield Labelled("reserve", "Reserve", f"now {reserve:,}: kept from feeds")
            yield Labelled("floor", "Floor", share)
            yield Labelled("ceiling", "Ceiling", share)
            yield LineList(id="what-if-lines", wrap=True)
            yield Static(content((_KEEP, "dim")))
            yield Static(
                content(
                    ("Enter", "bold"), " works it out   ", ("Tab", "bold"), " next field   ",
                    ("↑ ↓", "bold"), " scroll   ", ("Esc", "bold"), " leaves",
                )
            )  # fmt: skip

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#field-limit").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge what is typed."""
        event.stop()
        for field in self.query(Labelled):
            try:
                if field.key in ("limit", "reserve"):
                    number(field.text)
                else:
                    shares(field.text, self._feed)
            except UsageError as error:
                field.say(str(error), wrong=True)
            else:
                field.say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Work it out."""
        event.stop()
        self.action_submit()

    def action_submit(self) -> None:
        """Work it out in a thread; an answer to an older question is dropped."""
        try:
            wanted = supposed({f.key: f.text for f in self.query(Labelled)}, self._feed)
        except UsageError as error:
            self._show("bad", f"✗ {error}")
            return
        if not wanted:
            self._show("quiet", "type a number in one of the fields")
            return
        self._asked += 1
        asked, desk = self._asked, self.gate.desks.quota
        self._show("quiet", "working it out …")

        def work() -> None:
            worker = get_current_worker()

            def tell(said: str) -> None:
                if worker.is_cancelled:
                    raise Abandoned
                self.post_message(self.Worked(asked, said))

            try:
                found = desk.suppose(wanted, tell)
            except TidegateError as error:
                self.post_message(self.Worked(asked, fault=str(error)))
            except Abandoned:
                return  # the sheet is closed
            else:
                self.post_message(self.Worked(asked, outcome=found))

        self.run_worker(work, thread=True, group="what-if")

    def on_what_if_screen_worked(self, event: Worked) -> None:
        """Show what would follow."""
        if event.asked != self._asked:
            return
        if event.outcome is not None:
            self.query_one(LineList).show(outcome_lines(event.outcome))
        elif event.fault:
            self._show("bad", f"✗ {event.fault}")
        else:
            self._show("quiet", f"working it out: {event.said} …")

    def _show(self, look: str, text: str) -> None:
        self.query_one(LineList).show([(look, text)])

    def action_scroll(self, how: str) -> None:
        """Scroll what would follow while a field has the focus."""
        getattr(self.query_one(LineList), f"scroll_{how}")(animate=False)
