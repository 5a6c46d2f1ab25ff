"""The saved views: apply one, save what is shown now, forget one.

Its result is what was chosen and for which view; the list does it. Refuses to read or write views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tidegate.service.views import ViewEntry
from tidegate.tui.safe import Part, content, fit

_NAME = 20
_ORDER = 12


class ViewsScreen(ModalScreen[tuple[str, str] | None]):
    """The menu; its result is `apply`, `save` or `delete` and a name, empty to be asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,S,q", "dismiss", "leave"),
        Binding("s", "save", "save"),
        Binding("d,delete", "delete", "delete"),
        Binding("j", "walk(1)", "next"),
        Binding("k", "walk(-1)", "before"),
    ]

    def __init__(self, entries: Sequence[ViewEntry], now: str) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self._now = now

    def compose(self) -> ComposeResult:
        """Lay the menu out."""
        with Vertical(classes="sheet"):
            yield Static(content(("Saved views", "bold")), classes="sheet-title")
            if self._entries:
                yield OptionList(
                    *(Option(content(*self._line(entry))) for entry in self._entries),
                    compact=True,
                    id="view-list",
                )
            else:
                yield Static(content("none yet: a view is a filter, an order and columns"))
            keys: list[Part] = [("s", "bold"), " saves what is shown now   "]
            if self._entries:
                keys = [("Enter", "bold"), " applies   ", *keys, ("d", "bold"), " deletes   "]
            yield Static(content(*keys, ("Esc", "bold"), " leaves"), id="view-keys")

    def _line(self, entry: ViewEntry) -> list[Part]:
        sign = ">" if entry.name == self._now else " "
        if entry.view is None:
            return [sign, (fit(entry.name, _NAME), "bold"), "✗ ", str(entry.error)]
        order = f"{entry.view.order.key} {entry.view.order.arrow}"
        return [sign, (fit(entry.name, _NAME), "bold"), fit(order, _ORDER), entry.view.filter]

    def on_mount(self) -> None:
        """Begin at the first."""
        for menu in self.query(OptionList):
            menu.highlighted = 0
            menu.focus()

    @property
    def _chosen(self) -> ViewEntry | None:
        menus = list(self.query(OptionList))
        place = menus[0].highlighted if menus else None
        return None if place is None else self._entries[place]

    def action_walk(self, step: int) -> None:
        """Go to another line."""
        for menu in self.query(OptionList):
            place = (menu.highlighted or 0) + step
            menu.highlighted = max(0, min(place, len(self._entries) - 1))

    def action_save(self) -> None:
        """Save what is shown now."""
        self.dismiss(("save", ""))

    def action_delete(self) -> None:
        """Forget the view under the cursor."""
        if self._chosen is not None:
            self.dismiss(("delete", self._chosen.name))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Apply the view."""
        event.stop()
        self.dismiss(("apply", self._entries[event.option_index].name))
