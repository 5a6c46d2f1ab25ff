"""One change for all marked rows: what changes, from what, into what, before it happens.

Refuses rows that the filter hides: it is given only the visible marks, and says how many more
there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import Button, Input, Static

from tidegate.errors import StalePlan, TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import SyncPlan
from tidegate.service.edit import Fields
from tidegate.service.preview import Preview
from tidegate.tui.fields import CLEAR
from tidegate.tui.gate import Gate
from tidegate.tui.preview import (
    before_after,
    changing,
    counted,
    overtaken,
    problems,
    samples,
)
from tidegate.tui.safe import content, stacked
from tidegate.tui.screens.base import Sheet, carry_out, complain, fresh
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.widgets.fields_form import FieldsForm

PAUSE = 0.25
"""Seconds without a keystroke before the sheet plans; a plan may concern 15,000 rows."""


class BulkScreen(Sheet[bool]):
    """Fields, all empty; only those that are filled in change."""

    def __init__(
        self,
        gate: Gate,
        rows: Sequence[Indicator],
        hidden: int,
        *,
        first: str = "action",
        marked: bool = True,
    ) -> None:
        super().__init__(gate)
        self._first = first
        self._marked = marked
        self.rows = tuple(rows)
        self.hidden = hidden
        self._timer: Timer | None = None
        self._overtaken: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay the sheet out."""
        title = f"Change {counted(len(self.rows), 'marked row' if self._marked else 'row')}"
        if self.hidden:
            title += f" ({counted(self.hidden, 'hidden mark')} excluded)"
        with Vertical(classes="sheet"):
            yield Static(content((title, "bold")), classes="sheet-title")
            yield FieldsForm({}, tuple(Action), "unchanged", self.gate.now(), self.gate.groups())
            with VerticalScroll(id="bulk-preview", can_focus=False):
                yield Static(id="verdict")
            with Horizontal(classes="buttons"):
                yield Button(content("Apply ^S"), id="save", variant="primary", compact=True)
                yield Button(content("Leave Esc"), id="leave", compact=True)

    def on_mount(self) -> None:
        """Start at the field that was asked for, or the action, which is changed most."""
        self.query_one(f"#field-{self._first}").focus()
        self._say([])

    def on_fields_form_edited(self, _event: FieldsForm.Edited) -> None:
        """Plan after a pause."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._judge)

    def _preview(self) -> Preview | None:
        reading = self.query_one(FieldsForm).reading()
        if reading.errors or not reading.values:
            return None
        fields = Fields(**reading.values)  # type: ignore[arg-type]  # `read` yields each field's own type
        return self.gate.plan_edit(self.rows, fields)

    def _judge(self) -> None:
        try:
            preview = self._preview()
        except TidegateError as error:
            self._say([f"✗ {error}"])
            return
        if preview is None:
            self._say([])
        else:
            self._say(
                [
                    *self._overtaken,
                    *before_after(preview.plan),
                    changing(preview),
                    *problems(preview),
                ],
            )

    def _say(self, lines: list[str]) -> None:
        head = lines or [f"Fill in what should change; {CLEAR} empties a text."]
        shown = [content(line) for line in head]
        shown += [content((f"  {line}", "dim")) for line in samples(self.rows)]
        self.query_one("#verdict", Static).update(stacked(shown))

    def typed(self) -> list[str]:
        """The fields that were filled in."""
        labels = self.query_one(FieldsForm).touched()
        return [", ".join(labels)] * bool(labels)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in any field applies."""
        event.stop()
        self.action_submit()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Apply or leave."""
        if event.button.id == "save":
            self.action_submit()
        else:
            self.action_cancel()

    def action_submit(self) -> None:
        """Plan afresh and apply as one change, so that one undo takes it back."""
        try:
            preview = self._preview()
        except StalePlan as error:
            complain(self.app, error)
            before, self.rows = self.rows, fresh(self.gate, self.rows)
            self._overtaken = overtaken(before, self.rows)
            self._judge()
            return
        except TidegateError as error:
            complain(self.app, error)
            return
        if preview is None or preview.plan.empty:
            self._judge()
        elif allowed := preview.plan.allowing:
            rows = [c.after for c in preview.plan.changes if c.after is not None]
            lines = [
                "an Allow switches Defender's own verdict on them off",
                *samples(rows),
            ]
            question = ConfirmScreen(f"Let {counted(allowed, 'row')} pass?", lines, "Allow")
            self.app.push_screen(question, partial(self._carry_out, preview.plan))
        else:
            self._carry_out(preview.plan, True)

    def _carry_out(self, plan: SyncPlan, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if answer and carry_out(self.app, self.gate, plan):
            self.dismiss(True)
