"""Choose the order of the list by letter or menu line; the same again turns it round."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tidegate.indicators.sorting import SORTS, Order
from tidegate.tui.safe import content

LETTERS = {
    "r": "rank",
    "v": "value",
    "t": "type",
    "a": "action",
    "s": "severity",
    "e": "expires",
    "f": "feed",
    "n": "title",
    "c": "confidence",
    "u": "updated",
    "g": "scope",
    "d": "created",
    "l": "tlp",
    "y": "category",
    "w": "origin",
    "b": "flags",
    "m": "note",
    "i": "id",
}


class SortScreen(ModalScreen[str | None]):
    """The menu; its result is a key of SORTS."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,o,q", "dismiss", "leave")]

    def __init__(self, order: Order) -> None:
        super().__init__()
        self._order = order

    def compose(self) -> ComposeResult:
        """Lay the menu out."""
        with Vertical(classes="sheet menu"):
            yield Static(content(("Order by", "bold")), classes="sheet-title")
            yield OptionList(*(self._entry(*pair) for pair in LETTERS.items()), compact=True)

    def _entry(self, letter: str, key: str) -> Option:
        now = ""
        if key == self._order.key:
            now = "  ↓ now" if self._order.down else "  ↑ now"
        return Option(content((f"{letter}  ", "bold"), SORTS[key][0], now), id=key)

    def on_key(self, event: events.Key) -> None:
        """Choose by letter."""
        if event.character in LETTERS:
            event.stop()
            self.dismiss(LETTERS[event.character])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose by line."""
        self.dismiss(event.option_id)
