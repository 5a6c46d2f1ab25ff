"""The form for one indicator: edit an existing row, or add one by hand.

Plans at every pause in typing, so that the service's own refusals (dialect, guards, limit) are
read before anything is submitted. Refuses to keep a plan: submitting plans afresh.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Button, Input, Static

from tidegate.errors import StalePlan, TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, supported
from tidegate.indicators.plan import SyncPlan
from tidegate.indicators.term import format_term
from tidegate.service.edit import (
    DEFAULT_ACTION,
    DEFAULT_SEVERITY,
    DEFAULT_TERM,
    Fields,
)
from tidegate.service.preview import Preview
from tidegate.tui.fields import FIELDS, Reading, quoted, written
from tidegate.tui.gate import Gate
from tidegate.tui.preview import problems, sentence
from tidegate.tui.safe import content, fit, stacked
from tidegate.tui.screens.base import Sheet, carry_out, complain, fresh
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.fields_form import FieldsForm

PAUSE = 0.15
"""Seconds without a keystroke before the form plans."""

MIN_WIDTH = 40
WRAPPED = 20
"""Cells that wrapping at words may leave empty in two lines of the verdict."""

DEFAULTS = {
    "action": DEFAULT_ACTION.value,
    "severity": DEFAULT_SEVERITY.value,
    "groups": "all",
    "expires": format_term(DEFAULT_TERM),
}
"""What the service puts in fields that nobody fills in."""


class FormScreen(Sheet[SyncPlan]):
    """Every field of one row. Without a row it adds one, and asks for the value first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+t", "theirs", "take theirs")]

    def __init__(self, gate: Gate, row: Indicator | None) -> None:
        super().__init__(gate)
        self.row = row
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay the form out."""
        row = self.row
        title = "Add an indicator" if row is None else f"Edit {row.value}"
        actions = [
            action
            for action in Action
            if row is None or supported(self.gate.dialect, row.type, action)
        ]
        with Vertical(classes="sheet"):
            yield Static(content((title, "bold")), classes="sheet-title")
            if row is None:
                with Horizontal(classes="field"):
                    yield Static(content("Value"), classes="label")
                    yield SafeInput(
                        placeholder="hash, IP address, domain, URL or thumbprint; hxxp and [.] too",
                        compact=True,
                        id="value",
                    )
            yield FieldsForm(
                DEFAULTS if row is None else written(row),
                actions,
                "",
                self.gate.now(),
                self.gate.groups(),
            )
            yield Static(id="verdict")
            with Horizontal(classes="buttons"):
                yield Button(content("Save ^S"), id="save", variant="primary", compact=True)
                yield Button(content("Leave Esc"), id="leave", compact=True)

    def on_mount(self) -> None:
        """Start where typing starts."""
        self.query_one("#value" if self.row is None else "#field-action").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """The value of a new row changed."""
        event.stop()
        self._judge_soon()

    def on_fields_form_edited(self, _event: FieldsForm.Edited) -> None:
        """Some field changed."""
        self._judge_soon()

    def _judge_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._judge)

    def _reading(self) -> Reading:
        return self.query_one(FieldsForm).reading()

    def _preview(self, reading: Reading) -> Preview | None:
        """Plan what the form says; None when there is nothing to plan."""
        fields = Fields(**reading.values)  # type: ignore[arg-type]  # `read` yields each field's own type
        if self.row is not None:
            return self.gate.plan_edit([self.row], fields) if reading.values else None
        value = self.query_one("#value", SafeInput).value.strip()
        return self.gate.plan_add([value], fields) if value else None

    def _judge(self) -> None:
        reading = self._reading()
        if reading.errors:
            self._say(["✗ some fields cannot be read yet"])
            return
        try:
            preview = self._preview(reading)
        except TidegateError as error:
            self._say([f"✗ {error}"])
            return
        if preview is None:
            self._say([])
            return
        found = problems(preview)
        # A guard gives way to a person only where the reason is asked for, too.
        ways = {line.hint for line in preview.lines if "--override" in line.hint}
        found += [f"→ command line: {way.removeprefix('add ')}" for way in ways]
        self._say(found or [sentence(line) for line in preview.lines[:2]])

    def _say(self, lines: list[str]) -> None:
        verdict = self.query_one("#verdict", Static)
        lines = [*self._overtaken(), *lines]
        # About two lines each: the sheet has four, and what is cut off must show that it is.
        room = 2 * max(verdict.size.width, MIN_WIDTH) - WRAPPED
        verdict.update(stacked(content(fit(line, room).rstrip()) for line in lines))
        verdict.set_class(any(line.startswith("✗") for line in lines), "error")

    def _overtaken(self) -> list[str]:
        """What saving would write over that somebody else wrote meanwhile."""
        form = self.query_one(FieldsForm)
        if not form.clashes:
            return []
        texts = form.texts()
        told = "; ".join(
            f"{field.label} yours {quoted(texts[field.name])}, "
            f"theirs {quoted(form.clashes[field.name])}"
            for field in FIELDS
            if field.name in form.clashes
        )
        return [f"! changed meanwhile: {told}", "! ^S writes yours over theirs, ^T takes theirs"]

    def typed(self) -> list[str]:
        """The fields that were typed in, the value first."""
        value = "" if self.row is not None else self.query_one("#value", SafeInput).value.strip()
        labels = self.query_one(FieldsForm).touched()
        return [fit(value, 60).rstrip()] * bool(value) + [", ".join(labels)] * bool(labels)

    def action_theirs(self) -> None:
        """Take what somebody else wrote meanwhile, where the same was typed in here."""
        self.query_one(FieldsForm).take_theirs()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in any field saves."""
        event.stop()
        self.action_submit()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save or leave."""
        if event.button.id == "save":
            self.action_submit()
        else:
            self.action_cancel()

    def _follow(self) -> None:
        """Show what the row has become: who saves again has read what that writes over."""
        if self.row is not None:
            (self.row,) = fresh(self.gate, [self.row])
            self.query_one(FieldsForm).rebase(written(self.row))
            self._judge()

    def action_submit(self) -> None:
        """Plan afresh and apply; stay open when anything is refused."""
        reading = self._reading()
        try:
            preview = None if reading.errors else self._preview(reading)
        except StalePlan as error:
            complain(self.app, error)
            self._follow()
            return
        except TidegateError as error:
            complain(self.app, error)
            return
        if preview is None or preview.plan.empty:
            self._judge()
        if preview is None:
            if not reading.errors and self.row is not None:
                self.dismiss(None)
            return
        if preview.plan.empty:
            if not problems(preview):
                self.dismiss(None)
            return
        if carry_out(self.app, self.gate, preview.plan):
            self.dismiss(preview.plan)
