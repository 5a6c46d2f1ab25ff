"""Where the Bench is asked: an editor whose Enter asks, with the keys that work in it.

Refuses to read what is typed; the service does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tidegate.tui.modes import PLACES
from tidegate.tui.widgets.editors import SafeTextArea
from tidegate.tui.widgets.footer import Typed

TYPED: Typed = (
    ("Enter", "asks"),
    ("^J", "new line"),
    ("^U", "clears"),
    ("Esc", "to the answers"),
    ("F1", "help"),
    ("F2…F8", "modes"),
)
"""The keys that work in a question, where letters are its text."""


class Question(SafeTextArea):
    """Where values and events are typed and pasted; Enter asks, ^J makes a new line, ^U clears."""

    # Two of these keys would select text instead, and the footer says that all of them go there.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(place.twin, f"screen.go('{place.mode.value}')", place.title, show=False)
        for place in PLACES
    ]

    class Asked(Message):
        """Somebody wants an answer."""

    class Left(Message):
        """Somebody wants to go back to the answers."""

    async def _on_key(self, event: events.Key) -> None:
        asked: dict[str, Callable[[], Message]] = {"enter": self.Asked, "escape": self.Left}
        if event.key in asked:
            event.stop()
            event.prevent_default()
            self.post_message(asked[event.key]())
        elif event.key in {"ctrl+j", "ctrl+u"}:
            event.stop()
            event.prevent_default()
            if event.key == "ctrl+j":
                self.insert("\n")
            else:
                self.clear()
        else:
            await super()._on_key(event)
