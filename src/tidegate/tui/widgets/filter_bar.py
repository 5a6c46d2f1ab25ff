"""The filter bar: always on screen, with its count; underneath what is wrong, or what may come.

What cannot be read is underlined where it stands. Tab completes the word at the cursor, and again
takes the next candidate. Refuses to filter: it says what was typed, the screen answers with a
count or an error.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from tidegate.indicators.filter import FilterError
from tidegate.tui.completing import STATIC, Completion, Words, completed, unfinished
from tidegate.tui.preview import counted
from tidegate.tui.safe import Part, content, plain
from tidegate.tui.widgets.editors import SafeInput

PLACEHOLDER = "filter, e.g. type:ip,domain action:block expires<7d -has:note"

WAY_OUT = "mend it, or Esc clears it"
"""What a person can do about a filter that cannot be read."""

HALF_TYPED = "the filter is half typed: Enter in it looks for it as it is, Esc clears it"
"""Why nothing is done to the rows that a half-typed filter has left standing."""

_KEPT = " … half typed: Enter looks for it as it is "

_LEAST = 8
"""Cells that a candidate must have to be worth beginning."""


class FilterInput(SafeInput):
    """The bar's input; Down and Enter go to the list, Esc clears one layer, Tab completes."""

    class Left(Message):
        """The person is done typing."""

    class Escaped(Message):
        """Esc in the bar."""

    class Completing(Message):
        """Tab, or Shift+Tab for the candidate before."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    wrong: tuple[int, int] | None = None
    """Where the text cannot be read, from and to."""

    @property
    def _value(self) -> Text:
        text = super()._value
        if self.wrong is not None:
            text.stylize("underline bold", *self.wrong)
        return text

    def underline(self, wrong: tuple[int, int] | None) -> None:
        """Underline what cannot be read, or nothing."""
        if wrong != self.wrong:
            self.wrong = wrong
            self.refresh()

    async def _on_key(self, event: events.Key) -> None:
        messages: dict[str, Callable[[], Message]] = {
            "down": self.Left,
            "enter": self.Left,
            "escape": self.Escaped,
            "tab": lambda: self.Completing(1),
            "shift+tab": lambda: self.Completing(-1),
        }
        if event.key in messages:
            event.stop()
            event.prevent_default()
            self.post_message(messages[event.key]())
        else:
            await super()._on_key(event)


class FilterBar(Vertical):
    """Input, count, and the line for errors and candidates."""

    class Typed(Message):
        """The filter text changed. `unfinished`: somebody types, and may mean more by the end."""

        def __init__(self, text: str, *, unfinished: bool) -> None:
            super().__init__()
            self.text = text
            self.unfinished = unfinished

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - Textual's own name
        placeholder: str = PLACEHOLDER,
        word: str = "row",
        known: Callable[[], Words] = lambda: STATIC,
    ) -> None:
        super().__init__(id=id)
        self._placeholder = placeholder
        self._word = word
        self._known = known
        self._error: FilterError | None = None
        self._way_out = False
        self._kept = False
        self._found = Completion(0, 0)
        self._turn: tuple[str, int, int] | None = None

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
        line = self.input
        if event.value != line.value:
            return  # keys that came in one go: only what they come to was meant
        self._look_up()
        half = line.has_focus and unfinished(line.value, line.cursor_position, self._known())
        self.post_message(self.Typed(event.value, unfinished=half))

    def on_descendant_focus(self) -> None:
        """Offer what may be typed."""
        self._look_up()
        self._show_line()

    def on_descendant_blur(self) -> None:
        """Leave the line to errors."""
        self._show_line()

    def half_typed(self, event: Typed) -> bool:
        """Whether somebody is still at it; a message may come after they left."""
        return event.unfinished and self.input.has_focus

    def show_count(self, shown: int, total: int) -> None:
        """Say how many of the rows match."""
        text = f"{shown:,} of {total:,}" if shown != total else counted(total, self._word)
        self.query_one("#filter-count", Static).update(content(text), layout=False)

    def show_error(
        self, error: FilterError | None, *, way_out: bool = False, kept: bool = False
    ) -> None:
        """Underline an error and say it under the bar, the way out first if asked; or nothing.

        `kept` says that the rows are those of the text before, this one being half typed.
        """
        self._error, self._way_out, self._kept = error, way_out, kept
        place = None if error is None else (error.position, error.position + error.length)
        self.input.underline(place)
        self._show_line()

    # Candidates

    def on_filter_input_completing(self, event: FilterInput.Completing) -> None:
        """Write the next candidate into the text; another key begins anew."""
        event.stop()
        if not self._found.options:
            return
        line = self.input
        text, choice, cursor = self._turn or (line.value, -1 if event.step > 0 else 0, 0)
        if self._turn is not None and (line.cursor_position != cursor):
            text, choice = line.value, -1
        choice = (choice + event.step) % len(self._found.options)
        after, place = self._found.applied(text, choice)
        self._turn = (text, choice, place)
        line.value = after
        line.cursor_position = place

    def _look_up(self) -> None:
        """Find candidates for what is typed; while Tab walks through some, they stay."""
        line = self.input
        if self._turn is not None:
            text, choice, _ = self._turn
            if self._found.applied(text, choice)[0] == line.value:
                return
        self._turn = None
        self._found = completed(line.value, line.cursor_position, self._known())

    def _show_line(self) -> None:
        """Draw the line under the bar: what is wrong first, then what Tab would write."""
        line, error, typing = self.query_one("#filter-error", Static), self._error, False
        typing = self.input.has_focus
        shown = error is not None or typing
        if line.display != shown:
            line.display = shown
        if not shown:
            return
        line.set_class(error is not None, "wrong")
        parts: list[Part] = []
        if error is not None:
            token = self.input.value[error.position : error.position + error.length]
            hint = f" · {error.hint}" if error.hint else ""
            lead = f"{WAY_OUT} · " if self._way_out else ""
            parts = [(" ✗ ", "bold"), (token, "bold reverse"), f"  {lead}{error.message}{hint}"]
        elif self._kept and typing:
            parts = [_KEPT]
        if typing:
            parts += self._offers(self.app.size.width - content(*parts).cell_length)
        line.update(content(*parts), layout=False)

    def _offers(self, room: int) -> list[Part]:
        """The candidates that fit, the one that Tab took in bold."""
        if not self._found.options:
            return []
        head = " Tab "
        parts: list[Part] = [(head, "bold")]
        room -= len(head) + 2
        now = -1 if self._turn is None else self._turn[1]
        first = max(now, 0)
        for place, option in enumerate(self._found.options[first:], first):
            shown = plain(option)
            if len(shown) + 2 > room or room < _LEAST:
                parts.append("…")
                break
            parts += [(shown, "bold reverse" if place == now else ""), "  "]
            room -= len(shown) + 2
        return parts if len(parts) > 2 else []  # noqa: PLR2004 - the head, and a candidate with its gap
