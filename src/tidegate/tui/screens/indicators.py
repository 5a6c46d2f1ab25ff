"""The Indicators mode: header, filter bar, table, details, status and keys.

Joins the listing to its widgets and follows what other processes do to the list. Refuses to
decide anything about indicators; the verbs are in `verbs.py`, the plans in the service.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tidegate.errors import TidegateError
from tidegate.indicators.filter_words import MARKED
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.sorting import SORTS, Order
from tidegate.service.story import WhyTrace
from tidegate.tui.actions import bindings
from tidegate.tui.completing import STATIC, Words, words_of
from tidegate.tui.gate import Gate
from tidegate.tui.listing import Listing
from tidegate.tui.modes import Mode
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, plain, stacked
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.editing import Editing
from tidegate.tui.screens.exporting import Exporting
from tidegate.tui.screens.importing import Importing
from tidegate.tui.screens.mode import PANE_FROM
from tidegate.tui.screens.narrowing import Narrowing
from tidegate.tui.screens.seeking import Seeking
from tidegate.tui.screens.taking import Taking
from tidegate.tui.screens.verbs import Verbs
from tidegate.tui.screens.why import WhyScreen
from tidegate.tui.widgets.details import DetailsLine, DetailsPane
from tidegate.tui.widgets.facet_grid import FacetGrid
from tidegate.tui.widgets.filter_bar import FilterBar, FilterInput
from tidegate.tui.widgets.footer import Footer
from tidegate.tui.widgets.header import Header
from tidegate.tui.widgets.table import IndicatorTable

GLANCE = 0.08
"""Seconds the cursor stands still before the pane draws its row: a held key redraws no pane."""

REST = 0.25
"""Seconds more before the row is explained: walking through the list asks nothing."""

LOOKS = 120
"""Looks after which ages and expiries are drawn anew: a minute."""

_TEACH = (
    ("The list is empty.", ""),
    ("", ""),
    ("tidegate demo", "a loopback server with samples, in a throw-away home"),
    ("6", "feeds: e switches one on, s syncs it"),
    ("tidegate feeds add DIR", "subscribe to a feed of your own"),
    ("I", "take in a STIX file, or the portal's CSV"),
    ("a", "add one indicator by hand"),
    ("p", "paste a mail: its values are found and previewed"),
    ("P", "partners: what each would get, and sending it"),
    ("?", "all keys; : finds a command by its name"),
)


def order_text(order: Order) -> str:
    """Name an order: ` sorted by title ↑ `."""
    return f" sorted by {SORTS[order.key][0]} {order.arrow} "


def empty_text(filter_text: str) -> Content:
    """What stands in the table's place: a lesson, or the filter that matches nothing."""
    if filter_text:
        return stacked(
            (
                content("No indicator matches ", (filter_text, "bold")),
                content(("Esc", "bold"), " clears the filter"),
            )
        )
    return stacked(content((f"{head:<24}", "bold"), text) for head, text in _TEACH)


