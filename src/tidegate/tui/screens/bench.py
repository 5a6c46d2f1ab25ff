"""The Bench mode: an event or a value through the three engines, by the list or under a plan.

What is typed or pasted is asked about at Enter; files are read in the background. Refuses to judge:
the engines do, and the service decides which answers differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tidegate.errors import TidegateError
from tidegate.service.bench import KEPT, Answer
from tidegate.service.matching import Counts
from tidegate.tui.actions import bindings
from tidegate.tui.background import Said
from tidegate.tui.gate import Gate
from tidegate.tui.job import Job
from tidegate.tui.modes import Mode
from tidegate.tui.picking import Picking
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, plain, stacked
from tidegate.tui.screens.against import AgainstScreen
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.prompt import PromptScreen
from tidegate.tui.screens.reading import ReadingScreen
from tidegate.tui.screens.taking import Taking
from tidegate.tui.verdicts import (
    CASE_COLUMNS,
    COLUMNS,
    PLAN_COLUMNS,
    SPARE,
    Row,
    row_of,
    side_by_side,
    under_plan,
)
from tidegate.tui.widgets.footer import Footer, Typed
from tidegate.tui.widgets.grid import Grid
from tidegate.tui.widgets.header import Header
from tidegate.tui.widgets.pane import Pane
from tidegate.tui.widgets.question import TYPED, Question

_TEACH = (
    ("/", "type a value, or paste values or an event as JSON, then Enter:"),
    ("", '203.0.113[.]7   hxxp://c2.example[.]com/a   {"RemoteIP": "203.0.113.7"}'),
    ("o", "open a file of events: JSON Lines or CSV of a hunting table"),
    ("c", "ask the saved cases again: which verdicts changed"),
    ("t", "ask under the plan of a sync, or by the list again; :against FILE for a plan file"),
    ("", ""),
    ("", "Each engine answers for itself; where they differ it says ≠ and comes first."),
)  # fmt: skip


def lesson(*, cases: bool) -> Content:
    """What stands in the table's place."""
    if cases:
        return stacked(
            (
                content("No case is saved yet."),
                content(""),
                content("Ask about an event, then ", ("s", "bold"), " saves it with its"),
                content("verdicts; here you see later which of them changed."),
            )
        )
    return stacked(content((f"{head:<3}", "bold"), text) for head, text in _TEACH)


