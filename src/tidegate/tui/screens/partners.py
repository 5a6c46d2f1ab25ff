"""The partners: who they are, what they have; from here to what each would get, and its door.

A sheet over whichever mode it was opened in. Refuses to prepare and to send: the shipment's sheet
shows what would leave, and the application sends it in the background.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tidegate.errors import TidegateError, UsageError
from tidegate.tui.desks.partners import PartnerView
from tidegate.tui.gate import Gate
from tidegate.tui.partner_words import COLUMNS, SPARE, few_lines, lesson
from tidegate.tui.picking import Picking
from tidegate.tui.safe import Part, content, plain
from tidegate.tui.screens.base import Sheet, complain
from tidegate.tui.screens.shipment import ShipmentScreen
from tidegate.tui.widgets.grid import Grid
from tidegate.tui.widgets.line_list import LineList
from tidegate.tui.widgets.pane import Lines

if TYPE_CHECKING:  # the application opens this sheet, and does work in the background for it
    from tidegate.tui.app import TidegateApp

_LOOK_SECONDS = 0.5
"""Seconds between two looks at what runs in the background."""


class PartnersScreen(Sheet[None]):
    """One line a partner; a partner named from the start is opened at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,p", "open", "preview"),
        Binding("c", "check", "check"),
        Binding("ctrl+r", "reload", "read again", show=False),
        Binding("ctrl+x", "stop", "end what runs", show=False),
        Binding("q,P", "cancel", "leave"),
    ]

    class Checked(Message):
        """What a partner's door said."""

        def __init__(self, ident: str, said: str, fault: TidegateError | None = None) -> None:
            super().__init__()
            self.ident = ident
            self.said = said
            self.fault = fault

    def __init__(self, gate: Gate, ident: str = "") -> None:
        super().__init__(gate)
        self.picking: Picking[PartnerView] = Picking()
        self._ident = ident
        self._told_job = ""

    @property
    def desk(self) -> TidegateApp:
        """The application, which does work in the background."""
        return cast("TidegateApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay the list out, or the lesson."""
        with Vertical(classes="sheet tall"):
            yield Static(id="partners-title")
            yield Grid(self.picking, self.gate.now, COLUMNS, id="partners", spare=SPARE, look=_look)
            yield LineList(id="partners-lesson", wrap=True)
            yield Lines(id="partners-line")
            yield Static(id="partners-keys")

    def on_mount(self) -> None:
        """Read, and look at what runs."""
        self.action_reload()
        self.set_interval(_LOOK_SECONDS, self._look)
        if self._ident:
            self._open(self._ident)

    def on_screen_suspend(self) -> None:
        """A delivery is shown: old toasts would lie over it."""
        self.app.clear_notifications()

    def on_screen_resume(self) -> None:
        """Somebody came back from a delivery."""
        if self.is_mounted:
            self._look()

    def on_resize(self) -> None:
        """Cut anew."""
        self.call_after_refresh(self._show)

    def action_reload(self) -> None:
        """Read the partners' files, and what each was given."""
        try:
            self.picking.hold((view.id, view) for view in self.gate.desks.partners.overview())
        except TidegateError as error:
            complain(self.app, error)
        self._show()

    def _show(self) -> None:
        table, taught = self.query_one("#partners", Grid), self.query_one(LineList)
        bare = not self.picking.ids
        table.display, taught.display = not bare, bare
        if bare:
            desk = self.gate.desks.partners
            taught.show(lesson(desk.template(), desk.folder()))
            taught.focus()
        else:
            table.reshape()
            table.focus()
        self.on_grid_moved()
        self._keys()

    def _keys(self) -> None:
        running = self._told_job = self.desk.job_words
        about: Part = (running, "bold") if running else "what each may have, what they were given"
        self.query_one("#partners-title", Static).update(content(("Partners", "bold"), "  ", about))
        verbs: list[Part] = [("^X", "bold"), " cancel   "] if running else []
        if self.picking.ids:
            verbs += [
                ("Enter", "bold"),
                " what they would get   ",
                ("c", "bold"),
                " ask its door   ",
            ]
        else:
            verbs += [("^R", "bold"), " read again   "]
        self.query_one("#partners-keys", Static).update(content(*verbs, ("Esc", "bold"), " leave"))

    def _look(self) -> None:
        """Follow what runs; what a delivery changed is read when it ended."""
        words = self.desk.job_words
        if words != self._told_job:
            ended = not words
            self._keys()
            if ended:
                self.action_reload()

    def on_grid_moved(self) -> None:
        """The cursor is on another partner."""
        view = self.picking.current
        self.query_one(Lines).show(content("") if view is None else few_lines(view))

    def on_grid_opened(self) -> None:
        """A click on the cursor's partner opens it."""
        self.action_open()

    def action_open(self) -> None:
        """Show what the partner would get."""
        view = self.picking.current
        if view is not None:
            self._open(view.id)

    def _open(self, ident: str) -> None:
        view = self.picking.rows.get(ident)
        if view is None:
            known = ", ".join(self.picking.rows) or "there is none yet"
            complain(self.app, UsageError(f"no partner is called {ident!r}", f"known: {known}"))
        elif view.error:
            complain(self.app, UsageError(f"partner {view.id}: {view.error}"))
        else:
            self.app.push_screen(ShipmentScreen(self.gate, view))

    def action_check(self) -> None:
        """Ask the partner's door whether it would take a delivery; leaving does not wait."""
        view = self.picking.current
        if view is None:
            return
        desk, ident = self.gate.desks.partners, view.id
        self.app.notify(plain(f"{ident}: asking its door …"), markup=False)

        def work() -> None:
            try:
                self.post_message(self.Checked(ident, desk.check(ident)))
            except TidegateError as error:
                self.post_message(self.Checked(ident, "", error))

        self.run_worker(work, thread=True, exit_on_error=False, group="check")

    def on_partners_screen_checked(self, event: Checked) -> None:
        """Say what the door said."""
        if event.fault is not None:
            complain(self.app, event.fault)
        else:
            self.app.notify(plain(f"{event.ident}: {event.said}"), markup=False)

    def action_stop(self) -> None:
        """End what runs in the background."""
        self.desk.cancel_job()


def _look(key: str, view: PartnerView) -> str:
    if view.error and key in ("id", "about"):
        return "table--block"
    return "table--quiet" if not view.bundles and key == "last" else ""
