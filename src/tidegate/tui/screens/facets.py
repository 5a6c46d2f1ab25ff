"""The facets over a terminal that is too narrow for them beside the list.

Its result is the facet's words and whether its rows are to be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tidegate.indicators.facets import Facet
from tidegate.tui.safe import content
from tidegate.tui.widgets.facet_grid import FacetGrid


class FacetsScreen(ModalScreen[tuple[str, bool] | None]):
    """The sheet."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f,q", "dismiss", "leave")]

    def __init__(self, found: Sequence[Facet], text: str, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._found = found
        self._text = text
        self._now = now

    def compose(self) -> ComposeResult:
        """Lay the sheet out."""
        with Vertical(classes="sheet facets"):
            yield FacetGrid(self._now, id="facet-list")
            keys = ("Enter", "bold"), " narrows  ", ("-", "bold"), " excludes  ", ("Esc", "bold")
            yield Static(content(*keys, " leaves"))

    def on_mount(self) -> None:
        """Draw the facets."""
        self.query_one(FacetGrid).show(self._found, self._text)

    def on_facet_grid_chosen(self, event: FacetGrid.Chosen) -> None:
        """Leave with the choice."""
        event.stop()
        self.dismiss((event.term, event.out))
