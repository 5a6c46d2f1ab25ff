"""The Conflicts mode: where people and feeds differ; mine, theirs or a rule, one by one or many.

One conflict is settled at once and can be taken back; many, a rule, or a row that would become
Allow are shown first. Refuses to plan: the service does.
"""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tidegate.errors import TidegateError
from tidegate.service.conflicts import Conflict, Standing
from tidegate.service.resolving import Choice, Resolution
from tidegate.tui.actions import bindings
from tidegate.tui.differing import COLUMNS, SPARE, few_lines, one_line, resolution_lines, whole
from tidegate.tui.gate import Gate
from tidegate.tui.modes import Mode
from tidegate.tui.picking import Picking
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, plain, stacked
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.current import Current
from tidegate.tui.screens.filtered import Filtered, FilteredGrid
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.screens.taking import Taking
from tidegate.tui.syncing import allowing
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
        content("another value there, or when your row stands against a feed's."),
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
        self.picking: Picking[Conflict] = Picking()
        self.settled = False
        self._seen: object = None

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
        self.picking.hold((conflict.id, conflict) for conflict in found)

    def values(self) -> list[str]:
        """The values in question."""
        return [conflict.value for conflict in self.picking.targets()]

    def moved_on(self) -> bool:
        """Whether the list changed, or what feeds want."""
        return self._mark() != self._seen

    def redraw(self) -> None:
        """Draw the table or a lesson, the count, status and details."""
        shown = len(self.picking.ids)
        self.query_one(FilterBar).show_count(shown, shown)
        self.show_table(lambda: nothing(self.filter_text, settled=self.settled))

    def show_status(self) -> None:
        """Say what is shown, what is marked and which keys matter."""
        text = " settled ones, too" if self.settled else ""
        self.query_one("#status", Static).update(content(text + self.marks_text()), layout=False)
        self.show_footer()

    def one_line(self, it: Conflict) -> Content:
        """Tell of a conflict in one line."""
        return one_line(it)

    def few_lines(self, it: Conflict) -> Content:
        """Tell of it in three lines."""
        return few_lines(it)

    def whole(self, it: Conflict) -> Content:
        """Both sides in full."""
        return whole(it, self.gate.now())

    # Actions

    def action_why(self, text: str = "") -> None:
        """Tell the story of a value, or of the one under the cursor."""
        it = self.picking.current
        if text or it is not None:
            super().action_why(text or (it.row.id if it is not None else ""))

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

    def _decide(self, choice: Choice) -> None:
        if not self.may_write() or self.unreadable():
            return
        found = self.picking.targets()
        if not found:
            self.warn(self.picking.all_hidden or "there is no conflict to settle")
            return
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
        if len(found) == 1 and choice is not Choice.RULE and not allowing(plan.plan):
            self._carry_out(plan, choice)
            return
        hidden = self.picking.hidden_marks
        title = f"{_ASKED[choice][0]} {counted(len(plan.lines) - len(plan.refused), 'conflict')}?"
        if plan.refused:
            title += f" {counted(len(plan.refused), 'refusal')}."
        if hidden:
            title += f" {counted(hidden, 'hidden mark')} excluded."
        if allowing(plan.plan):
            title += f" {counted(allowing(plan.plan), 'row')} would become Allow."
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


def _look(key: str, it: Conflict) -> str:
    return "table--quiet" if key == "standing" and it.standing is not Standing.OPEN else ""
