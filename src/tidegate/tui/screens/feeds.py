"""The Feeds mode: how each feed does, its policy, switches, checks, and a sync in the background.

Refuses to pull and to judge: the service does. A sync's plan waits for an answer (`p`), it is never
asked about out of turn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tidegate.errors import TidegateError, UsageError
from tidegate.indicators.term import parse_moment
from tidegate.service.feeds import FeedView
from tidegate.tui.actions import bindings
from tidegate.tui.external import edit
from tidegate.tui.feed_words import COLUMNS, SPARE, few_lines, health, judged, one_line, whole
from tidegate.tui.gate import Gate
from tidegate.tui.modes import Mode
from tidegate.tui.picking import Picking
from tidegate.tui.safe import content, plain, stacked
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.check import CheckScreen
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.mode import LINES_FROM, PANE_FROM, ModeScreen
from tidegate.tui.screens.prompt import PromptScreen
from tidegate.tui.screens.reading import ReadingScreen
from tidegate.tui.widgets.grid import Grid
from tidegate.tui.widgets.pane import Lines, Pane

_REST = 0.25
"""Seconds the cursor stands still before a feed's runs and rejections are read."""

_AGES = 40
"""Looks after which ages are drawn anew: twenty seconds."""


def nothing() -> Content:
    """What stands in the table's place."""
    return stacked(
        (
            content("There is no feed here, and none is shipped."),
            content(""),
            content(("tidegate feeds add DIR", "bold"), "  subscribes to a folder with feed.toml"),
        )
    )


