"""Which list is asked: the one that is, the one a sync would leave now, or that of a plan file.

Refuses to plan: the review's desk does, in the background where no plan of this list is at hand.
"""

from __future__ import annotations

from pathlib import PurePath

from textual.message import Message
from textual.worker import get_current_worker

from tidegate.errors import TidegateError
from tidegate.indicators.plan import SyncPlan
from tidegate.tui.gate import Gate
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.syncing import sizes


class AgainstScreen(ModeScreen):
    """A mode that asks one of two lists. `plan` is None for the list as it is."""

    class PlanMade(Message):
        """A plan of now is there, or why there is none."""

        def __init__(self, found: SyncPlan | TidegateError) -> None:
            super().__init__()
            self.found = found

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.plan: SyncPlan | None = None
        self._file = ""
        self._planning = False

    def asked_anew(self) -> None:
        """Ask the other list what was asked of this one."""
        raise NotImplementedError  # the mode's own

    @property
    def against(self) -> str:
        """Which list is asked, in words; empty for the one that is."""
        if self._planning:
            return "planning from what the feeds said last … "
        if self.plan is None:
            return ""
        what = f"the plan {PurePath(self._file).name}" if self._file else "the plan of a sync"
        stale = self.plan.serial != self.gate.serial()
        return f"under {what}, {sizes(self.plan)}{', of an earlier list' if stale else ''}: "

    def action_against(self, name: str = "") -> None:
        """Ask under the plan of a sync, or of a file; or by the list as it is again."""
        if name:
            try:
                plan = self.gate.desks.bench.plan(name)
            except TidegateError as error:
                complain(self.app, error)
                return
            self._use(plan, name)
        elif self.plan is not None:
            self._use(None)
        else:
            latest = self.gate.desks.review.latest
            if latest is not None and latest.serial == self.gate.serial():
                self._use(latest)
            else:
                self._planning = True
                self.show_status()
                self.run_worker(self._make, thread=True, exclusive=True, group="plan")

    def _make(self) -> None:
        try:
            found: SyncPlan | TidegateError = self.gate.desks.review.plan(lambda _: None).plan
        except TidegateError as error:
            found = error
        if not get_current_worker().is_cancelled:
            self.post_message(self.PlanMade(found))

    def on_against_screen_plan_made(self, event: PlanMade) -> None:
        """Ask under the plan that was made."""
        self._planning = False
        if isinstance(event.found, TidegateError):
            complain(self.app, event.found)
            self.show_status()
        else:
            self._use(event.found)

    def _use(self, plan: SyncPlan | None, name: str = "") -> None:
        self.plan, self._file = plan, name
        self.asked_anew()
