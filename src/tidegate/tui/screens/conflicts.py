"""The Conflicts mode: where people and feeds differ, and rows overlap; by group, with what decides.

Mine, theirs or a rule, one by one or many, or the side that is picked by its number. One conflict
is settled at once and can be taken back; many, a rule, rows that leave, or one that would become
Allow are shown first. Refuses to plan: the service does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tidegate.errors import TidegateError
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.service.conflicts import Conflict, Standing
from tidegate.service.disputes import Dispute, choice_of, shortened
from tidegate.service.resolving import Choice, Resolution
from tidegate.tui.actions import bindings
from tidegate.tui.differing import resolution_lines
from tidegate.tui.disputing import COLUMNS, SPARE, Item, few_lines, items, one_line, whole
from tidegate.tui.gate import Gate
from tidegate.tui.modes import Mode
from tidegate.tui.picking import Picking
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, plain, stacked
from tidegate.tui.screens.base import carry_out, complain
from tidegate.tui.screens.current import Current
from tidegate.tui.screens.filtered import Filtered, FilteredGrid
from tidegate.tui.screens.pick import PickScreen
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.screens.taking import Taking
from tidegate.tui.widgets.filter_bar import FilterBar

_ASKED = {
    Choice.MINE: ("Keep yours:", "Keep yours", "kept yours:"),
    Choice.THEIRS: ("Take theirs:", "Take theirs", "took theirs:"),
    Choice.RULE: ("Make a rule of", "Make the rule", "made a rule of"),
}
"""For each choice the question's beginning, the word for yes, and what was done."""


def nothing(filter_text: str, *, settled: bool) -> Content:
    """What stands in the table's place."""
    if filter_text.strip():
        return stacked(
            (
                content("No conflict matches ", (filter_text, "bold")),
                content(("Esc", "bold"), " clears the filter"),
            )
        )
    lines = [
        content("No conflicts: what people set is what feeds want, or was kept knowingly."),
        content(""),
        content("A conflict is listed when you set a field of a feed's row and the feed wants"),
        content("another value there, when your row stands against a feed's, or when rows of"),
        content("the list name one thing and would do different things."),
    ]
    if not settled:
        lines += [content(""), content(("z", "bold"), "  shows what was settled before, too")]
    return stacked(lines)


