"""Choose the columns: which, in what order, how wide. Its result is the choice as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tidegate.tui.column_choice import STEP, ColumnChoice, Entry
from tidegate.tui.columns import COLUMNS
from tidegate.tui.safe import content, fit

_NAME = 12


class ColumnsScreen(ModalScreen[tuple[str, ...] | None]):
    """The menu; `usual` is what stands there when nobody chose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,C,q", "dismiss", "leave"),
        Binding("space", "switch", "show"),
        Binding("J,right_square_bracket,shift+down", "move(1)", "down"),
        Binding("K,left_square_bracket,shift+up", "move(-1)", "up"),
        Binding("plus,equals_sign,right", f"widen({STEP})", "wider"),
        Binding("minus,left", f"widen({-STEP})", "narrower"),
        Binding("0", "unsize", "usual width"),
        Binding("r", "reset", "usual columns"),
        Binding("j", "walk(1)", "next"),
        Binding("k", "walk(-1)", "before"),
    ]

    def __init__(self, texts: Sequence[str], usual: Sequence[str]) -> None:
        super().__init__()
        self._choice = ColumnChoice(texts, usual)

    def compose(self) -> ComposeResult:
        """Lay the menu out."""
        with Vertical(classes="sheet menu columns"):
            yield Static(content(("Columns", "bold")), classes="sheet-title")
            yield OptionList(*self._options(), compact=True, id="column-list")
            for keys, does in (
                (("space", "J K"), ("show", "move")),
                (("+ -", "0"), ("width", "usual width")),
                (("Enter", "r", "Esc"), ("keep", "usual", "leave")),
            ):
                parts = [
                    part
                    for key, word in zip(keys, does, strict=True)
                    for part in ((key, "bold"), f" {word}  ")
                ]
                yield Static(content(*parts))

    def on_mount(self) -> None:
        """Begin at the top."""
        self.query_one(OptionList).highlighted = 0

    def _options(self) -> list[Option]:
        return [Option(content(*_line(entry))) for entry in self._choice.entries]

    @property
    def _place(self) -> int:
        return self.query_one(OptionList).highlighted or 0

    def _show(self, place: int) -> None:
        menu = self.query_one(OptionList)
        for index, entry in enumerate(self._choice.entries):
            menu.replace_option_prompt_at_index(index, content(*_line(entry)))
        menu.highlighted = place

    def action_walk(self, step: int) -> None:
        """Go to another line."""
        self.query_one(OptionList).highlighted = max(
            0, min(self._place + step, len(self._choice.entries) - 1)
        )

    def action_switch(self) -> None:
        """Show or hide."""
        self._choice.toggle(self._place)
        self._show(self._place)

    def action_move(self, step: int) -> None:
        """Move among the columns."""
        self._show(self._choice.move(self._place, step))

    def action_widen(self, cells: int) -> None:
        """Wider or narrower."""
        self._choice.widen(self._place, cells)
        self._show(self._place)

    def action_unsize(self) -> None:
        """Back to the usual width."""
        self._choice.unsize(self._place)
        self._show(self._place)

    def action_reset(self) -> None:
        """Back to the usual columns."""
        self._choice.reset()
        self._show(0)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Keep what is chosen."""
        event.stop()
        self.dismiss(self._choice.texts())


def _line(entry: Entry) -> list[str | tuple[str, str]]:
    column = COLUMNS[entry.key]
    width = str(entry.width) if entry.width else "auto" if not column.width else str(column.width)
    return [("[x] " if entry.on else "[ ] ", "bold"), fit(entry.key, _NAME), f"{width:>5}"]