class IndicatorsScreen(Importing, Editing, Narrowing, Seeking, Exporting, Taking):
    """The list of one tenant."""

    MODE = Mode.INDICATORS
    BINDINGS = bindings(MODE)

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate)
        self.listing = self.picking = Listing()
        self._rest: Timer | None = None
        self._told: Indicator | None = None
        self._looks = 0
        self._known: tuple[object, Words] | None = None

    def compose(self) -> ComposeResult:
        """Lay the mode out."""
        yield Header(id="header")
        yield FilterBar(id="bar", known=self._words)
        with Horizontal(id="middle"):
            yield FacetGrid(self.gate.now, id="facets")
            with Vertical(id="list"):
                yield IndicatorTable(self.listing, self.gate.now, id="table")
                yield Static(id="empty")
            yield DetailsPane(id="pane")
        yield DetailsLine(id="line")
        yield Static(id="status")
        yield Footer(id="footer")

    # Reading

    def on_mount(self) -> None:
        """Take the order and columns of the last session before reading."""
        self.arrange_as_left()

    def reload(self) -> None:
        """Read the list again; cursor, marks, filter and order stay."""
        self.listing.load(self.gate.rows(), self.gate.now())

    def _words(self) -> Words:
        """What may be typed into the filter; the tenant's own names are looked up once a state."""
        rows = self.listing.rows
        if self._known is None or self._known[0] is not rows:
            here = {"is": (*STATIC["is"], MARKED)}
            self._known = (rows, {**STATIC, **here, **words_of(rows.values())})
        return self._known[1]

    def moved_on(self) -> bool:
        """Whether somebody changed the list, or a row's time is over."""
        return self.gate.changed() or self.listing.outlived(self.gate.now())

    def glance(self) -> None:
        """Once a minute, let ages and expiries move on."""
        self._looks = (self._looks + 1) % LOOKS
        if not self._looks:
            self.query_one(IndicatorTable).reshape()

    # Showing

    def redraw(self) -> None:
        """Draw the list and what stands around it."""
        self.show_list()

    def marked(self) -> None:
        """Show what became of the marks, and of a filter that asks for them."""
        if self.listing.by_marks:
            self.listing.use(self.listing.order, self.gate.now())
            self.show_list()
        super().marked()

    def show_status(self) -> None:
        """Say how many rows are marked, and which keys matter now."""
        order = self.listing.order
        text = "" if self.query_one(IndicatorTable).shows_order else order_text(order)
        if self.listing.off is not None:
            text += r" filter off: \ turns it on, n goes to its next hit"
        text += self.marks_text()
        if self.query_one(FacetGrid).has_focus:
            text += "  facets: Enter narrows, - excludes, Esc goes back, f closes"
        self.query_one("#status", Static).update(content(text), layout=False)
        self.show_footer()

    def show_list(self, *, way_out: bool = False) -> None:
        """Draw table or lesson, count, error with or without a way out, status and details."""
        listing = self.listing
        bar = self.query_one(FilterBar)
        bar.show_count(len(listing.ids), len(listing.rows))
        bar.show_error(listing.error, way_out=way_out, kept=listing.kept)
        table = self.query_one(IndicatorTable)
        shown = listing.filter.text if listing.rows else ""
        table.teach(self.query_one("#empty", Static), lambda: empty_text(shown))
        table.renew()
        self.show_facets()
        self.show_status()
        self._show_details()

    def _show_details(self) -> None:
        self.query_one(DetailsLine).show(self.listing.current, self.gate.now())
        if self.app.size.width >= PANE_FROM:
            self._show_pane()

    def _show_pane(self) -> None:
        """Show the row's fields when the cursor stops, its story, which takes a search, later."""
        row = self.listing.current
        if self._rest is not None:
            self._rest.stop()
        if row is not None and row is self._told:
            return
        self._told = None
        self._rest = self.set_timer(GLANCE, self._show_facts)

    def _show_facts(self) -> None:
        row = self.listing.current
        self.query_one(DetailsPane).show(row, self.gate.now(), None)
        if row is not None:
            self._rest = self.set_timer(REST, self._tell)

    def _tell(self) -> None:
        self._told = row = self.listing.current
        if row is not None:
            self.query_one(DetailsPane).show(row, self.gate.now(), self._trace(row))

    def _trace(self, row: Indicator) -> WhyTrace | None:
        try:
            return self.gate.explain(row.id)
        except TidegateError as error:
            complain(self.app, error)
            return None

    # Events

    def on_verbs_changed(self, event: Verbs.Changed) -> None:
        """A verb changed the list; the cursor goes to the first new row that the filter shows.

        Coming back from a sheet the list may have been read already.
        """
        if self.moved_on():
            self.read()
        if event.created:
            places = (at for at, item in enumerate(self.listing.ids) if item in event.created)
            first = next(places, None)
            if first is not None:
                self.query_one(IndicatorTable).move_to(first)

    def on_facet_grid_turned(self) -> None:
        """The facets got the focus or gave it back."""
        self.show_status()

    def on_grid_moved(self) -> None:
        """The cursor is on another row."""
        self._show_details()

    def on_grid_opened(self) -> None:
        """A click on the cursor's row opens its details."""
        self.action_why()

    def on_filter_bar_typed(self, event: FilterBar.Typed) -> None:
        """Filter at every keystroke."""
        half = self.query_one(FilterBar).half_typed(event)
        self.listing.set_filter(event.text, self.gate.now(), unfinished=half)
        self.show_list()

    def on_descendant_blur(self) -> None:
        """Who leaves the bar means what stands in it."""
        if self.listing.kept:
            self.listing.set_filter(self.query_one(FilterBar).input.value, self.gate.now())
            self.show_list()

    def on_filter_input_left(self) -> None:
        """Back to the list with the filter standing; a filter in error keeps the focus.

        The text is read here too: the message of its last keystroke may still be on its way.
        """
        self.listing.set_filter(self.query_one(FilterBar).input.value, self.gate.now())
        self.show_list(way_out=True)
        if self.listing.error is None:
            self.query_one(IndicatorTable).focus()

    def on_filter_input_escaped(self) -> None:
        """Clear the text; leave the bar when there is none."""
        bar = self.query_one(FilterBar)
        if bar.input.value:
            bar.input.value = ""
        else:
            self.query_one(IndicatorTable).focus()

    # Actions

    def action_why(self, text: str = "") -> None:
        """Show everything about the row, or about a value."""
        row = self.listing.current
        if text:
            super().action_why(text)
        elif row is not None:
            self.app.push_screen(WhyScreen(self.gate, row, self._trace(row)))

    def values(self) -> list[str]:
        """The values of the marked rows that are seen, or of the one under the cursor."""
        return [row.value for row in self.listing.targets()]

    def action_filter(self) -> None:
        """Type a filter; its text is still there."""
        self.set_focus(self.query_one(FilterInput))  # at once: the text may be on its way

    def action_reload(self) -> None:
        """Read the list again and say how long it is."""
        super().action_reload()
        if not self._complaint:
            self.app.notify(plain(counted(len(self.listing.rows), "row")), markup=False)

    def leave_layer(self) -> bool:
        """Leave the facets, or else clear the filter."""
        if super().leave_layer():
            return True
        bar = self.query_one(FilterBar)
        if not bar.input.value:
            return False
        bar.input.value = ""
        return True
