"""The Quota mode: who holds the slots, where the list ends, what comes next, and what if.

Everything is read in a thread; what is shown stays until that is done. Refuses to change anything.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tidegate.errors import TidegateError
from tidegate.tui.actions import bindings
from tidegate.tui.desks.quota import Account
from tidegate.tui.gate import Gate
from tidegate.tui.modes import Mode
from tidegate.tui.picking import Picking
from tidegate.tui.quota_words import (
    COLUMNS,
    SPARE,
    Holder,
    few_lines,
    forecast,
    holders,
    one_line,
    slots,
    whole,
)
from tidegate.tui.safe import content
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.current import Current
from tidegate.tui.screens.what_if import WhatIfScreen
from tidegate.tui.widgets.grid import Grid

_AROUND = 11
"""Lines that are neither slots nor holders nor the plot: header, heads, rule and dates, at most
three of details, status and footer, and one that stays empty."""


class QuotaScreen(Current):
    """The bar, its holders, and the days ahead."""

    MODE = Mode.QUOTA
    BINDINGS = bindings(MODE)

    class Read(Message):
        """The account was read, for the question of this number."""

        def __init__(self, asked: int, found: Account | TidegateError) -> None:
            super().__init__()
            self.asked = asked
            self.found = found

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.picking: Picking[Holder] = Picking()
        self._account: Account | None = None
        self._asked = 0
        self._reading = False
        self._seen: object = None

    def compose(self) -> ComposeResult:
        """Lay the mode out."""
        yield from self.framed(
            Static(id="slots"),
            table=Grid(self.picking, self.gate.now, COLUMNS, id="table", spare=SPARE, look=_look),
            below=Static(id="forecast"),
        )

    # Reading and showing

    def _mark(self) -> object:
        return self.gate.serial(), self.gate.desks.feeds.mark()

    def reload(self) -> None:
        """Have the account read."""
        self._seen = self._mark()
        self._asked += 1
        self._reading = True
        asked, desk = self._asked, self.gate.desks.quota

        def read() -> None:
            try:
                found = desk.account()
            except TidegateError as error:
                self.post_message(self.Read(asked, error))
            else:
                self.post_message(self.Read(asked, found))

        self.run_worker(read, thread=True, group="account")

    def on_quota_screen_read(self, event: Read) -> None:
        """Show what was read, unless it was asked for again since."""
        if event.asked != self._asked:
            return
        self._reading = False
        if isinstance(event.found, TidegateError):
            complain(self.app, event.found)
        else:
            self._account = event.found
            self.picking.hold((it.id, it) for it in holders(event.found))
        self.redraw()

    def moved_on(self) -> bool:
        """Whether the list changed, or what feeds said."""
        return self._mark() != self._seen

    def redraw(self) -> None:
        """Draw the bar, its holders, and the days ahead."""
        account, width = self._account, self.app.size.width
        told = self.query_one("#slots", Static)
        ahead = self.query_one("#forecast", Static)
        ahead.display = account is not None
        if account is None:
            told.update(content(" reading the slots …" if self._reading else ""))
        else:
            above = slots(account, width)
            told.update(Content.assemble(above))
            room = self.query_one("#list").size.width - 2
            # Counted, not measured: what has just been drawn has no place yet.
            left = self.app.size.height - len(above.plain.splitlines()) - len(self.picking.ids)
            ahead.update(Content.assemble(forecast(account, self.gate.now(), room, left - _AROUND)))
        self.query_one(Grid).reshape()
        self.show_status()
        self.on_grid_moved()

    def show_status(self) -> None:
        """Say what is under way, or what is missing."""
        text = ""
        if self._reading:
            text = " reading …"
        elif self._account is not None and not self._account.cards:
            text = " no feed is on: 6 shows them, e there switches one on"
        self.query_one("#status", Static).update(content(text), layout=False)
        self.show_footer()

    def one_line(self, it: Holder) -> Content:
        """Tell of a holder in one line."""
        return one_line(it, self.gate.now())

    def few_lines(self, it: Holder) -> Content:
        """Tell of it in three lines."""
        return few_lines(it, self.gate.now())

    def whole(self, it: Holder) -> Content:
        """The report card of the feed."""
        return whole(it, self.gate.now())

    # Actions

    def action_suppose(self) -> None:
        """Try another limit, reserve, floor or ceiling."""
        it, account = self.picking.current, self._account
        if it is None or account is None:
            self.warn("the slots are not read yet")
            return
        feed = it.card.id if it.card is not None else ""
        quota = account.quota
        self.app.push_screen(WhatIfScreen(self.gate, feed, quota.limit, quota.reserve))


def _look(_key: str, it: Holder) -> str:
    return "table--quiet" if not it.held else ""
