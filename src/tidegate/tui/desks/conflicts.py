"""What the Conflicts mode asks: what differs, and what a decision would come to."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.service import conflicts, resolving
from tidegate.service.apply import Applied
from tidegate.service.conflicts import Conflict
from tidegate.service.resolving import Choice, Resolution
from tidegate.service.workspace import Workspace


class ConflictDesk:
    """The conflicts of a workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    def found(self, filter_text: str, *, settled: bool) -> tuple[Conflict, ...]:
        """What nobody has decided, in rank order; with `settled` what was kept knowingly, too."""
        return conflicts.conflicts(self._ws, filter_text, settled=settled)

    def plan(self, found: Sequence[Conflict], choice: Choice) -> Resolution:
        """Plan one decision about conflicts."""
        return resolving.plan_resolve(self._ws, found, choice)

    def carry_out(self, resolution: Resolution) -> Applied:
        """Do what was decided."""
        return resolving.carry_out(self._ws, resolution)
