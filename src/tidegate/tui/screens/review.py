"""The Sync review: what a sync would do, row by row; decided, rejected, let through, applied.

It shows the plan of a sync that waits in the background, or else what a sync would apply of what
the feeds said last. When the list or a feed changes underneath, it is planned anew, and nothing is
applied that was not shown. Refuses to plan and to judge: the service does.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from tidegate.errors import TidegateError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import SyncPlan
from tidegate.service.accepting import Only, told
from tidegate.service.planning import Evaluation
from tidegate.service.pulling import Abandoned
from tidegate.tui.actions import bindings
from tidegate.tui.background import Said
from tidegate.tui.foreseeing import Effects
from tidegate.tui.gate import Gate
from tidegate.tui.job import Job
from tidegate.tui.modes import Mode
from tidegate.tui.preview import counted, done, samples
from tidegate.tui.reviewing import (
    SPARE,
    Item,
    changes_of,
    columns,
    few_lines,
    items,
    let_through,
    nothing,
    one_line,
    summary,
    whole,
)
from tidegate.tui.safe import content, plain
from tidegate.tui.screens.base import carry_out, complain
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.current import Current
from tidegate.tui.screens.deciding import DecidingScreen
from tidegate.tui.screens.foreseeing import ForeseeingScreen
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.screens.reject import RejectScreen
from tidegate.tui.screens.taking import Taking
from tidegate.tui.syncing import part_lines, part_title, plan_lines, plan_title
from tidegate.tui.widgets.grid import Grid


class ReviewScreen(DecidingScreen, ForeseeingScreen, Current, Taking):
    """The rows of one plan."""

    MODE = Mode.REVIEW
    BINDINGS = bindings(MODE)

    class Planned(Message):
        """How far a plan is, how it failed, or the plan itself."""

        def __init__(self, found: Evaluation | TidegateError | str) -> None:
            super().__init__()
            self.found = found

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self._plan: SyncPlan | None = None
        self._evaluation: Evaluation | None = None
        self._planning = False
        self._outdated = False
        self._words = ""
        self._seen: object = None
        self._drawn: Effects | None = None
        self._asked: SyncPlan | None = None

    def compose(self) -> ComposeResult:
        """Lay the mode out."""
        shown = columns(self.decisions, self.effects)
        yield from self.framed(
            Static(id="summary"),
            table=Grid(self.picking, self.gate.now, shown, id="table", spare=SPARE, look=_look),
            below=Static(id="empty"),
        )

    # Reading and showing

    @property
    def _sync(self) -> Job | None:
        """The sync that is under way; other work leaves the plan that is shown alone."""
        job = self.desk.job
        return job if job is not None and job.plans else None

    @property
    def _waiting(self) -> Job | None:
        """The sync whose plan waits for an answer."""
        job = self._sync
        return job if job is not None and job.plan is not None else None

    def _mark(self) -> object:
        return self.gate.serial(), self.gate.desks.feeds.mark(), self._sync is None

    def reload(self) -> None:
        """Show the plan that waits, or have one made; a plan of another list is made anew."""
        job, waiting = self._sync, self._waiting
        self._seen = self._mark()
        self._asked = None if waiting is None else waiting.plan
        if waiting is not None and waiting.plan is not None:
            if waiting.plan.serial == self.gate.serial():
                self._show(waiting.plan, None)
            else:
                self._show(None, None, "the list has changed: the sync plans anew …")
                waiting.again()
        elif job is not None:
            self._show(None, None, f"{job.title} is under way: its plan is shown here")
        else:
            self._make()

    def _make(self) -> None:
        """Have a plan made; while one is under way, another after it."""
        if self._planning:
            self._outdated = True
            return
        self._planning, self._outdated = True, False
        self._words = "planning from what the feeds said last …"
        desk = self.gate.desks.review

        def work() -> None:
            worker = get_current_worker()

            def tell(said: str) -> None:
                if worker.is_cancelled:
                    raise Abandoned
                self.post_message(self.Planned(said))

            try:
                self.post_message(self.Planned(desk.plan(tell)))
            except TidegateError as error:
                self.post_message(self.Planned(error))
            except Abandoned:
                return  # the terminal is closed

        self.run_worker(work, thread=True, group="plan")

    def on_review_screen_planned(self, event: Planned) -> None:
        """Show a plan, unless something changed meanwhile."""
        if isinstance(event.found, str):
            self._words = f"planning: {event.found} …"
            self.redraw()
            return
        self._planning = False
        if self._outdated or self._sync is not None:
            self.read()
        elif isinstance(event.found, TidegateError):
            complain(self.app, event.found)
            self._show(None, None, "there is no plan: p tries again")
            self.redraw()
        else:
            self._show(event.found.plan, event.found)
            for note in event.found.notes:
                self.warn(note)
            self.redraw()

    def _show(self, plan: SyncPlan | None, found: Evaluation | None, words: str = "") -> None:
        self._plan, self._evaluation, self._words = plan, found, words
        self.decisions.carry(plan)
        self.look_ahead(plan)
        self.picking.hold((it.id, it) for it in (() if plan is None else items(plan)))

    def moved_on(self) -> bool:
        """Whether the list changed, a feed said something, or a plan came or went."""
        waiting = self._waiting
        asked = None if waiting is None else waiting.plan
        # By identity: two plans may be of 15,000 rows.
        return asked is not self._asked or self._mark() != self._seen

    @property
    def urgent(self) -> tuple[str, ...]:
        """What is named first: the plan is here, so its answer."""
        return tuple("apply" if name == "plan" else name for name in super().urgent)

    def redraw(self) -> None:
        """Draw the sum, the rows or a lesson, and the details."""
        head = self.query_one("#summary", Static)
        head.display = self._plan is not None and self._quota is not None
        if self._plan is not None and self._quota is not None:
            said = summary(
                self._plan,
                self._quota,
                self.decisions,
                self.effects,
                waits=self._waiting is not None,
                width=self.app.size.width,
            )
            head.update(Content.assemble(said))
        if self._drawn is not self.effects:
            self._drawn = self.effects
            self.query_one(Grid).use(columns(self.decisions, self.effects))
        self.show_table(lambda: nothing(self._words))

    def decided(self) -> None:
        """Show what is decided by now."""
        self.redraw()

    def foretold(self) -> None:
        """Show which events would be judged otherwise."""
        self.redraw()

    def show_status(self) -> None:
        """Say what is under way and what is marked."""
        text = f" {self._words}" if self._words and self.picking.ids else ""
        self.query_one("#status", Static).update(content(text + self.marks_text()), layout=False)
        self.show_footer()

    def one_line(self, it: Item) -> Content:
        """Tell of a change or a heading in one line."""
        return one_line(it, self.effects)

    def few_lines(self, it: Item) -> Content:
        """Tell of it in three lines."""
        return few_lines(it)

    def whole(self, it: Item) -> Content:
        """Every field before and after, or a heading's reasons."""
        return whole(it, self.effects, self.gate.now())

    # Looking

    def action_why(self, text: str = "") -> None:
        """Tell the story of a value, or of the one under the cursor."""
        it = self.picking.current
        if it is not None and not it.heading:
            text = text or it.changes[0].row.value
        super().action_why(text)

    def values(self) -> list[str]:
        """The values of the marked rows, or of what is under the cursor."""
        return [change.row.value for change in changes_of(self.picking.targets())]

    async def action_plan(self) -> None:
        """Plan again."""
        waiting = self._waiting
        if waiting is not None:
            waiting.again()
        self.read()

    # Deciding

    def _shown(self) -> SyncPlan | None:
        """The plan, if it is still one of this list; says why not."""
        plan = self._plan
        if not self.may_write():
            return None
        if plan is None or self._planning:
            self.warn(self._words or "there is no plan yet")
            return None
        if plan.serial != self.gate.serial():
            self.warn("the list has changed: it is planned anew, look again")
            self.read()
            return None
        return plan

    def action_apply(self) -> None:
        """Ask, then apply what is accepted, or all; with a sync that waits, no ends it."""
        plan = self._shown()
        if plan is None:
            return
        if plan.empty:
            self.warn(
                "there is nothing to apply" + (": h lets held rows through" * bool(plan.held))
            )
            return
        names = self.decisions.accepted if self.decisions else None
        try:
            part = None if names is None else self.gate.desks.review.part(plan, names)
        except TidegateError as error:
            complain(self.app, error)
            return
        if part is not None and part.plan.empty:
            why = told(part.late) or ["nothing is accepted yet: + accepts, 0 forgets a no"]
            self.warn(why[0])
            return
        title, lines, verb = plan_title(plan), plan_lines(plan), "Apply"
        if part is not None:
            title, lines, verb = part_title(part), part_lines(part), "Apply these"
        question = PreviewScreen(title, lines, verb, later=self._waiting is not None)
        self.app.push_screen(question, partial(self._answered, plan, names))

    def _answered(
        self,
        plan: SyncPlan,
        names: frozenset[str] | None,
        answer: bool | None,  # noqa: FBT001 - the question's result
    ) -> None:
        waiting, found = self._waiting, self._evaluation
        if waiting is not None and waiting.plan == plan:
            if answer is False or (answer and self._shown() == plan):
                waiting.answer(Only(names) if answer and names is not None else answer)
        elif answer and (shown := self._shown()) is not None:
            if shown == plan and found is not None:
                self.desk.begin(Job("apply"), partial(self._apply, found, names))
            else:
                self.warn("that plan is gone: look at the one that took its place")

    def _apply(self, found: Evaluation, names: frozenset[str] | None, job: Job) -> Said:
        job.tell(plan_title(found.plan).partition("? ")[2])
        applied, held = self.gate.desks.review.apply(found, names)
        text = done(applied.created, applied.updated, applied.removed)
        said: Said = [("information", f"{text} · u undo")]
        if held:
            said.append(("warning", f"the brake holds {len(found.plan.held):,} more: h in 2"))
        return said

    def action_reject(self) -> None:
        """Ask why and until when, then keep the rows out and plan anew."""
        plan = self._shown()
        if plan is None:
            return
        chosen = changes_of(self.picking.targets())
        rows = [change.after for change in chosen if change.after is not None]
        if not rows:
            gone = (
                "these rows leave: a pin keeps a row on the list, in 1" if chosen else "no row here"
            )
            self.warn(gone)
            return
        held = sum(change.before is not None and change.after is not None for change in chosen)
        lines = samples(rows)
        if held:
            lines.append(f"! {counted(held, 'row')} on the list now would leave")
        if left := len(chosen) - len(rows):
            lines.append(f"! not meant: {counted(left, 'row')} that would leave anyway")
        sheet = RejectScreen(self.gate, f"Keep {counted(len(rows), 'row')} out?", lines)
        self.app.push_screen(sheet, partial(self._reject, rows))

    def _reject(self, rows: list[Indicator], answer: tuple[str, datetime | None] | None) -> None:
        if answer is None:
            return
        reason, until = answer
        try:
            plan = self.gate.desks.review.reject(rows, reason, until)
        except TidegateError as error:
            complain(self.app, error)
            return
        end = "for good" if until is None else f"until {until:%Y-%m-%d}"
        values = counted(len(plan.suppressions), "value")
        if carry_out(self.app, self.gate, plan, f"{values} kept out {end} · u undo"):
            self.picking.clear_marks()
            self.list_changed()

    def action_held(self) -> None:
        """Ask, then let through what the brake holds, of one feed or of all."""
        plan = self._shown()
        if plan is None:
            return
        if not plan.held:
            self.warn("the brake holds nothing")
            return
        it = self.picking.current
        feed = it.feed if it is not None and it.held and it.feed else None
        meant = [c for c in plan.held if feed is None or feed in c.row.feeds]
        whose = f" of {feed}" if feed else ""
        question = ConfirmScreen(
            f"Let {counted(len(meant), 'held change')}{whose} through?",
            [
                plan.held_reason,
                "this applies them now, and the feed's size is ordinary from then on",
            ],
            "Let through",
        )
        self.app.push_screen(question, partial(self._approve, plan, feed))

    def _approve(self, plan: SyncPlan, feed: str | None, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if not answer or self._shown() != plan:
            return
        try:
            found = self.gate.desks.review.approve(plan, feed)
        except TidegateError as error:
            complain(self.app, error)
        else:
            self.app.notify(plain(let_through(found)), markup=False)
        self.list_changed()


def _look(key: str, it: Item) -> str:
    if it.heading:
        return "table--alert" if it.held else ""
    if key != "sign":
        return "table--quiet" if it.held else ""
    change = it.changes[0]
    if change.before is None:
        return "table--allow"
    return "table--block" if change.after is None else ""
