"""Help: every action, found by typing a word or a key; Enter runs the one that is chosen.

Under the actions stand the filter's fields and the flags, to be read. Takes the actions
from their registry. Refuses a second list of keys.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tidegate.tui.actions import Act, Where, acts, search
from tidegate.tui.asking import WORDS
from tidegate.tui.columns import FLAGS
from tidegate.tui.filter_help import EXAMPLES, FIELD_HELP
from tidegate.tui.modes import Mode
from tidegate.tui.safe import content, fit
from tidegate.tui.signs import SIGNS
from tidegate.tui.widgets.editors import SafeInput

_ORDER = (Where.MODE, Where.CHANGE, Where.LIST, Where.VIEW, Where.MARK, Where.OUT, Where.TABLE)
"""Where one can go and what one can do come first; how to move is guessed soonest."""

_FEW = 3
"""An action of so few modes is what somebody is in this one for."""


def placed(act: Act) -> tuple[bool, bool, int]:
    """What the list is ordered by: the modes, then what only this one can do, then the rest."""
    return act.where is not Where.MODE, len(act.modes) > _FEW, _ORDER.index(act.where)


KEY_WIDTH = 8
TEXT_WIDTH = 49
NAME_WIDTH = 16
EXAMPLE_WIDTH = 20
LONG_EXAMPLE = 33
"""Cells of the list's columns; together they fit the sheet of an 80-column terminal."""


def _entry(act: Act) -> Option:
    head = fit(act.shown or f":{act.command}", KEY_WIDTH)
    return Option(content((head, "bold"), fit(act.text, TEXT_WIDTH), (f" {act.where}", "dim")))


def _sections() -> list[tuple[str, list[tuple[str, str]]]]:
    """Titles with their lines, each as (bold head, text)."""
    fields = [
        (fit(" ".join(field.names), NAME_WIDTH), fit(field.example, EXAMPLE_WIDTH) + field.meaning)
        for field in FIELD_HELP
    ]
    return [
        (
            "Filters: a space or AND joins, a comma or OR gives a choice, - negates",
            [(fit(example, LONG_EXAMPLE), meaning) for example, meaning in EXAMPLES],
        ),
        ("Filter fields, each with an example", fields),
        ("Flags", [(fit(letter, KEY_WIDTH), meaning) for letter, meaning in FLAGS.items()]),
    ]


_FILTERED = (Mode.INDICATORS, Mode.CONFLICTS, Mode.HISTORY)


def legend(words: str, mode: Mode = Mode.INDICATORS) -> list[Option]:
    """What a mode has to be read, as far as it holds every word.

    Filters and their fields; the words that only the history knows; the letters of the flag column;
    the signs of the review.
    """
    wanted = words.casefold().split()
    options: list[Option] = []
    filters, fields, flags = _sections()
    sections = [filters, fields] if mode in _FILTERED else []
    if mode is Mode.INDICATORS:
        sections.append(flags)
    elif mode is Mode.REVIEW:
        signs = [(fit(sign, KEY_WIDTH), text) for sign, text in SIGNS.items()]
        sections.append(("Signs before a row", signs))
    elif mode is Mode.HISTORY:
        history = [(fit(head, KEY_WIDTH + NAME_WIDTH), text) for head, text in WORDS]
        sections.insert(0, ("Words of the history's filter", history))
    for title, entries in sections:
        found = [
            Option(content((head, "bold"), text), disabled=True)
            for head, text in entries
            if all(word in f"{title} {head} {text}".casefold() for word in wanted)
        ]
        if found:
            options += [Option(content((title, "bold underline")), disabled=True), *found]
    return options


class HelpScreen(ModalScreen[tuple[str, str] | None]):
    """The actions of a mode; its result is the id of the one to run, and nothing to go with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "leave"),
        Binding("down", "walk(1)", "next", show=False, priority=True),
        Binding("up", "walk(-1)", "before", show=False, priority=True),
        Binding("pagedown", "page(1)", "a page down", show=False, priority=True),
        Binding("pageup", "page(-1)", "a page up", show=False, priority=True),
    ]

    def __init__(self, mode: Mode) -> None:
        super().__init__()
        self._mode = mode
        self._known = tuple(sorted(acts(mode), key=placed))
        self._acts = self._known

    def compose(self) -> ComposeResult:
        """Lay the list out."""
        with Vertical(classes="sheet"):
            yield SafeInput(placeholder="type a word or a key", compact=True, id="help-search")
            yield OptionList(*self._options(""), id="help-list", compact=True)
            yield Static(
                content(
                    ("Enter", "bold"),
                    " runs it   ",
                    ("PgDn PgUp", "bold"),
                    " scroll   ",
                    ("Esc", "bold"),
                    " leave",
                )
            )

    def _options(self, words: str) -> list[Option]:
        found = [*(_entry(act) for act in self._acts), *legend(words, self._mode)]
        return found or [
            Option(content("nothing here goes by that: try another word"), disabled=True)
        ]

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#help-search").focus()
        self.query_one(OptionList).highlighted = 0

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._acts = search(event.value, self._known)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self._options(event.value))
        options.highlighted = 0 if self._acts else None

    def action_walk(self, step: int) -> None:
        """Move through the actions while typing; below them, scroll."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            options.highlighted = max(0, min(options.highlighted + step, len(self._acts) - 1))
        else:
            self._scroll(step)

    def action_page(self, step: int) -> None:
        """Scroll a page; what Enter runs is always an action that can be seen."""
        self._scroll(step * self.query_one(OptionList).size.height)

    def _scroll(self, lines: int) -> None:
        options = self.query_one(OptionList)
        top = max(0, min(options.scroll_offset.y + lines, options.max_scroll_y))
        options.highlighted = top if top < len(self._acts) else None
        options.scroll_to(y=top, animate=False, immediate=True)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Run what is highlighted."""
        index = self.query_one(OptionList).highlighted
        self.dismiss((self._acts[index].id, "") if index is not None and self._acts else None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Run what was clicked."""
        self.dismiss((self._acts[event.option_index].id, ""))
