"""What the Conflicts mode asks: what differs or overlaps, and what a decision would come to."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.indicators.plan import SyncPlan
from tidegate.service import disputes, resolving
from tidegate.service.apply import Applied
from tidegate.service.conflicts import Conflict
from tidegate.service.disputes import Dispute
from tidegate.service.resolving import Choice, Resolution
from tidegate.service.workspace import Workspace


class ConflictDesk:
    """The conflicts of a workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    def found(self, filter_text: str, *, settled: bool) -> tuple[Dispute, ...]:
        """What nobody has decided, by group; with `settled` what was kept knowingly, too."""
        return disputes.disputes(self._ws, filter_text, settled=settled)

    def pick(self, it: Dispute, number: int) -> SyncPlan:
        """Plan that one of rows that overlap is to decide."""
        return disputes.plan_pick(self._ws, it, number)

    def keep(self, found: Sequence[Dispute]) -> SyncPlan:
        """Plan that rows that overlap stay as they are decided."""
        return disputes.plan_keep(self._ws, found)

    def plan(self, found: Sequence[Conflict], choice: Choice) -> Resolution:
        """Plan one decision about conflicts."""
        return resolving.plan_resolve(self._ws, found, choice)

    def carry_out(self, resolution: Resolution) -> Applied:
        """Do what was decided."""
        return resolving.carry_out(self._ws, resolution)
