"""Help: every action, found by typing a word or a key; Enter runs the one that is chosen.

Reads the action registry and the filter's own examples. Refuses a second list of keys.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tidegate.tui.actions import Act, search
from tidegate.tui.columns import FLAGS
from tidegate.tui.safe import content
from tidegate.tui.widgets.editors import SafeInput

_EXAMPLES = (
    ("type:ip,domain action:block", "one of these types, and this action"),
    ("-feed:acme expires<7d", "not of this feed, expiring within a week"),
    ("ip:198.51.100.0/24 conf>=60", "inside a network, confidence 60 or more"),
    ("has:note is:pinned scope:none", "with a note, pinned, for all devices"),
)


def _entry(act: Act) -> Option:
    return Option(content((f"{act.shown:<8} ", "bold"), act.text, (f"  {act.where}", "dim")))


def legend(words: str) -> list[Option]:
    """Filter examples and the letters of the flag column, as far as they hold every word."""
    entries = [(f"/ {example:<30}", meaning) for example, meaning in _EXAMPLES]
    entries += [(f"flag {letter:<3}", meaning) for letter, meaning in FLAGS.items()]
    return [
        Option(content((f"{head} ", "bold"), text), disabled=True)
        for head, text in entries
        if all(word in f"{head} {text}".casefold() for word in words.casefold().split())
    ]


class HelpScreen(ModalScreen[str | None]):
    """The list; its result is the id of the action to run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "leave"),
        Binding("down", "walk(1)", "next", show=False, priority=True),
        Binding("up", "walk(-1)", "before", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._acts = search("")

    def compose(self) -> ComposeResult:
        """Lay the list out."""
        with Vertical(classes="sheet"):
            yield SafeInput(placeholder="type a word or a key", compact=True, id="help-search")
            yield OptionList(*self._options(""), id="help-list", compact=True)
            yield Static(content(("Enter", "bold"), " runs it   ", ("Esc", "bold"), " leave"))

    def _options(self, words: str) -> list[Option]:
        return [*(_entry(act) for act in self._acts), *legend(words)]

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#help-search").focus()
        self.query_one(OptionList).highlighted = 0

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._acts = search(event.value)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self._options(event.value))
        options.highlighted = 0 if self._acts else None

    def action_walk(self, step: int) -> None:
        """Move through the list while typing."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            options.highlighted = max(0, min(options.highlighted + step, len(self._acts) - 1))

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Run what is highlighted."""
        index = self.query_one(OptionList).highlighted
        self.dismiss(self._acts[index].id if index is not None and self._acts else None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Run what was clicked."""
        self.dismiss(self._acts[event.option_index].id)
