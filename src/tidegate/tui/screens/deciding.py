"""Deciding about rows of a plan: accept, not now, undecided; by row, by heading, or all marked.

Refuses to apply: whoever shows the plan does that.
"""

from __future__ import annotations

from tidegate.tui.deciding import Decisions
from tidegate.tui.gate import Gate
from tidegate.tui.picking import Picking
from tidegate.tui.preview import counted
from tidegate.tui.reviewing import Item, changes_of
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.widgets.grid import Grid


class DecidingScreen(ModeScreen):
    """A mode whose rows are changes of a plan."""

    picking: Picking[Item]

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.picking = Picking()
        self.decisions = Decisions()

    def decided(self) -> None:
        """Show what is decided by now."""
        raise NotImplementedError  # the mode's own

    def action_accept(self) -> None:
        """Let the row be applied, or all under the heading, or all marked."""
        self._decide(yes=True)

    def action_decline(self) -> None:
        """Leave it for the next plan."""
        self._decide(yes=False)

    def action_undecide(self) -> None:
        """Forget what was said of it."""
        self._decide(yes=None)

    def _decide(self, *, yes: bool | None) -> None:
        if not self.may_write():
            return
        picking = self.picking
        meant = picking.targets()
        held = sum(len(it.changes) for it in meant if it.held and not it.heading)
        changes = changes_of(it for it in meant if not it.held)
        if not changes:
            self.warn(
                "what the brake holds is let through by h, by feed" if meant else "no row here"
            )
            return
        self.decisions.decide(changes, yes)
        if held:
            self.warn(f"not meant: {counted(held, 'row')} that the brake holds; h lets it through")
        if picking.marks:
            picking.clear_marks()
        elif yes is not None and not meant[0].heading:
            # So that one key after the other decides.
            self.query_one("#table", Grid).move_to(picking.index + 1)
        self.decided()

    def action_next(self) -> None:
        """Go to the next row of which nothing is decided, or the first one."""
        picking, here = self.picking, self.picking.index
        for step in range(1, len(picking.ids) + 1):
            place = (here + step) % len(picking.ids)
            it = picking.rows[picking.ids[place]]
            if not (it.heading or it.held) and self.decisions.of(it.changes[0]) is None:
                self.query_one("#table", Grid).move_to(place)
                return
        self.warn("every row is decided: A applies what is accepted" if picking.ids else "no rows")
