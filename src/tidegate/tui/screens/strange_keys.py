"""What a mode says of a key that does nothing in it: once, in the line of the status.

Refuses to bind keys; the registry of actions does.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.screen import Screen
from textual.widgets import Static

from tidegate.tui.actions import acts
from tidegate.tui.modes import Mode
from tidegate.tui.safe import content
from tidegate.tui.widgets.filter_bar import FilterInput
from tidegate.tui.widgets.footer import FILTERING, Typed


class StrangeKeys(Screen[None]):
    """A screen of a mode that answers every key."""

    MODE: ClassVar[Mode]

    def __init__(self) -> None:
        super().__init__()
        self._told_key = False
        self._bound = {key for act in acts(self.MODE) for key in act.keys.split(",")}

    def show_status(self) -> None:
        """Draw the line of the status anew."""
        raise NotImplementedError  # each mode's own; see ModeScreen

    def typed_keys(self) -> Typed:
        """The keys that work in the text that is being typed; none where none is."""
        return FILTERING if isinstance(self.focused, FilterInput) else ()

    def on_key(self, event: events.Key) -> None:
        """Say of a key that nobody takes that it does nothing here; the next one clears it."""
        strange = event.key not in self._bound and event.key not in self.active_bindings
        line = self.query_one("#status", Static)
        if strange:
            said = (" no such key here; ", ("?", "bold"), " shows the keys")
            line.update(content(*said), layout=False)
        elif self._told_key:
            line.update(content(""), layout=False)
            self.show_status()
        self._told_key = strange
