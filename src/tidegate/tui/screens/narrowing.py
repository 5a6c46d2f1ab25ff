"""The facets of the list: beside it where there is room, over it where there is not.

Mixed into the Indicators screen. What is chosen is written into the filter bar, where it can be
read, changed and learnt from. Refuses to count while nobody looks.
"""

from __future__ import annotations

from tidegate.indicators.facets import Facet, Tally, excluding, facets, narrowed, tally
from tidegate.tui.screens.arranging import Arranging
from tidegate.tui.screens.facets import FacetsScreen
from tidegate.tui.screens.mode import PANE_FROM
from tidegate.tui.widgets.facet_grid import FacetGrid
from tidegate.tui.widgets.filter_bar import FilterBar


class Narrowing(Arranging):
    """Facets."""

    _whole: tuple[object, Tally] | None = None

    @property
    def facets_open(self) -> bool:
        """Whether the facets stand beside the list now."""
        grid = self.query_one(FacetGrid)
        return grid.has_class("open") and self.app.size.width >= PANE_FROM

    def counted(self) -> list[Facet]:
        """The facets of what is shown; what the whole list has is counted once a state of it."""
        listing, now = self.listing, self.gate.now()
        if self._whole is None or self._whole[0] is not listing.rows:
            self._whole = (listing.rows, tally(tuple(listing.rows.values()), now))
        whole = self._whole[1]
        if len(listing.ids) == len(listing.rows):
            return facets(whole, whole)
        return facets(whole, tally([listing.rows[item] for item in listing.ids], now))

    def show_facets(self) -> None:
        """Count and draw them, where they are seen."""
        if self.facets_open:
            self.query_one(FacetGrid).show(self.counted(), self._bar.input.value)

    @property
    def _bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    def action_facets(self) -> None:
        """Open the facets and go there; close them from there."""
        grid = self.query_one(FacetGrid)
        if self.app.size.width < PANE_FROM:
            sheet = FacetsScreen(self.counted(), self._bar.input.value, self.gate.now)
            self.app.push_screen(sheet, self._narrowed)
            return
        if grid.has_focus:
            grid.remove_class("open")
            self.query_one("#table").focus()
        elif grid.has_class("open"):
            grid.focus()
            return
        else:
            grid.eager = True
            grid.add_class("open")
            self.show_facets()
        self.keep(facets=grid.has_class("open"))

    def _narrowed(self, chosen: tuple[str, bool] | None) -> None:
        if chosen is not None:
            term, out = chosen
            text = self._bar.input.value
            self._bar.input.value = excluding(text, term) if out else narrowed(text, term)

    def on_facet_grid_chosen(self, event: FacetGrid.Chosen) -> None:
        """Write the choice into the bar, which filters."""
        self._narrowed((event.term, event.out))

    def leave_layer(self) -> bool:
        """Leave the facets for the list."""
        if self.query_one(FacetGrid).has_focus:
            self.query_one("#table").focus()
            return True
        return super().leave_layer()
