"""The History mode: every change with who, when, how and why; taking back and doing again.

A verb acts on the marked changes, which must be an unbroken run, or else on the change under the
cursor. Refuses to plan: the service does, newest first, all of a range or none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from tidegate.errors import TidegateError
from tidegate.service.history import Head, Step, every_change
from tidegate.service.reversal import Reversal, notable
from tidegate.service.trail import Span
from tidegate.tui.actions import bindings
from tidegate.tui.asking import asked, words
from tidegate.tui.completing import STATIC, Words, words_of
from tidegate.tui.gate import Gate
from tidegate.tui.happened import (
    COLUMNS,
    SPARE,
    few_lines,
    headline,
    reversal_lines,
    reversal_said,
    reversal_title,
    whole,
)
from tidegate.tui.modes import Mode
from tidegate.tui.picking import Picking
from tidegate.tui.safe import content, plain, stacked
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.entry import EntryScreen
from tidegate.tui.screens.filtered import Filtered, FilteredGrid
from tidegate.tui.screens.mode import LINES_FROM, PANE_FROM
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.screens.taking import Taking
from tidegate.tui.widgets.filter_bar import FilterBar
from tidegate.tui.widgets.pane import Lines, Pane

_REST = 0.25
"""Seconds the cursor stands still before its rows are read."""

_PLACEHOLDER = "filter, e.g. by:ana door:sync since:7d type:ip"


def nothing(filter_text: str, *, reading: bool) -> Content:
    """What stands in the table's place."""
    if reading:
        return content("reading the journal …")
    if filter_text.strip():
        return stacked(
            (
                content("No change matches ", (filter_text, "bold")),
                content(("Esc", "bold"), " clears the filter"),
            )
        )
    return stacked(
        (
            content("Nothing has been changed yet."),
            content(""),
            content("Every change is kept here with who made it, when and why:"),
            content("a sync, an edit, a paste, an import. Each can be taken back."),
            content(""),
            content(("1", "bold"), "  the list: a adds, p pastes    ", ("6", "bold"), "  feeds"),
        )
    )