class BenchScreen(AgainstScreen, Taking):
    """Questions above, answers below, the three engines under them."""

    MODE = Mode.BENCH
    BINDINGS = bindings(MODE)
    AUTO_FOCUS = "#question"

    _CASES: ClassVar[str] = "cases"

    class FileRead(Message):
        """A file was read."""

        def __init__(self, name: str, answers: list[Answer], counts: Counts) -> None:
            super().__init__()
            self.file = name
            self.answers = answers
            self.counts = counts

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.picking: Picking[Row] = Picking()
        self.asked = ""
        self.of_file = ""
        self.cases_shown = False
        self._said = ""
        self._serial = -1

    def compose(self) -> ComposeResult:
        """Lay the mode out."""
        yield Header(id="header")
        yield Question(
            id="question",
            placeholder=content("values or an event as JSON; Enter asks, ^J is a new line"),
            compact=True,
            tab_behavior="focus",
        )
        with Vertical(id="middle"):
            with Vertical(id="list"):
                yield Grid(
                    self.picking, self.gate.now, COLUMNS, id="table", spare=SPARE, look=_look
                )
                yield Static(id="empty")
            yield Pane(id="engines")
        yield Static(id="status")
        yield Footer(id="footer")

    # Reading and showing

    def reload(self) -> None:
        """Ask the same again: the list may be another. A file is read again only when told to."""
        self._serial = self.gate.serial()
        if self.cases_shown:
            self._take_cases()
        elif self.asked:
            self._take_answers(self.gate.desks.bench.ask(self.asked, self.plan))

    def asked_anew(self) -> None:
        """Ask the other list the same; a file is read again."""
        if self.of_file and not self.cases_shown:
            self._open(self.of_file)
        self.read()

    def moved_on(self) -> bool:
        """Whether the list changed."""
        return self.gate.serial() != self._serial

    def _take(self, rows: list[Row]) -> None:
        self.picking.hold((str(place), row) for place, row in enumerate(rows))

    def _take_answers(self, answers: Sequence[Answer]) -> None:
        many = counted(len(answers), "answer")
        if self.plan is None:
            differ = sum(answer.differ for answer in answers)
            self._said = f"{many}, engines differ in {differ:,}"
        else:
            changed = sum(bool(answer.changed) for answer in answers)
            self._said = f"{many}, {changed:,} other than by the list as it is"
        self._take(self._rows(answers))

    def _rows(self, answers: Iterable[Answer]) -> list[Row]:
        return [Row(it) if self.plan is None or it.fault else under_plan(it) for it in answers]

    def _take_cases(self) -> None:
        if self.plan is not None:
            answers = self.gate.desks.bench.cases(self.plan)
            changed = sum(bool(answer.changed) for answer in answers)
            self._said = f"{counted(len(answers), 'case')}, {changed:,} other than by the list"
            self._take(self._rows(answers))
            return
        found = [row_of(case) for case in self.gate.desks.bench.replay()]
        changed = sum(bool(row.changed) for row in found)
        self._said = f"{counted(len(found), 'case')} asked again, {changed:,} changed"
        self._take(sorted(found, key=lambda row: not row.changed))

    def redraw(self) -> None:
        """Draw answers or a lesson, and the engines."""
        table = self.query_one(Grid)
        table.teach(self.query_one("#empty", Static), lambda: lesson(cases=self.cases_shown))
        beside = COLUMNS if self.plan is None else PLAN_COLUMNS
        table.use(CASE_COLUMNS if self.cases_shown else beside)
        self.show_status()
        self.on_grid_moved()

    def show_status(self) -> None:
        """Say what is shown and which keys matter now."""
        text = f" {self.against}{self._said}"
        self.query_one("#status", Static).update(content(text), layout=False)
        self.show_footer()

    def typed_keys(self) -> Typed:
        """The keys that work in a question, where letters are its text."""
        return TYPED if isinstance(self.focused, Question) else super().typed_keys()

    def on_descendant_focus(self) -> None:
        """Somebody begins to type, or goes to the answers."""
        self.show_status()

    def on_grid_moved(self) -> None:
        """Show the engines of another row."""
        row, pane = self.picking.current, self.query_one("#engines", Pane)
        pane.display = row is not None
        if row is not None:
            width = pane.scrollable_content_region.width or self.app.size.width - 4
            pane.show(side_by_side(row, width, brief=True))

    def on_grid_opened(self) -> None:
        """A click on the cursor's row opens it."""
        self.action_open()

    # Asking

    def on_question_asked(self) -> None:
        """Ask about what was typed."""
        self._ask(self.query_one(Question).text)

    def on_question_left(self) -> None:
        """Back to the answers."""
        self.query_one(Grid).focus()

    def _ask(self, text: str) -> None:
        if not text.strip():
            self.warn("type a value or paste an event first")
            return
        try:
            answers = self.gate.desks.bench.ask(text, self.plan)
        except TidegateError as error:
            complain(self.app, error)
            return
        self.asked, self.of_file, self.cases_shown = text, "", False
        self._serial = self.gate.serial()
        self._take_answers(answers)
        self.picking.move_to(0)
        self.redraw()
        self.query_one(Grid).focus()

    def action_ask(self, text: str = "") -> None:
        """Type another question, or ask about a value."""
        question = self.query_one(Question)
        if text:
            question.load_text(text)
            self._ask(text)
        else:
            question.select_all()  # what is typed takes the place of the question before
            self.set_focus(question)  # at once: the text may be on its way

    def action_cases(self) -> None:
        """Show the saved cases, or the answers again."""
        shown, self.cases_shown = self.cases_shown, not self.cases_shown
        try:
            if self.cases_shown:
                self._take_cases()
            else:
                self._take([])
                self._said = ""
                self.reload()
        except TidegateError as error:
            self.cases_shown = shown
            complain(self.app, error)
            return
        self.picking.move_to(0)
        self.redraw()

    def action_events(self, name: str = "") -> None:
        """Read a file of events in the background."""
        if name:
            self._open(name)
            return
        self.app.push_screen(
            PromptScreen(
                "Open a file of events", "path of JSON Lines or CSV, gzipped or not", needs="a path"
            ),
            self._open,
        )

    def _open(self, name: str | None) -> None:
        if not name:
            return
        desk, plan = self.gate.desks.bench, self.plan

        def work(job: Job) -> Said:
            answers, counts = desk.ask_file(
                name, lambda events: job.tell(f"{events:,} events"), lambda: job.stopping, plan
            )
            self.post_message(self.FileRead(name, answers, counts))
            said: Said = [
                (
                    "information",
                    f"{name}: {counted(counts.events, 'event')}, {counted(counts.hits, 'hit')}",
                )
            ]
            said += [
                ("warning", f"{it.file or 'event'}: {it.times:,} × {it.words}")
                for it in list(counts.problems)[:5]
            ]
            return said

        self.desk.begin(Job(f"events of {name}"), work)

    def on_bench_screen_file_read(self, event: FileRead) -> None:
        """Show what the engines make of a file."""
        self.asked, self.of_file, self.cases_shown = "", event.file, False
        counts = event.counts
        cut = f", the first {KEPT:,} shown" if counts.hits > KEPT else ""
        read = f"{event.file}: {counted(counts.events, 'event')}, {counted(counts.hits, 'hit')}"
        self._said = f"{read}{cut}"
        self._take(self._rows(event.answers))
        self.picking.move_to(0)
        self.redraw()

    # The row under the cursor

    def values(self) -> list[str]:
        """What was asked about; a case has a name of its own in that place."""
        row = self.picking.current
        return [] if row is None or self.cases_shown else [row.answer.label]

    def action_open(self) -> None:
        """Show the engines in full."""
        row = self.picking.current
        if row is not None:
            width = min(self.app.size.width * 94 // 100, 120) - 6
            self.app.push_screen(ReadingScreen(self.gate, side_by_side(row, width)))

    def action_save(self, name: str = "") -> None:
        """Save the event with its verdicts as a case."""
        if not self.may_write():
            return
        row = self.picking.current
        if row is None or row.answer.record is None:
            self.warn("ask about a value or an event first: events of files are not saved")
            return
        if name:
            self._save(name)
            return
        self.app.push_screen(
            PromptScreen(
                "Save as a case",
                "a name: a-z, 0-9 and the hyphen",
                needs="a name",
                check=self.gate.desks.bench.check_name,
            ),
            self._save,
        )

    def _save(self, name: str | None) -> None:
        row = self.picking.current
        if not name or row is None or row.answer.record is None:
            return
        try:
            again = self.gate.desks.bench.save(name, row.answer.record, row.answer.finding)
        except TidegateError as error:
            complain(self.app, error)
            return
        said = f"case {name} {'replaced' if again else 'saved'}: c asks all cases again"
        self.app.notify(plain(said), markup=False)

    def leave_layer(self) -> bool:
        """Go back from the cases to the answers."""
        if self.cases_shown:
            self.action_cases()
            return True
        return False


def _look(key: str, row: Row) -> str:
    return "table--block" if key == "sign" and row.sign else ""