class FeedsScreen(ModeScreen):
    """Every feed of the home, then those that are shipped."""

    MODE = Mode.FEEDS
    BINDINGS = bindings(MODE)

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.picking: Picking[FeedView] = Picking()
        self._seen: object = None
        self._rest: Timer | None = None
        self._looks = 0

    def compose(self) -> ComposeResult:
        """Lay the mode out."""
        yield from self.framed(
            table=Grid(self.picking, self.gate.now, COLUMNS, id="table", spare=SPARE, look=_look),
            below=Static(id="empty"),
        )

    # Reading and showing

    def reload(self) -> None:
        """Look at every feed."""
        self._seen = self._mark()
        # A feed that is switched on stays where it is: else the next key meets another one.
        place = {ident: at for at, ident in enumerate(self.picking.ids)}
        views = sorted(
            self.gate.desks.feeds.overview(), key=lambda view: place.get(view.id, len(place))
        )
        self.picking.hold((view.id, view) for view in views)

    def moved_on(self) -> bool:
        """Whether a sync ended or came to its plan, or a feed.toml was written."""
        return self._mark() != self._seen

    def _mark(self) -> object:
        return self.gate.desks.feeds.mark(), self.urgent

    def glance(self) -> None:
        """Let ages move on."""
        self._looks = (self._looks + 1) % _AGES
        if not self._looks:
            self.query_one(Grid).reshape()

    def redraw(self) -> None:
        """Draw the table or a lesson, and the details."""
        table = self.query_one(Grid)
        table.teach(self.query_one("#empty", Static), nothing)
        table.reshape()
        self.show_status()
        self.on_grid_moved()

    def show_status(self) -> None:
        """Say what is marked, what runs, or how to begin."""
        text = self.marks_text()
        if not text and not any(view.state == "on" for view in self.picking.rows.values()):
            text = " no feed is on: e switches one on, s syncs it"
            if any(view.id.startswith("sample-") for view in self.picking.rows.values()):
                text += "; `tidegate demo` shows the samples"
        self.query_one("#status", Static).update(content(text), layout=False)
        self.show_footer()

    def on_grid_moved(self) -> None:
        """The cursor is on another feed."""
        view, line, now = self.picking.current, self.query_one(Lines), self.gate.now()
        if view is None:
            line.show(content(""))
        else:
            line.show(
                one_line(view, now) if self.app.size.width < LINES_FROM else few_lines(view, now)
            )
        if self._rest is not None:
            self._rest.stop()
        if self.app.size.width >= PANE_FROM:
            self._rest = self.set_timer(_REST, self._show_whole)

    def _show_whole(self) -> None:
        text = self._whole()
        self.query_one(Pane).show(content("") if text is None else text)

    def _whole(self) -> Content | None:
        view = self.picking.current
        if view is None:
            return None
        try:
            return whole(self.gate.desks.feeds.dossier(view.id), self.gate.now())
        except TidegateError as error:
            complain(self.app, error)
            return None

    def on_grid_opened(self) -> None:
        """A click on the cursor's feed opens it."""
        self.action_open()

    # Looking

    def action_open(self) -> None:
        """Show everything about the feed."""
        text = self._whole()
        if text is not None:
            self.app.push_screen(ReadingScreen(self.gate, text))

    def action_check(self) -> None:
        """Walk to its server."""
        view = self.picking.current
        if view is not None:
            self.app.push_screen(CheckScreen(self.gate, view.id))

    # Changing

    def action_sync(self, text: str = "") -> None:
        """Sync the feed under the cursor, the marked ones, or those that are named."""
        if not self.may_write():
            return
        if text:
            self.desk.sync(tuple(text.split()))
            return
        chosen = self.picking.targets()
        off = [view.id for view in chosen if view.state != "on"]
        if off:
            self.warn(f"{', '.join(off)}: not on, e switches on what can be")
        elif chosen:
            self.desk.sync(tuple(view.id for view in chosen))
        else:
            self.warn("there is no feed to sync")

    def action_sync_all(self) -> None:
        """Sync all feeds that are on."""
        if self.may_write():
            self.desk.sync()

    def _switch(self, do: Callable[[str], str | None], said: str) -> None:
        view = self.picking.current
        if view is None or not self.may_write():
            return
        try:
            unwelcome = do(view.id)
        except TidegateError as error:
            complain(self.app, error)
            return
        if unwelcome:
            self.warn(f"feed {view.id} is on, but {unwelcome}")
        else:
            self.app.notify(plain(f"feed {view.id} {said}"), markup=False)
        self.read()

    def action_enable(self) -> None:
        """Switch the feed on."""
        self._switch(self.gate.desks.feeds.enable, "is on: s syncs it")

    def action_disable(self) -> None:
        """Switch the feed off."""
        self._switch(self.gate.desks.feeds.disable, "is off; its rows stay until they expire")

    def action_rewind(self) -> None:
        """Ask from when to read the feed again."""
        view = self.picking.current
        if view is None or not self.may_write():
            return
        self.app.push_screen(
            PromptScreen(
                f"Read {view.id} again from",
                "2026-11-01, 2026-11-01T08:30Z, or nothing: its beginning",
            ),
            partial(self._rewind_from, view.id),
        )

    def _rewind_from(self, ident: str, text: str | None) -> None:
        if text is None:
            return
        if text:
            self._rewind(ident, text, True)
            return
        lines = ["what is known of it stays; the next sync reads all of it again"]
        question = ConfirmScreen(f"Rewind {ident} to its beginning?", lines, "Rewind")
        self.app.push_screen(question, partial(self._rewind, ident, ""))

    def _rewind(self, ident: str, text: str, answer: bool | None) -> None:  # noqa: FBT001 - the question's result
        if not answer:
            return
        try:
            to = parse_moment(text) if text else None
        except ValueError as fault:
            complain(self.app, UsageError(str(fault)))
            return
        try:
            said = self.gate.desks.feeds.rewind(ident, to)
        except TidegateError as error:
            complain(self.app, error)
            return
        self.app.notify(plain(said), markup=False)
        self.read()

    def action_policy(self) -> None:
        """Open feed.toml in the editor, then say what is odd about it."""
        view = self.picking.current
        if view is None or not self.may_write():
            return
        desk = self.gate.desks.feeds
        try:
            edit(self.app, desk.policy_file(view.id))
            found = desk.dossier(view.id)
        except TidegateError as error:
            complain(self.app, error)
            return
        self.app.refresh()
        grave, said = judged(found)
        if grave == "information":
            self.app.notify(plain(said), markup=False)
        elif grave == "warning":
            self.warn(said)
        else:
            complain(self.app, UsageError(said, "E mends it; until then it is not synced"))
        self.read()


def _look(key: str, view: FeedView) -> str:
    if key in ("health", "state") and (view.state == "broken" or health(view) == "FAILED"):
        return "table--block"
    if key == "health" and health(view) in ("late", "stale"):
        return "table--alert"
    return "table--quiet" if view.state in ("shipped", "off") and key != "about" else ""
