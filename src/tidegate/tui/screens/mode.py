"""What all modes share: header, footer, keys for going elsewhere, undo, marks, following others.

A mode is the first screen of its own stack, so that everything in it stays while people are
elsewhere. It reads when it is entered and when somebody changed something, and only the one that is
looked at asks. Refuses to decide anything: plans come from the service.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from tidegate.errors import TidegateError
from tidegate.indicators.plan import SyncPlan
from tidegate.service.quota import Quota
from tidegate.service.reversal import notable
from tidegate.store.entry import Entry
from tidegate.tui.actions import Act, find
from tidegate.tui.gate import Gate
from tidegate.tui.modes import Mode
from tidegate.tui.safe import content, plain
from tidegate.tui.screens.base import carry_out, complain
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.help import HelpScreen
from tidegate.tui.screens.log import LogScreen
from tidegate.tui.screens.marking import Marking
from tidegate.tui.screens.palette import PaletteScreen
from tidegate.tui.screens.why import WhyScreen
from tidegate.tui.undoing import question, title, turned_round
from tidegate.tui.widgets.footer import Footer
from tidegate.tui.widgets.grid import Grid
from tidegate.tui.widgets.header import Header
from tidegate.tui.widgets.pane import Lines, Pane

if TYPE_CHECKING:  # the application makes the modes, which ask it for work in the background
    from tidegate.tui.app import TidegateApp

FOLLOW = 0.5
"""Seconds between two looks at what other processes did: it shows within a second."""

LINES_FROM = 100
"""From this width on there are three lines under the table, below one."""

PANE_FROM = 140
"""From this width on there is a pane beside the table."""


class ModeScreen(Marking):
    """One mode. `picking` is what its table shows."""

    # Else an input has the focus until the list is read, and takes keys typed meanwhile.
    AUTO_FOCUS = "#table"

    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]  # Textual declares it without ClassVar
        (0, "-narrow"),
        (LINES_FROM, "-medium"),
        (PANE_FROM, "-wide"),
    ]

    app: App[int]

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate
        self._quota: Quota | None = None
        self._complaint = ""
        self._told_job = ""

    @property
    def desk(self) -> TidegateApp:
        """The application, which does work in the background."""
        return cast("TidegateApp", self.app)

    def framed(self, *above: Widget, table: Widget, below: Widget) -> ComposeResult:
        """Lay out what most modes are: a table with its details, and lines above and below it."""
        yield Header(id="header")
        yield from above
        with Horizontal(id="middle"):
            with Vertical(id="list"):
                yield table
                yield below
            yield Pane(id="pane")
        yield Lines(id="line")
        yield Static(id="status")
        yield Footer(id="footer")

    # What a mode says. Screens have a metaclass of their own, which leaves no room for that of abc.

    def reload(self) -> None:
        """Read everything again; cursor, marks and filter stay."""
        raise NotImplementedError  # each mode's own

    def redraw(self) -> None:
        """Draw everything that is cut to the width."""
        raise NotImplementedError  # each mode's own

    def moved_on(self) -> bool:
        """Whether what is shown is no longer so."""
        raise NotImplementedError  # each mode's own

    def glance(self) -> None:
        """Do what is to be done while nothing has changed."""

    def leave_layer(self) -> bool:
        """Leave the mode's own layer, such as a filter; False when there was none."""
        return False

    # Following

    def on_mount(self) -> None:
        """Read, and start following."""
        self.read()
        self.set_interval(FOLLOW, self.follow)

    def on_screen_resume(self) -> None:
        """Somebody came back: what happened meanwhile is shown at once."""
        if self.is_mounted and self._quota is not None:
            self.follow()

    def on_screen_suspend(self) -> None:
        """A sheet opens: old toasts would lie over its buttons."""
        self.app.clear_notifications()

    def on_resize(self) -> None:
        """Lines that are cut to the width are cut anew."""
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        if self._quota is not None:
            self.show_header()
            self.redraw()

    def read(self) -> None:
        """Read everything again; what goes wrong is said once, and stands below while it is so."""
        try:
            self.reload()
            self._quota = self.gate.quota()
        except TidegateError as error:
            self._complain_once(error)
            self.show_header()
            said = f" ! cannot be read (:log tells all): {plain(str(error))}"
            self.query_one("#status", Static).update(content((said, "bold")), layout=False)
            return
        self._complaint = ""
        self.show_header()
        self.redraw()

    def follow(self) -> None:
        """Look for changes by others, if this is the mode that is looked at."""
        if self.app.screen_stack[0] is not self:
            return
        self.desk.heed_config()
        if self.desk.job_words != self._told_job:
            self.show_header()
            self.show_footer()
        try:
            changed = self.moved_on()
        except TidegateError as error:
            self._complain_once(error)
            return
        if changed:
            self.read()
        else:
            self.glance()

    def _complain_once(self, error: TidegateError) -> None:
        if str(error) != self._complaint:  # once is enough: the next look comes soon
            complain(self.app, error)
        self._complaint = str(error)

    def show_header(self) -> None:
        """Draw the top line."""
        self._told_job = self.desk.job_words
        self.query_one(Header).show(
            self.gate.tenant,
            self.MODE,
            self._quota,
            read_only=self.gate.read_only,
            job=self._told_job,
        )

    @property
    def urgent(self) -> tuple[str, ...]:
        """The actions that what runs makes worth naming first."""
        return self.desk.urgent

    def show_footer(self) -> None:
        """Say which keys matter now."""
        if keys := self.typed_keys():
            self.query_one(Footer).show_typing(keys)
            return
        self.query_one(Footer).show(
            self.MODE,
            empty=not self.picking.rows,
            marked=bool(self.picking.marks),
            read_only=self.gate.read_only,
            first=self.urgent,
        )

    def on_descendant_focus(self) -> None:
        """Letters are verbs in the table, and text in the filter."""
        self.show_footer()

    # Saying no
    def warn(self, text: str) -> None:
        """Say why a key does nothing."""
        self.app.notify(plain(text), severity="warning", markup=False)

    def may_write(self) -> bool:
        """Whether anything may be changed; says so when not."""
        if self.gate.read_only:
            self.warn("read-only session: nothing can be changed")
        return not self.gate.read_only

    def show_status(self) -> None:
        """Say what is marked, and which keys matter now."""
        self.show_footer()

    # Taking back

    def list_changed(self) -> None:
        """Something was carried out here: read again."""
        self.read()

    def action_undo(self) -> None:
        """Take the last change back; ask first about much, and about what others made."""
        self._turn_round(self.gate.plan_undo)

    def action_redo(self) -> None:
        """Do again what the last undo took back; ask first when much hangs on it."""
        self._turn_round(self.gate.plan_redo)

    def _turn_round(self, make: Callable[[], SyncPlan]) -> None:
        if not self.may_write():
            return
        try:
            plan = make()
            entry = None if plan.undoes is None else self.gate.step(plan.undoes)
        except TidegateError as error:
            complain(self.app, error)
            return
        mine = entry is not None and self.gate.made_here(entry.serial)
        if entry is None or (mine and not notable(plan, entry, self.gate.actor)):
            self._turn(plan, entry)
            return
        asked, button = title(plan, entry)

        def act(answer: bool | None) -> None:  # noqa: FBT001 - the question's result
            if answer:
                self._turn(plan, entry)

        self.app.push_screen(ConfirmScreen(asked, question(plan, entry, mine=mine), button), act)

    def _turn(self, plan: SyncPlan, entry: Entry | None) -> None:
        said = plan.reason if entry is None else turned_round(plan, entry)
        if carry_out(self.app, self.gate, plan, said):
            self.list_changed()

    # Work in the background

    def action_sync(self, text: str = "") -> None:
        """Sync the feeds that are named, or all."""
        if not self.may_write():
            return
        feeds = tuple(text.split())
        try:
            self.gate.desks.feeds.named(feeds)
        except TidegateError as error:
            complain(self.app, error)
        else:
            self.desk.sync(feeds)

    async def action_plan(self) -> None:
        """Look at the plan that waits for an answer, or at what a sync would do now."""
        await self.app.switch_mode(Mode.REVIEW)

    def action_cancel(self) -> None:
        """End what runs in the background."""
        self.desk.cancel_job()

    def action_partners(self, text: str = "") -> None:
        """Show the partners, or what the one that is named would get."""
        from tidegate.tui.screens.partners import PartnersScreen  # noqa: PLC0415 - not before needed

        self.app.push_screen(PartnersScreen(self.gate, text.strip()))

    # Going elsewhere

    async def action_go(self, mode: str) -> None:
        """Go to another mode; this one stays as it is."""
        await self.app.switch_mode(mode)

    def action_why(self, text: str = "") -> None:
        """Tell the whole story of a value, whether it is on the list or not."""
        if not text:
            self.warn("name a value: :why VALUE")
            return
        try:
            self.app.push_screen(WhyScreen(self.gate, None, self.gate.explain(text)))
        except TidegateError as error:
            complain(self.app, error)

    def action_reload(self) -> None:
        """Read everything again; somebody who asks is told again what goes wrong."""
        self._complaint = ""
        self.read()

    def action_theme(self, name: str = "") -> None:
        """Change the colours."""
        self.desk.dress(name)

    def action_log(self) -> None:
        """Show what was said so far."""
        self.app.push_screen(LogScreen(self.desk.said))

    def action_back(self) -> None:
        """Leave one layer: range, filter, marks."""
        if self.picking.range_from is not None:
            self.picking.range_from = None
        elif not self.leave_layer() and self.picking.marks:
            self.picking.clear_marks()
        self.marked()

    def action_help(self) -> None:
        """Search the keys; Enter runs one."""
        self.app.push_screen(HelpScreen(self.MODE), self._run)

    def action_command(self) -> None:
        """Type a command; Enter runs it."""
        self.app.push_screen(PaletteScreen(self.MODE), self._run)

    async def _run(self, chosen: tuple[str, str] | None) -> None:
        if chosen is not None:
            await self.run(find(self.MODE, chosen[0]), chosen[1])

    async def run(self, act: Act, text: str = "") -> None:
        """Carry an action out, as its key or its command does."""
        table = self.query_one("#table", Grid)
        owner = table if hasattr(table, f"action_{act.id}") else self
        if act.takes and text:
            called = getattr(owner, f"action_{act.id}")(text)
            if inspect.isawaitable(called):
                await called
        else:
            await self.app.run_action(act.action, default_namespace=owner)

    def action_quit(self) -> None:
        """Leave Tidegate; ask first while something runs."""
        self.desk.quit_asked()
