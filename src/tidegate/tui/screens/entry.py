"""One change of the journal: every row it touched, each with its fields before and after."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tidegate.indicators.plan import Op
from tidegate.service.history import AnyChange, Head, Step, every_change
from tidegate.tui.gate import Gate
from tidegate.tui.happened import ROW_COLUMNS, change_text, few_lines
from tidegate.tui.picking import Picking
from tidegate.tui.safe import content
from tidegate.tui.screens.base import Sheet
from tidegate.tui.screens.taking import copy
from tidegate.tui.widgets.grid import Grid
from tidegate.tui.widgets.pane import Lines, Pane

_LOOK = {Op.CREATE: "table--allow", Op.REMOVE: "table--block"}


class EntryScreen(Sheet[None]):
    """The rows above, the fields of the one under the cursor below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy the value"),
        Binding("q,enter", "cancel", "leave"),
    ]

    def __init__(self, gate: Gate, head: Head, step: Step) -> None:
        super().__init__(gate)
        self._head = head
        self._changes: Picking[AnyChange] = Picking()
        changes = every_change(step.entry)
        self._changes.hold((str(place), change) for place, change in enumerate(changes))

    def compose(self) -> ComposeResult:
        """Lay the sheet out."""
        with Vertical(classes="sheet tall"):
            yield Lines(id="entry-head")
            yield Grid(
                self._changes, self.gate.now, ROW_COLUMNS, id="rows", spare=("kind",), look=_look
            )
            yield Pane(id="entry-fields")
            yield Static(
                content(
                    ("Esc", "bold"),
                    " leave   ",
                    ("j k", "bold"),
                    " rows   ",
                    ("y", "bold"),
                    " copies",
                )
            )

    def on_mount(self) -> None:
        """Start at the first row."""
        self.query_one(Lines).show(few_lines(self._head))
        self.query_one(Grid).focus()
        self.on_grid_moved()

    def action_copy(self) -> None:
        """Copy the value of the row under the cursor."""
        change = self._changes.current
        copy(self.app, () if change is None else (change.row.value,))

    def on_grid_moved(self) -> None:
        """Show the fields of another row."""
        self.query_one(Pane).show(change_text(self._changes.current, self.gate.now()))


def _look(key: str, change: AnyChange) -> str:
    return _LOOK.get(change.op, "") if key == "sign" else ""
