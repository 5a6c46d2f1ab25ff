"""The facets as a list of their own: a field, its words, how many rows; Enter narrows to one.

A mark `*` stands before words that the filter has already. Refuses to filter: it says what was
chosen. Keys that change rows or marks stop here, for the eye is not on the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tidegate.indicators.facets import Facet, holds
from tidegate.tui.actions import Where, acts
from tidegate.tui.grid_layout import Column
from tidegate.tui.modes import Mode
from tidegate.tui.picking import Picking
from tidegate.tui.widgets.grid import Grid

_OWN = frozenset({"enter", "space", "minus"})
_OTHERS = (
    frozenset(
        key
        for act in acts(Mode.INDICATORS)
        if act.where in (Where.CHANGE, Where.MARK, Where.LIST)
        for key in act.keys.split(",")
    )
    - _OWN
)


class FacetGrid(Grid[Facet]):
    """The facets of what is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *Grid.BINDINGS,
        Binding("enter,space", "narrow", "narrow"),
        Binding("minus", "exclude", "exclude"),
    ]

    class Chosen(Message):
        """Narrow to a facet, or leave its rows out."""

        def __init__(self, term: str, *, out: bool) -> None:
            super().__init__()
            self.term = term
            self.out = out

    class Turned(Message):
        """The facets got the focus, or lost it."""

    def __init__(self, now: Callable[[], datetime], *, id: str) -> None:  # noqa: A002 - Textual's own name
        columns = (
            Column[Facet]("field", "FACETS", 8, self._field),
            Column[Facet]("word", "", 0, lambda facet, _: facet.word),
            Column[Facet]("count", "ROWS", 6, lambda facet, _: f"{facet.count:,}", right=True),
        )
        super().__init__(Picking[Facet](), now, columns, id=id, look=self._quiet)
        self._firsts: frozenset[str] = frozenset()
        self.eager = False

    def show(self, found: Sequence[Facet], text: str) -> None:
        """Draw these facets beside this filter."""
        firsts: dict[str, str] = {}
        for facet in found:
            firsts.setdefault(facet.field, _key(facet))
        self._firsts = frozenset(firsts.values())
        self.picking.hold((_key(facet), facet) for facet in found)
        self.picking.marks = {_key(facet) for facet in found if holds(text, facet.term)}
        self.reshape()

    def _field(self, facet: Facet, _now: datetime) -> str:
        return facet.field if _key(facet) in self._firsts else ""

    @staticmethod
    def _quiet(_column: str, facet: Facet) -> str:
        return "" if facet.count else "table--quiet"

    def _choose(self, *, out: bool) -> None:
        facet = self.picking.current
        if facet is not None and facet.term:
            self.post_message(self.Chosen(facet.term, out=out))

    def action_narrow(self) -> None:
        """Narrow to the facet under the cursor, or take that back."""
        self._choose(out=False)

    def action_exclude(self) -> None:
        """Leave the facet's rows out, or take that back."""
        self._choose(out=True)

    def on_grid_moved(self, event: Grid.Moved) -> None:
        """Nobody else's business."""
        event.stop()

    def on_grid_opened(self, event: Grid.Opened) -> None:
        """A click on the cursor narrows."""
        event.stop()
        self.action_narrow()

    def on_show(self) -> None:
        """Take the focus once there is something to see, if that is why it was opened."""
        if self.eager:
            self.eager = False
            self.focus()

    def on_focus(self) -> None:
        """Say so, for other keys matter now."""
        self.post_message(self.Turned())

    def on_blur(self) -> None:
        """Say so."""
        self.post_message(self.Turned())

    def on_key(self, event: events.Key) -> None:
        """Keep what would change rows from reaching them."""
        if event.key in _OTHERS:
            event.stop()
            event.prevent_default()


def _key(facet: Facet) -> str:
    return f"{facet.field}:{facet.word}"
