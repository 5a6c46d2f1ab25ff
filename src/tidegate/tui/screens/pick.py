"""Pick the side of a dispute that is to decide, by its number or its line."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tidegate.service.disputes import Dispute
from tidegate.tui.disputing import side_line
from tidegate.tui.safe import content, stacked


class PickScreen(ModalScreen[int | None]):
    """The menu; its result is the number of a side, from 1."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,p,q", "dismiss", "leave")]

    def __init__(self, dispute: Dispute, now: datetime) -> None:
        super().__init__()
        self._dispute = dispute
        self._now = now

    def compose(self) -> ComposeResult:
        """Lay the menu out."""
        it = self._dispute
        with Vertical(classes="sheet"):
            yield Static(
                content((f"What decides {it.about.value}?", "bold")), classes="sheet-title"
            )
            yield Static(content(("now 1: ", "dim"), it.rule))
            yield OptionList(*(self._entry(at) for at in range(1, len(it.sides) + 1)), compact=True)

    def _entry(self, number: int) -> Option:
        side = self._dispute.sides[number - 1]
        lines = [side_line(number, side, self._now)]
        if side.row.value != self._dispute.about.value:
            lines.append(content(f"    {side.row.value}"))
        return Option(stacked(lines), id=str(number))

    def on_key(self, event: events.Key) -> None:
        """Choose by number."""
        typed = event.character or ""
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(self._dispute.sides):
            event.stop()
            self.dismiss(int(typed))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose by line."""
        self.dismiss(int(event.option_id or 1))
