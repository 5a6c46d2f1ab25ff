"""Work in the background of the application: a sync or a delivery, in a thread, one at a time.

The thread opens the home's ledger for itself, tells a `Job` how far it is and waits there for an
answer to its plan, which the review gives; the list is locked only while the plan is applied.
Refuses to ask out of turn: a question that jumps up would be answered by whatever is being typed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message
from textual.notifications import SeverityLevel

from tidegate.errors import TidegateError
from tidegate.indicators.plan import SyncPlan
from tidegate.tui.faults import fault_line
from tidegate.tui.gate import Gate
from tidegate.tui.job import NOTED, Job
from tidegate.tui.safe import plain

if TYPE_CHECKING:  # work brings along what it needs when it begins, and nobody waits for it before
    from tidegate.service.partnering import Prepared
    from tidegate.service.sharing import Rendered
    from tidegate.service.sync import Answer, SyncReport

Said = list[tuple[SeverityLevel, str]]
"""How work ended: sentences, each with how grave it is."""


class Background(App[int]):
    """An application that has one piece of work in the background, or none."""

    gate: Gate
    job: Job | None = None

    class Ended(Message):
        """The work is over. `said` is how, each with how grave that is."""

        def __init__(self, said: Said) -> None:
            super().__init__()
            self.said = said

    @property
    def job_words(self) -> str:
        """What the header says; nothing while nothing runs."""
        return "" if self.job is None else self.job.words

    @property
    def urgent(self) -> tuple[str, ...]:
        """The actions that the work makes worth naming first."""
        if self.job is None:
            return ()
        return ("plan", "cancel") if self.job.plan is not None else ("cancel",)

    def sync(self, feeds: tuple[str, ...] = ()) -> None:
        """Sync these feeds, or all that are on, in the background."""
        from tidegate.tui.syncing import sizes  # noqa: PLC0415 - see above

        title = f"sync {', '.join(feeds)}" if feeds else "sync"

        def work(job: Job) -> Said:
            def confirm(plan: SyncPlan) -> Answer:
                held = f", the brake holds {len(plan.held):,} more" if plan.held else ""
                said = f"{title}: the plan is ready, {sizes(plan)}{held}: 2 shows it"
                self.notify(plain(said), timeout=10, markup=False)
                return job.ask(plan)

            desk = self.gate.desks.feeds
            return _told(desk.sync(feeds, confirm, job.tell, lambda: job.stopping))

        self.begin(Job(title, plans=True), work)

    def send(self, shown: Prepared) -> None:
        """Send a partner what was shown, in the background."""
        from tidegate.tui.partner_words import outcome  # noqa: PLC0415 - see above

        job = Job(f"send {shown.partner.id}", kept=NOTED)

        def work(job: Job) -> Said:
            def progress(there: int, total: int) -> None:
                job.tell(f"{there:,} of {total:,} are there")

            desk = self.gate.desks.partners
            return outcome(desk.send(shown, progress, job.tell, lambda: job.stopping))

        self.begin(job, work)

    def export(self, rendered: Rendered, path: Path) -> None:
        """Write an export to a file, in the background."""
        desk = self.gate.desks.partners
        job = Job("export", kept="a file that is not whole is not left behind")
        self.begin(job, lambda _: [("information", desk.write(rendered, path))])

    def begin(self, job: Job, work: Callable[[Job], Said]) -> None:
        """Start work, unless some is under way."""
        if self.job is not None:
            waits = self.job.plan is not None
            state = "waits for an answer: 2 shows its plan, ^X drops it"
            said = f"{self.job.title} {state if waits else 'is under way: ^X ends it'}"
            self.notify(plain(said), severity="warning", markup=False)
            return
        self.job = job
        self.notify(plain(f"{job.title} begins in the background: ^X ends it"), markup=False)

        def thread() -> None:
            said = _ending(job, work)
            self.post_message(self.Ended(said))

        self.run_worker(thread, thread=True, exit_on_error=False, group="job")

    def on_background_ended(self, event: Ended) -> None:
        """Say how the work ended; what it changed is seen by the mode's next look."""
        self.job = None
        for severity, text in event.said:
            self.notify(plain(text), severity=severity, timeout=10, markup=False)

    def cancel_job(self) -> None:
        """Ask the work to end."""
        if self.job is None:
            self.notify("nothing runs in the background", severity="warning")
        else:
            self.job.cancel()

    def on_unmount(self) -> None:
        """Nobody is left to answer: let the thread end."""
        if self.job is not None:
            self.job.cancel()


def _ending(job: Job, work: Callable[[Job], Said]) -> Said:
    """Do the work and say how it ended, whatever it was."""
    from tidegate.service.pulling import Abandoned  # noqa: PLC0415 - see above

    try:
        return work(job)
    except Abandoned:
        return [("warning", f"{job.title} ended: what came is kept, nothing was applied")]
    except TidegateError as error:
        return [("error", f"{job.title}: {error}")]
    except Exception as fault:  # noqa: BLE001 - an analyst's session outlives a broken sync
        return [("error", fault_line(fault))]


def _told(report: SyncReport) -> Said:
    from tidegate.tui.syncing import outcome  # noqa: PLC0415 - see above

    said: Said = [("information", outcome(report))]
    said += [("error", f"feed {feed.id} failed: {feed.error}") for feed in report.failed]
    said += [("warning", f"feed {feed.id}: {feed.note}") for feed in report.feeds if feed.note]
    if report.held_id:
        held, why = len(report.plan.held), report.plan.held_reason
        text = f"the brake holds {held:,} changes: {why}; 2 shows them"
        said.append(("warning", text))
    return said
