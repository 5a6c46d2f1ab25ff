"""The last line: the keys that matter now, from the one action registry.

Refuses to list everything; `?` does. What does not fit is left out, help never.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tidegate.tui.actions import Act, find
from tidegate.tui.modes import Mode
from tidegate.tui.safe import content

_PLAIN = {
    Mode.INDICATORS: (
        *("filter", "mark", "edit", "why", "add", "paste", "remove", "undo", "sort", "facets"),
        *("copy", "test", "views", "columns", "export", "quit"),
    ),
    Mode.REVIEW: (
        *("accept", "decline", "apply", "reject", "held", "next", "open", "events", "mark", "undo"),
        *("why", "copy", "test", "plan", "quit"),
    ),
    Mode.QUOTA: ("open", "suppose", "undo", "log", "quit"),
    Mode.CONFLICTS: (
        *("pick", "mine", "theirs", "rule", "filter", "mark", "why", "open", "undo", "settled"),
        "copy",
    ),
    Mode.BENCH: ("ask", "events", "open", "save", "cases", "against", "copy", "log"),
    Mode.FEEDS: (
        "open",
        "sync",
        "sync_all",
        "check",
        "partners",
        "enable",
        "disable",
        "policy",
        "log",
    ),
    Mode.HISTORY: ("filter", "mark_range", "open", "undo", "redo", "copy", "log", "quit"),
}
_MARKED = {
    Mode.INDICATORS: (
        *("edit", "remove", "mark", "mark_all", "mark_clear", "undo", "filter", "quit"),
        *("set_action", "set_severity", "set_expiry", "set_scope"),
    ),
    Mode.REVIEW: (
        *("accept", "decline", "undecide", "reject", "apply", "mark", "mark_all", "mark_clear"),
        "undo",
    ),
    Mode.CONFLICTS: ("mine", "theirs", "rule", "mark", "mark_all", "mark_clear", "undo"),
    Mode.FEEDS: ("sync", "mark", "mark_all", "mark_clear"),
    Mode.HISTORY: ("undo", "redo", "mark_range", "mark_clear", "open"),
}
_EMPTY = {
    Mode.INDICATORS: ("add", "paste", "import", "feeds", "undo", "quit"),
    Mode.REVIEW: ("plan", "feeds", "undo", "quit"),
    Mode.CONFLICTS: ("settled", "filter", "undo", "quit"),
    Mode.BENCH: ("ask", "events", "cases", "against", "quit"),
}


def chosen(mode: Mode, *, empty: bool, marked: bool, read_only: bool) -> tuple[str, ...]:
    """Pick the actions worth naming in this state."""
    names = _PLAIN[mode]
    if empty and mode in _EMPTY:
        names = _EMPTY[mode]
    elif marked and mode in _MARKED:
        names = _MARKED[mode]
    if not read_only:
        return names
    reading = tuple(name for name in _PLAIN[mode] if not find(mode, name).writes)
    return reading if "quit" in reading else (*reading, "quit")


def _entry(act: Act) -> Content:
    key = act.shown.split(" ")[0] or ":"
    return content((key, "bold"), " " + (act.footer or act.command))


def line(mode: Mode, names: Sequence[str], width: int) -> Content:
    """The line for these actions, at most `width` cells wide."""
    end = _entry(find(mode, "help"))
    found = content(" ")
    for name in names:
        entry = _entry(find(mode, name))
        if found.cell_length + entry.cell_length + 2 <= width - end.cell_length:
            found = Content.assemble(found, entry, "  ")
    return Content.assemble(found, end)


Typed = Sequence[tuple[str, str]]
"""Keys that work while text is typed, where letters are no verbs, each with its word."""

FILTERING: Typed = (
    ("Enter", "to the list"),
    ("Tab", "completes"),
    ("Esc", "clears, then leaves"),
    ("F1", "help"),
    ("F2…F8", "modes"),
)


class Footer(Static):
    """The last line."""

    def show_typing(self, keys: Typed) -> None:
        """Draw the line for text that is being typed."""
        parts = [
            content("  " if at else " ", (key, "bold"), f" {word}")
            for at, (key, word) in enumerate(keys)
        ]
        self.update(Content.assemble(*parts), layout=False)

    def show(
        self, mode: Mode, *, empty: bool, marked: bool, read_only: bool, first: Sequence[str] = ()
    ) -> None:
        """Draw the line for this state of the list, what is urgent first."""
        usual = chosen(mode, empty=empty, marked=marked, read_only=read_only)
        names = (*first, *(name for name in usual if name not in first))
        drawn = line(mode, names, self.app.size.width)
        self.update(Content.assemble(drawn), layout=False)