class ConflictsScreen(Filtered, Current, Taking):
    """What nobody has decided yet."""

    MODE = Mode.CONFLICTS
    BINDINGS = bindings(MODE)

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.picking: Picking[Item] = Picking()
        self.settled = False
        self._seen: object = None
        self._first = True
        self._more = ""

    def compose(self) -> ComposeResult:
        """Lay the mode out."""
        yield from self.framed(
            FilterBar(id="bar", word="conflict"),
            table=FilteredGrid(
                self.picking, self.gate.now, COLUMNS, id="table", spare=SPARE, look=_look
            ),
            below=Static(id="empty"),
        )

    # Reading and showing

    def _mark(self) -> object:
        return self.gate.serial(), self.gate.desks.feeds.mark()

    def ask(self, text: str) -> None:
        """Look for conflicts."""
        self._seen = self._mark()
        found = self.gate.desks.conflicts.found(text, settled=self.settled)
        self._more = shortened(found)
        self.picking.hold((it.id, it) for it in items(found))
        current = self.picking.current
        if current is not None and current.heading and self._first:
            self.picking.move_to(1)
        self._first = self._first and current is None

    def values(self) -> list[str]:
        """The values in question."""
        return [it.about.value for it in self._meant()]

    def _meant(self) -> tuple[Dispute, ...]:
        """What a verb acts on; a heading under the cursor stands for all under it."""
        return tuple(other for it in self.picking.targets() for other in it.members)

    def marked(self) -> None:
        """Show what became of the marks; headings bear none."""
        self.picking.marks -= {item for item, it in self.picking.rows.items() if it.heading}
        super().marked()

    def action_mark(self) -> None:
        """Mark or unmark the line, or all under a heading."""
        it = self.picking.current
        if it is None or not it.heading:
            super().action_mark()
        elif not self.unreadable():
            under = {other.id for other in it.members}
            self.picking.marks ^= (
                under if under <= self.picking.marks else under - self.picking.marks
            )
            self.marked()

    def moved_on(self) -> bool:
        """Whether the list changed, or what feeds want."""
        return self._mark() != self._seen

    def redraw(self) -> None:
        """Draw the table or a lesson, the count, status and details."""
        shown = sum(not it.heading for it in self.picking.rows.values())
        self.query_one(FilterBar).show_count(shown, shown)
        self.show_table(lambda: nothing(self.filter_text, settled=self.settled))

    def show_status(self) -> None:
        """Say what is shown, what is marked and which keys matter."""
        text = " settled ones, too" if self.settled else ""
        text += f" {self._more}" if self._more else ""
        self.query_one("#status", Static).update(content(text + self.marks_text()), layout=False)
        self.show_footer()

    def one_line(self, it: Item) -> Content:
        """Tell of a conflict in one line."""
        return one_line(it)

    def few_lines(self, it: Item) -> Content:
        """Tell of it in three lines."""
        return few_lines(it)

    def whole(self, it: Item) -> Content:
        """Both sides in full."""
        return whole(it, self.gate.now())

    # Actions

    def action_why(self, text: str = "") -> None:
        """Tell the story of a value, or of the one under the cursor."""
        it = self.picking.current
        if text or it is not None:
            super().action_why(text or (it.dispute.about.id if it is not None else ""))

    def action_settled(self) -> None:
        """Show what was settled before, too, or not."""
        self.settled = not self.settled
        self.read()

    def action_mine(self) -> None:
        """Keep what a person set."""
        self._decide(Choice.MINE)

    def action_theirs(self) -> None:
        """Take what feeds want."""
        self._decide(Choice.THEIRS)

    def action_rule(self) -> None:
        """Let the feed's policy say it."""
        self._decide(Choice.RULE)

    def action_pick(self) -> None:
        """Ask which side of the one under the cursor is to decide."""
        it = self.picking.current
        if not self.may_write() or self.unreadable():
            return
        if it is None or it.heading:
            self.warn("go to a line of the group: its sides are picked by number")
            return
        sheet = PickScreen(it.dispute, self.gate.now())
        self.app.push_screen(sheet, partial(self._picked, it.dispute))

    def _picked(self, it: Dispute, number: int | None) -> None:
        if number is None:
            return
        if it.conflict is not None:
            self._settle([it.conflict], choice_of(it, number))
            return
        try:
            plan = self.gate.desks.conflicts.pick(it, number)
        except TidegateError as error:
            complain(self.app, error)
            self.read()
            return
        if not plan.count(Op.REMOVE):
            self._keep(plan)
            return
        title = f"Let {it.sides[number - 1].row.value} decide?"
        lines = [("bad", f"- {c.row.value}  {c.row.action.value}: leaves") for c in plan.changes]
        if plan.suppressions:
            lines.append(("quiet", "feeds may not bring back what leaves"))
        sheet = PreviewScreen(f"{title} {counted(len(lines), 'row')} would leave.", lines, "Let it")
        self.app.push_screen(sheet, partial(self._let, plan))

    def _let(self, plan: SyncPlan, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if answer:
            self._carry(plan)

    def _keep(self, plan: SyncPlan) -> None:
        if plan.empty:
            self.warn("it is kept so already")
        else:
            self._carry(plan)

    def _carry(self, plan: SyncPlan) -> None:
        if carry_out(self.app, self.gate, plan, f"{plan.reason} · u undo"):
            self.picking.clear_marks()
        self.list_changed()

    def _decide(self, choice: Choice) -> None:
        if not self.may_write() or self.unreadable():
            return
        meant = self._meant()
        found = [it.conflict for it in meant if it.conflict is not None]
        if not meant:
            self.warn(self.picking.all_hidden or "there is no conflict to settle")
        elif found and len(found) < len(meant):
            self.warn("rows that overlap are among them: they are settled apart, by m or p")
        elif found:
            self._settle(found, choice)
        elif choice is Choice.MINE:
            self._keep_all(meant)
        else:
            self.warn("rows that overlap have no yours and theirs: p picks, m keeps them so")

    def _keep_all(self, found: tuple[Dispute, ...]) -> None:
        try:
            plan = self.gate.desks.conflicts.keep(found)
        except TidegateError as error:
            complain(self.app, error)
            self.read()
            return
        if len(found) == 1:
            self._keep(plan)
            return
        lines = [("good", f"· {it.about.value}  {it.rule}") for it in found]
        title = f"Keep {counted(len(found), 'overlap')} as they are decided?"
        self.app.push_screen(PreviewScreen(title, lines, "Keep them"), partial(self._let, plan))

    def _settle(self, found: Sequence[Conflict], choice: Choice) -> None:
        try:
            plan = self.gate.desks.conflicts.plan(found, choice)
        except TidegateError as error:
            complain(self.app, error)
            self.read()
            return
        if len(found) == 1 and plan.empty:
            line = plan.lines[0]
            self.warn(f"{line.conflict.value} {line.verdict}: {line.detail}")
            return
        if len(found) == 1 and choice is not Choice.RULE and not plan.plan.allowing:
            self._carry_out(plan, choice)
            return
        hidden = self.picking.hidden_marks
        title = f"{_ASKED[choice][0]} {counted(len(plan.lines) - len(plan.refused), 'conflict')}?"
        if plan.refused:
            title += f" {counted(len(plan.refused), 'refusal')}."
        if hidden:
            title += f" {counted(hidden, 'hidden mark')} excluded."
        if plan.plan.allowing:
            title += f" {counted(plan.plan.allowing, 'row')} would become Allow."
        act = partial(self._answered, plan, choice)
        verb = _ASKED[choice][1]
        self.app.push_screen(PreviewScreen(title, resolution_lines(plan), verb), act)

    def _answered(self, plan: Resolution, choice: Choice, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if answer and not plan.empty:
            self._carry_out(plan, choice)

    def _carry_out(self, plan: Resolution, choice: Choice) -> None:
        try:
            done = self.gate.desks.conflicts.carry_out(plan)
        except TidegateError as error:
            complain(self.app, error)
        else:
            number = sum(line.verdict == choice for line in plan.lines)
            undo = " · u undo" if done.serial is not None else ""
            said = f"{_ASKED[choice][2]} {counted(number, 'conflict')}{undo}"
            if choice is Choice.RULE:
                feeds = ", ".join(plan.rulings.by_feed)
                said += f", but not the rule: it stands in the policy of {feeds}, E in 6"
            if plan.refused:
                said += f"; {counted(len(plan.refused), 'conflict')} refused"
            self.app.notify(plain(said), markup=False)
            self.picking.clear_marks()
        self.list_changed()


def _look(key: str, it: Item) -> str:
    if it.heading:
        return "table--alert"
    settled = it.dispute.standing is not Standing.OPEN
    return "table--quiet" if settled and key in {"kept", "standing"} else ""
