"""Paste a mail full of indicators: every value by line, judged, in one plan.

The text stays as it is; the list underneath says for each value whether it would be added, is
there already, or is refused and why. Refuses to apply what was not shown: the preview is renewed
before Enter on the button counts.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Button, Static, TextArea

from tidegate.errors import TidegateError
from tidegate.indicators.plan import SyncPlan
from tidegate.service.edit import Fields
from tidegate.service.preview import Preview
from tidegate.tui.gate import Gate
from tidegate.tui.preview import counted, paste_lines, verdicts
from tidegate.tui.safe import content, plain
from tidegate.tui.screens.base import Sheet, carry_out, complain
from tidegate.tui.widgets.editors import SafeTextArea
from tidegate.tui.widgets.line_list import LineList

PAUSE = 0.25
"""Seconds without a keystroke before the sheet plans."""


class PasteScreen(Sheet[SyncPlan]):
    """Text above, preview below, Apply at the end."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "apply"),  # the text area keeps its own Enter
    ]

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self._timer: Timer | None = None
        self._text: str | None = None
        self._preview: Preview | None = None

    def compose(self) -> ComposeResult:
        """Lay the sheet out."""
        with Vertical(classes="sheet"):
            yield Static(content(("Paste indicators", "bold"), "  Tab, then Enter, applies"))
            yield SafeTextArea(
                id="paste-text",
                placeholder=content("Any text: hxxps://evil[.]example, 203.0.113[.]7, hashes …"),
                compact=True,
            )
            yield Static(id="paste-counts")
            yield LineList(id="paste-lines")
            with Horizontal(classes="buttons"):
                yield Button(content("Apply ^S"), id="save", variant="primary", compact=True)
                yield Button(content("Leave Esc"), id="leave", compact=True)

    def on_mount(self) -> None:
        """Wait for the paste."""
        self.query_one("#save", Button).disabled = True
        self.query_one(SafeTextArea).focus()

    def on_text_area_changed(self, _event: TextArea.Changed) -> None:
        """Plan after a pause."""
        self.query_one("#save", Button).disabled = not self.query_one(SafeTextArea).text.strip()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._judge)

    def typed(self) -> list[str]:
        """How much text there is."""
        text = self.query_one(SafeTextArea).text.strip()
        return [counted(len(text.splitlines()), "line")] if text else []

    def _judge(self) -> None:
        text = self.query_one(SafeTextArea).text
        counts = self.query_one("#paste-counts", Static)
        self._text = text
        try:
            self._preview = self.gate.plan_paste(text, Fields()) if text.strip() else None
        except TidegateError as error:
            self._preview = None
            counts.update(content(f"✗ {error}"))
            return
        if self._preview is None:
            counts.update(content(""))
            self.query_one(LineList).show([])
            return
        lines = self._preview.lines
        counts.update(content(verdicts(lines) or "no indicator found in this text"))
        self.query_one(LineList).show(paste_lines(self._preview))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Apply or leave."""
        if event.button.id == "save":
            self.action_submit()
        else:
            self.action_cancel()

    def action_submit(self) -> None:
        """Apply what the preview shows; a preview that is out of date is renewed first."""
        if self._text != self.query_one(SafeTextArea).text:
            self._judge()
        preview = self._preview
        if preview is None:
            return
        if preview.plan.empty:
            number = counted(len(preview.lines), "value")
            self.app.notify(
                plain(f"nothing to add: {number} found"), severity="warning", markup=False
            )
            return
        try:
            preview = self.gate.plan_paste(self._text or "", Fields())
        except TidegateError as error:
            complain(self.app, error)
            return
        if carry_out(self.app, self.gate, preview.plan):
            self.dismiss(preview.plan)
