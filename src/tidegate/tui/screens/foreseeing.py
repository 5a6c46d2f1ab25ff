"""Looking at given events under a plan: saved cases and what the bench was asked, or a file.

What is at hand is looked at with every plan, in a thread; a file when somebody names one. Refuses
to judge: the service asks the engines.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message
from textual.worker import get_current_worker

from tidegate.errors import TidegateError
from tidegate.indicators.plan import SyncPlan
from tidegate.service.foreseeing import Foreseen
from tidegate.tui.background import Said
from tidegate.tui.foreseeing import Effects, told
from tidegate.tui.gate import Gate
from tidegate.tui.job import Job
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, stacked
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.screens.prompt import PromptScreen
from tidegate.tui.screens.reading import ReadingScreen


class ForeseeingScreen(ModeScreen):
    """A mode that shows a plan."""

    class Foretold(Message):
        """Events were looked at under a plan; `file` is where they are from, if from one."""

        def __init__(
            self, plan: SyncPlan, found: Sequence[Foreseen] | TidegateError, file: str = ""
        ) -> None:
            super().__init__()
            self.plan = plan
            self.found = found
            self.file = file

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.effects = Effects()
        self._ahead: SyncPlan | None = None
        self._looked_for: object = None
        self._at_hand: Sequence[Foreseen] = ()

    def foretold(self) -> None:
        """Show what is known of events by now."""
        raise NotImplementedError  # the mode's own

    def look_ahead(self, plan: SyncPlan | None) -> None:
        """Forget another plan's events, and look at those at hand under this one."""
        desk, bench = self.gate.desks.review, self.gate.desks.bench
        asked = (bench.pasted, bench.saved)
        if plan is self._ahead and asked == self._looked_for:
            return
        self._ahead, self._looked_for, self._at_hand, self.effects = plan, asked, (), Effects()
        if plan is None or not (plan.changes or plan.held):
            return
        pasted = bench.pasted

        def work() -> None:
            try:
                found: Sequence[Foreseen] | TidegateError = desk.foresee(plan, pasted)
            except TidegateError as error:
                found = error
            if not get_current_worker().is_cancelled:
                self.post_message(self.Foretold(plan, found))

        self.run_worker(work, thread=True, exclusive=True, group="ahead")

    def on_screen_resume(self) -> None:
        """Somebody comes back, from the bench perhaps, where there are other events now.

        Textual calls what a base class does as well.
        """
        if self._ahead is not None:
            self.look_ahead(self._ahead)

    def on_foreseeing_screen_foretold(self, event: Foretold) -> None:
        """Show events, if their plan is still the one that is shown."""
        if event.plan is not self._ahead:
            return
        if isinstance(event.found, TidegateError):
            self.warn(str(event.found))
            return
        if event.file:
            self.effects = Effects(self._at_hand, event.file, event.found)
        else:
            self._at_hand = event.found
            self.effects = Effects(event.found)
        self.foretold()

    def action_events(self, name: str = "") -> None:
        """List the events that would be judged otherwise; with a name look at a file of them."""
        if self._ahead is None:
            self.warn("there is no plan yet")
        elif name:
            self._open(name)
        elif self.effects.changed:
            head = f"{counted(len(self.effects.changed), 'event')} would be judged otherwise"
            more = content((":events FILE looks at a file of events, too", "dim"))
            lines = [content((head, "bold")), more, content(""), *told(self.effects.changed)]
            self.app.push_screen(ReadingScreen(self.gate, stacked(lines)))
        else:
            title = "Look at events under this plan"
            self.app.push_screen(
                PromptScreen(
                    title, "path of JSON Lines or CSV; s in 5 saves single events", needs="a path"
                ),
                self._open,
            )

    def _open(self, name: str | None) -> None:
        plan, desk = self._ahead, self.gate.desks.review
        if not name or plan is None:
            return

        def work(job: Job) -> Said:
            found, counts = desk.foresee_file(
                plan, name, lambda events: job.tell(f"{events:,} events"), lambda: job.stopping
            )
            self.post_message(self.Foretold(plan, found, name))
            otherwise = f"{len(found):,} would be judged otherwise"
            text = (
                f"{name}: {counted(counts.events, 'event')}, {counts.hits:,} meet rows of the plan"
            )
            said: Said = [("information", f"{text}, {otherwise}")]
            said += [
                ("warning", f"{it.file or 'event'}: {it.times:,} × {it.words}")
                for it in list(counts.problems)[:5]
            ]
            return said

        self.desk.begin(Job(f"events of {name}"), work)
