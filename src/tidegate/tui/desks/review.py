"""What the Sync review asks: a plan of what feeds said last, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import SyncPlan
from tidegate.service import foreseeing, held, suppressing, sync
from tidegate.service.accepting import Accepted, accept
from tidegate.service.apply import Applied
from tidegate.service.foreseeing import Foreseen
from tidegate.service.held import Approved
from tidegate.service.matching import Counts
from tidegate.service.planning import Evaluation, evaluate
from tidegate.service.pulling import Stop
from tidegate.service.workspace import Workspace, active_feeds


class ReviewDesk:
    """The plans of a workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self.latest: SyncPlan | None = None
        """The plan that was made last; the bench asks under it."""

    def plan(self, progress: Callable[[str], None]) -> Evaluation:
        """Plan the list without a download; called by a thread."""
        ws = self._ws.sibling()
        try:
            found = evaluate(ws, active_feeds(ws), progress)
            self.latest = found.plan
            return found
        finally:
            ws.close()

    def part(self, plan: SyncPlan, names: Collection[str]) -> Accepted:
        """What goes of a plan of which these changes are accepted."""
        return accept(self._ws, plan, names)

    def apply(self, found: Evaluation, names: Collection[str] | None) -> tuple[Applied, str]:
        """Apply that plan, or these changes of it; called by a thread.

        Returns what it did and the id of what is held.
        """
        ws = self._ws.sibling()
        try:
            ident = held.remember(ws, found.plan)
            if names is None:
                done = sync.settle(ws, found)
            else:
                done = sync.settle_part(ws, found, accept(ws, found.plan, names))
            sync.keep(ws, found)
            return done, ident
        finally:
            ws.close()

    def foresee(self, plan: SyncPlan, pasted: str) -> list[Foreseen]:
        """What the plan would make of the saved cases and what was pasted; called by a thread."""
        ws = self._ws.sibling()
        try:
            return foreseeing.foresee(ws, plan, foreseeing.given(ws, pasted))
        finally:
            ws.close()

    def foresee_file(
        self, plan: SyncPlan, name: str, beat: Callable[[int], object], stop: Stop
    ) -> tuple[list[Foreseen], Counts]:
        """What the plan would make of a file's events; called by a thread."""
        ws = self._ws.sibling()
        try:
            return foreseeing.foresee_file(ws, plan, name, beat, stop)
        finally:
            ws.close()

    def reject(self, rows: Sequence[Indicator], reason: str, until: datetime | None) -> SyncPlan:
        """Plan to keep the values of these rows out."""
        return suppressing.plan_reject(self._ws, rows, reason, until)

    def approve(self, plan: SyncPlan, feed: str | None) -> Approved:
        """Let through what the brake holds of a plan, all of it or one feed's part."""
        self._ws.writable()
        return held.approve(self._ws, held.remember(self._ws, plan), feed)
