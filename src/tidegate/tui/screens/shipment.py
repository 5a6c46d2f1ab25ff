"""One delivery before it leaves: all that goes, all that stays and why, and the word to send it.

It is made in a thread and shown whole; what is sent is what was shown, or nothing. Refuses to send
on one key, and in a read-only session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tidegate.errors import TidegateError
from tidegate.tui.desks.partners import PartnerView, Showing
from tidegate.tui.gate import Gate
from tidegate.tui.partner_words import question, showing_lines
from tidegate.tui.safe import content, plain
from tidegate.tui.screens.base import Sheet
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.widgets.line_list import LineList

if TYPE_CHECKING:  # the application does work in the background for it
    from tidegate.tui.app import TidegateApp


class ShipmentScreen(Sheet[None]):
    """What is due to one partner, or with `f` all that they may have."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "submit", "send"),
        Binding("f", "full", "all or what is new"),
        Binding("ctrl+r", "again", "make it again", show=False),
        Binding("q", "cancel", "leave"),
    ]

    class Made(Message):
        """A delivery was made, or could not be. `asked` tells it from later ones."""

        def __init__(self, asked: int, found: Showing | TidegateError) -> None:
            super().__init__()
            self.asked = asked
            self.found = found

    def __init__(self, gate: Gate, view: PartnerView) -> None:
        super().__init__(gate)
        self._view = view
        self._full = False
        self._asked = 0
        self._found: Showing | None = None

    def compose(self) -> ComposeResult:
        """Lay the delivery out."""
        with Vertical(classes="sheet tall"):
            title = "" if self._view.partner is None else self._view.partner.title
            yield Static(content(("What ", "bold"), (self._view.id, "bold"), " would get  ", title))
            yield LineList(id="shipment-lines", wrap=True)
            yield Static(id="shipment-keys")

    def on_mount(self) -> None:
        """Begin to make it."""
        self.query_one(LineList).focus()
        self.action_again()

    def on_screen_suspend(self) -> None:
        """A question is asked: old toasts would lie over its buttons."""
        self.app.clear_notifications()

    def action_again(self) -> None:
        """Make it anew."""
        self._asked += 1
        self._found = None
        self.query_one(LineList).show([("quiet", "working it out …")])
        self._keys()
        desk, ident, full, asked = self.gate.desks.partners, self._view.id, self._full, self._asked

        def work() -> None:
            found: Showing | TidegateError
            try:
                found = desk.show(ident, full=full)
            except TidegateError as error:
                found = error
            self.post_message(self.Made(asked, found))

        self.run_worker(work, thread=True, exit_on_error=False, group="shipment")

    def action_full(self) -> None:
        """Show all that they may have, or what is new to them."""
        self._full = not self._full
        self.action_again()

    def on_shipment_screen_made(self, event: Made) -> None:
        """Show it, unless another one was asked for meanwhile."""
        if event.asked != self._asked:
            return
        listed = self.query_one(LineList)
        if isinstance(event.found, TidegateError):
            listed.show([("bad", f"✗ {event.found}")])
        else:
            self._found = event.found
            listed.show(showing_lines(event.found, self._view))
        listed.scroll_home(animate=False)
        self._keys()

    def _keys(self) -> None:
        other = "what is new to them" if self._full else "all that they may have"
        send = (("s", "bold"), " send…   ") if self._sendable else ()
        self.query_one("#shipment-keys", Static).update(
            content(
                *send, ("f", "bold"), f" {other}   ", ("↑ ↓", "bold"), " scroll   ",
                ("Esc", "bold"), " leave",
            )
        )  # fmt: skip

    @property
    def _sendable(self) -> bool:
        found = self._found
        return found is not None and not found.prepared.empty and not self.gate.read_only

    def _warn(self, text: str) -> None:
        self.app.notify(plain(text), severity="warning", markup=False)

    def action_submit(self) -> None:
        """Ask, then send in the background."""
        found = self._found
        if self.gate.read_only:
            self._warn("read-only session: nothing can be sent")
        elif found is None:
            self._warn("there is nothing to send yet")
        elif found.prepared.empty:
            self._warn(f"there is nothing that {self._view.id} does not have")
        else:
            asked, lines, verb = question(found)

            def act(answer: bool | None) -> None:  # noqa: FBT001 - the question's result
                if answer:
                    cast("TidegateApp", self.app).send(found.prepared)
                    self.dismiss(None)

            self.app.push_screen(ConfirmScreen(asked, lines, verb), act)
