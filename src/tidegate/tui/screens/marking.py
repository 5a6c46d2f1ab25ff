"""The marks of a mode's table: on a row, over a range, on all, turned round, forgotten.

Marks are of records, not of places; those that the filter hides stay, and no verb touches them.
Refuses to act on them: each mode's verbs do.
"""

from __future__ import annotations

from typing import Any

from tidegate.tui.picking import Picking
from tidegate.tui.screens.strange_keys import StrangeKeys
from tidegate.tui.widgets.grid import Grid


class Marking(StrangeKeys):
    """A mode whose rows may be marked. `picking` is what its table shows."""

    picking: Picking[Any]

    def unreadable(self) -> bool:
        """Refuse, in words, while what is shown is not what was asked for."""
        return False

    def marked(self) -> None:
        """Show what became of the marks."""
        self.query_one("#table", Grid).refresh()
        self.show_status()

    def marks_text(self) -> str:
        """How many are marked, and what a range waits for."""
        picking, text = self.picking, ""
        if picking.marks:
            text = f" {len(picking.marks):,} marked, {picking.hidden_marks:,} hidden"
        if picking.range_from is not None:
            text += "  range: v marks to here, Esc gives up"
        return text

    def action_mark(self) -> None:
        """Mark or unmark the row."""
        if self.unreadable():
            return
        self.picking.toggle_mark()
        self.query_one("#table", Grid).refresh_cursor()
        self.show_status()

    def action_mark_range(self) -> None:
        """Begin or end a range."""
        if not self.unreadable():
            self.picking.range_step()
            self.marked()

    def action_mark_all(self) -> None:
        """Mark every row shown."""
        if not self.unreadable():
            self.picking.mark_all()
            self.marked()

    def action_mark_invert(self) -> None:
        """Turn marks round."""
        if not self.unreadable():
            self.picking.invert_marks()
            self.marked()

    def action_mark_clear(self) -> None:
        """Forget all marks."""
        self.picking.clear_marks()
        self.marked()