class HistoryScreen(Filtered, Taking):
    """The journal."""

    MODE = Mode.HISTORY
    BINDINGS = bindings(MODE)

    class Read(Message):
        """The journal was read, for the question of this number."""

        def __init__(
            self, number: int, found: Sequence[Head], total: int, error: TidegateError | None
        ) -> None:
            super().__init__()
            self.number = number
            self.found = found
            self.total = total
            self.error = error

    class Opened(Message):
        """One change was read with its rows, for the pane or for a sheet."""

        def __init__(self, step: Step, *, sheet: bool) -> None:
            super().__init__()
            self.step = step
            self.sheet = sheet

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.picking: Picking[Head] = Picking()
        self._asked = 0
        self._reading = False
        self._serial = -1
        self._total = 0
        self._rest: Timer | None = None
        self._actors: set[str] = set()
        self._doors: set[str] = set()
        self._known: tuple[int, Words] | None = None

    def compose(self) -> ComposeResult:
        """Lay the mode out."""
        yield from self.framed(
            FilterBar(id="bar", placeholder=_PLACEHOLDER, word="change", known=self._words),
            table=FilteredGrid(
                self.picking, self.gate.now, COLUMNS, id="table", spare=SPARE, look=_look
            ),
            below=Static(id="empty"),
        )

    def _words(self) -> Words:
        """What may be typed into the filter: words of rows, and those of changes read so far."""
        serial = self._serial
        if self._known is None or self._known[0] != serial:
            self._known = (serial, {**STATIC, **words_of(self.gate.rows())})
        return {**words(self._actors, self._doors), **self._known[1]}

    # Reading and showing

    def ask(self, text: str) -> None:
        """Have the journal read; what is shown stays until that is done."""
        filter_text, wanted = asked(text, self.gate.now())
        self._serial = self.gate.serial()
        self._asked += 1
        self._reading = True
        number, desk = self._asked, self.gate.desks.journal

        def read() -> None:
            try:
                found, total = desk.heads(filter_text, wanted)
            except TidegateError as error:
                self.post_message(self.Read(number, (), 0, error))
            else:
                self.post_message(self.Read(number, found, total, None))

        self.run_worker(read, thread=True, group="heads")

    def on_history_screen_read(self, event: Read) -> None:
        """Show what was read, unless something else was asked for since."""
        if event.number != self._asked:
            return
        self._reading = False
        if event.error is not None:
            complain(self.app, event.error)
        else:
            self._total = event.total
            self._actors |= {head.entry.actor for head in event.found}
            self._doors |= {head.entry.door for head in event.found}
            self.picking.hold((str(head.entry.serial), head) for head in event.found)
        self.redraw()

    def values(self) -> list[str]:
        """The values that the changes touched."""
        steps = (self.gate.step(head.entry.serial) for head in self.picking.targets())
        return [change.row.value for step in steps for change in every_change(step)]

    def moved_on(self) -> bool:
        """Whether somebody changed the list."""
        return self.gate.serial() != self._serial

    def redraw(self) -> None:
        """Draw the table or a lesson, the count, status and details."""
        table, empty = self.query_one(FilteredGrid), self.query_one("#empty", Static)
        self.query_one(FilterBar).show_count(len(self.picking.ids), self._total)
        table.teach(empty, lambda: nothing(self.filter_text, reading=self._reading))
        table.reshape()
        self.show_status()
        self._show_details()

    def show_status(self) -> None:
        """Say what is marked and which keys matter."""
        text = " reading the journal …" if self._reading else self.marks_text()
        self.query_one("#status", Static).update(content(text), layout=False)
        self.show_footer()

    def on_grid_moved(self) -> None:
        """The cursor is on another change."""
        self._show_details()

    def on_grid_opened(self) -> None:
        """A click on the cursor's change opens it."""
        self.action_open()

    def _show_details(self) -> None:
        head = self.picking.current
        line = self.query_one(Lines)
        if head is None:
            line.show(content(""))
        else:
            line.show(headline(head) if self.app.size.width < LINES_FROM else few_lines(head))
        if self._rest is not None:
            self._rest.stop()
        if self.app.size.width >= PANE_FROM:
            self.query_one(Pane).show(content("") if head is None else whole(head, None))
            self._rest = self.set_timer(_REST, self._read_rows)

    def _read_rows(self, *, sheet: bool = False) -> None:
        """Have the rows of the change under the cursor read."""
        head, desk = self.picking.current, self.gate.desks.journal
        if head is None:
            return
        serial = head.entry.serial

        def read() -> None:
            try:
                step = desk.step(serial)
                step.entry  # noqa: B018 - rows are built here, where nobody waits for them
            except TidegateError as error:
                self.app.call_from_thread(complain, self.app, error)
            else:
                self.post_message(self.Opened(step, sheet=sheet))

        self.run_worker(read, thread=True, group="rows")

    def on_history_screen_opened(self, event: Opened) -> None:
        """Show the rows of a change, if it is still the one that is looked at."""
        head = self.picking.current
        if head is None or head.entry.serial != event.step.entry.serial:
            return
        if event.sheet and self.app.screen is self:
            self.app.push_screen(EntryScreen(self.gate, head, event.step))
        elif not event.sheet:
            self.query_one(Pane).show(whole(head, event.step))

    # Actions

    def action_open(self) -> None:
        """Show every row of the change before and after."""
        self._read_rows(sheet=True)

    def action_undo(self) -> None:
        """Take back the change under the cursor, or the marked range."""
        self._turn_span(self.gate.desks.journal.plan_undo, redo=False)

    def action_redo(self) -> None:
        """Do again what was taken back."""
        self._turn_span(self.gate.desks.journal.plan_redo, redo=True)

    def _span(self) -> Span | None:
        """The changes meant: the marked run, or the one under the cursor."""
        if self.unreadable():
            return None
        picking = self.picking
        if picking.hidden_marks:
            self.warn("some marks are hidden by the filter: Esc clears it, M the marks")
            return None
        serials = sorted(head.entry.serial for head in picking.targets())
        if not serials:
            self.warn("there is no change here")
            return None
        if len(serials) > 1 and serials[-1] - serials[0] != len(serials) - 1:
            self.warn("the marks have gaps: v marks an unbroken range, or undo one by one")
            return None
        return Span(serials[0], serials[-1])

    def _turn_span(self, make: Callable[[Span], tuple[Reversal, ...]], *, redo: bool) -> None:
        span = self._span() if self.may_write() else None
        if span is None:
            return
        try:
            found = make(span)
        except TidegateError as error:
            complain(self.app, error)
            return
        if len(found) == 1 and not notable(found[0].plan, found[0].entry, self.gate.actor):
            self._turn_all(found, redo=redo)
            return
        act = partial(self._answered, found, redo)
        asked_for, verb = reversal_title(found, redo=redo), "Redo" if redo else "Take back"
        self.app.push_screen(PreviewScreen(asked_for, reversal_lines(found), verb), act)

    def _answered(self, found: tuple[Reversal, ...], redo: bool, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if answer:
            self._turn_all(found, redo=redo)

    def _turn_all(self, found: tuple[Reversal, ...], *, redo: bool) -> None:
        try:
            self.gate.desks.journal.carry_out(found)
        except TidegateError as error:
            complain(self.app, error)
        else:
            self.app.notify(plain(reversal_said(found, redo=redo)), markup=False)
            self.picking.clear_marks()
        self.list_changed()


def _look(key: str, head: Head) -> str:
    """Quiet what was taken back; the state says so in words, too."""
    return "table--quiet" if head.undone_by is not None and key in ("reason", "state") else ""
