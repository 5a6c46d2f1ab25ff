"""What all sheets share: the gate, applying a plan, and complaining in one line.

A sheet is a modal screen over the list that ends in one plan or in nothing. Refuses to swallow
faults: only a TidegateError becomes a toast, everything else is a crash.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tidegate.errors import TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import SyncPlan
from tidegate.tui.gate import Gate
from tidegate.tui.preview import told
from tidegate.tui.safe import plain
from tidegate.tui.screens.confirm import ConfirmScreen

Result = TypeVar("Result")


def complain(app: App[int], error: TidegateError) -> None:
    """Show an expected error as a toast of one line."""
    app.notify(plain(str(error)), severity="error", timeout=10, markup=False)


def carry_out(app: App[int], gate: Gate, plan: SyncPlan, lead: str = "") -> bool:
    """Apply a plan and say what it did; on an error say that, and return False."""
    try:
        gate.apply(plan)
    except TidegateError as error:
        complain(app, error)
        return False
    said = lead or f"{told(plan)} · u undo"
    app.notify(plain(said), markup=False)
    return True


def fresh(gate: Gate, rows: Iterable[Indicator]) -> tuple[Indicator, ...]:
    """The same rows as they are now; one that is gone stays as it was, and will be refused."""
    held = {row.id: row for row in gate.rows()}
    return tuple(held.get(row.id, row) for row in rows)


class Sheet(ModalScreen[Result]):
    """A modal screen that leaves on Esc and submits on Ctrl+S."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "leave"),
        Binding("ctrl+s", "submit", "apply"),
    ]

    app: App[int]

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def typed(self) -> list[str]:
        """What leaving would throw away, in lines; nothing where nobody typed."""
        return []

    def action_cancel(self) -> None:
        """Leave without a result; ask first when that throws away what was typed."""
        lost = self.typed()
        if not lost:
            self.dismiss(None)
            return

        def act(answer: bool | None) -> None:  # noqa: FBT001 - the question's result
            if answer:
                self.dismiss(None)

        self.app.push_screen(ConfirmScreen("Discard what you typed?", lost, "Discard"), act)

    def action_submit(self) -> None:
        """Do what the sheet is for; sheets that only show something leave."""
        self.dismiss(None)
