"""The last line: the keys that matter now, from the one action registry.

Refuses to list everything; `?` does. What does not fit is left out from the right, help never.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tidegate.tui.actions import BY_ID, Act
from tidegate.tui.safe import content

_PLAIN = ("filter", "mark", "edit", "why", "add", "paste", "remove", "undo", "sort", "quit")
_MARKED = ("edit", "remove", "mark", "mark_all", "mark_clear", "undo", "filter", "quit")
_EMPTY = ("add", "paste", "undo", "quit")
_READ_ONLY = ("filter", "mark", "why", "sort", "quit")


def chosen(*, empty: bool, marked: bool, read_only: bool) -> tuple[str, ...]:
    """Pick the actions worth naming in this state."""
    if read_only:
        return _READ_ONLY
    if empty:
        return _EMPTY
    return _MARKED if marked else _PLAIN


def _entry(act: Act) -> Content:
    return content((act.shown.split(" ")[0], "bold"), " " + act.footer)


class Footer(Static):
    """The last line."""

    def show(self, *, empty: bool, marked: bool, read_only: bool) -> None:
        """Draw the line for this state of the list."""
        end = _entry(BY_ID["help"])
        room = self.app.size.width - end.cell_length
        line = content(" ")
        for item in chosen(empty=empty, marked=marked, read_only=read_only):
            entry = _entry(BY_ID[item])
            if line.cell_length + entry.cell_length + 2 > room:
                break
            line = Content.assemble(line, entry, "  ")
        self.update(Content.assemble(line, end), layout=False)
