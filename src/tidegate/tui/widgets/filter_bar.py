"""The filter bar: always on screen, with its count, and its error underneath.

Refuses to filter: it says what was typed, the screen answers with a count or an error.
"""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from tidegate.indicators.filter import FilterError
from tidegate.tui.preview import counted
from tidegate.tui.safe import content
from tidegate.tui.widgets.editors import SafeInput

PLACEHOLDER = "filter, e.g. type:ip,domain action:block expires<7d -has:note"

WAY_OUT = "mend it, or Esc clears it"
"""What a person can do about a filter that cannot be read."""


class FilterInput(SafeInput):
    """The bar's input; Down and Enter go to the list, Esc clears one layer."""

    class Left(Message):
        """The person is done typing."""

    class Escaped(Message):
        """Esc in the bar."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("down", "enter"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())
        elif event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Escaped())
        else:
            await super()._on_key(event)


class FilterBar(Vertical):
    """Input, count and error line."""

    class Typed(Message):
        """The filter text changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str, placeholder: str = PLACEHOLDER, word: str = "row") -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._placeholder = placeholder
        self._word = word

    def compose(self) -> ComposeResult:
        """Lay the bar out."""
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-sign")
            yield FilterInput(
                placeholder=self._placeholder, compact=True, select_on_focus=False, id="filter"
            )
            yield Static(id="filter-count")
        yield Static(id="filter-error")

    @property
    def input(self) -> FilterInput:
        """The input itself."""
        return self.query_one(FilterInput)

    def on_input_changed(self, event: SafeInput.Changed) -> None:
        """Pass the text on, at every keystroke."""
        event.stop()
        self.post_message(self.Typed(event.value))

    def show_count(self, shown: int, total: int) -> None:
        """Say how many of the rows match."""
        text = f"{shown:,} of {total:,}" if shown != total else counted(total, self._word)
        self.query_one("#filter-count", Static).update(content(text), layout=False)

    def show_error(self, error: FilterError | None, *, way_out: bool = False) -> None:
        """Show an error with its token under the bar, the way out first if asked; or hide it."""
        line = self.query_one("#filter-error", Static)
        line.display = error is not None
        if error is not None:
            token = self.input.value[error.position : error.position + error.length]
            hint = f" · {error.hint}" if error.hint else ""
            lead = f"{WAY_OUT} · " if way_out else ""
            line.update(
                content((" ✗ ", "bold"), (token, "bold reverse"), "  ", lead, error.message, hint)
            )
