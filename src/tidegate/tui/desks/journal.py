"""What the History mode asks: the journal, one step with its rows, taking back and doing again."""

from __future__ import annotations

from tidegate.errors import UsageError
from tidegate.service import history, redo, reversal, undo
from tidegate.service.apply import Applied
from tidegate.service.history import Head, Step, Wanted
from tidegate.service.reversal import Reversal
from tidegate.service.trail import Span
from tidegate.service.workspace import Workspace


class JournalDesk:
    """The journal of a workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    def heads(self, filter_text: str, wanted: Wanted) -> tuple[tuple[Head, ...], int]:
        """The steps that are asked for, newest first, and how many there are in all."""
        return history.heads(self._ws, filter_text, wanted)

    def step(self, serial: int) -> Step:
        """One step with its rows."""
        found = history.history(self._ws, wanted=Wanted(span=Span(serial, serial)))
        if not found:
            raise UsageError(f"there is no change {serial}", "^R reads the journal again")
        return found[0]

    def plan_undo(self, span: Span) -> tuple[Reversal, ...]:
        """Plan to take back the steps of a span that stand, newest first."""
        return undo.plan_undo_of(self._ws, span)

    def plan_redo(self, span: Span) -> tuple[Reversal, ...]:
        """Plan to do again what was taken back of a span."""
        return redo.plan_redo_of(self._ws, span)

    def carry_out(self, found: tuple[Reversal, ...]) -> tuple[Applied, ...]:
        """Apply the plans in order, all of them or none."""
        return reversal.carry_out(self._ws, found)
