"""Every key of the Indicators mode, once: bindings, footer and help all read this table.

Refuses a second place for keys; `tests/tui/test_actions.py` proves that each entry has its method
and that no key is bound twice, which Textual itself would accept in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding, BindingType


class Where(StrEnum):
    """Which part of the screen answers to an action."""

    TABLE = "move"
    MARK = "mark"
    LIST = "list"
    CHANGE = "change"
    VIEW = "view"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Act:
    """One action. `keys` are Textual's names, comma-separated; `shown` is how people write them.

    `footer` is the word on the last line, empty for actions that only the help lists. A `…` after
    a word means that the key opens something rather than acting at once. `writes` actions answer
    with a refusal in a read-only session.
    """

    id: str
    keys: str
    shown: str
    text: str
    where: Where
    footer: str = ""
    writes: bool = False


ACTIONS: tuple[Act, ...] = (
    Act("cursor_down", "down,j", "j ↓", "next row", Where.TABLE),
    Act("cursor_up", "up,k", "k ↑", "row before", Where.TABLE),
    Act("page_down", "pagedown,ctrl+f", "PgDn", "a page down", Where.TABLE),
    Act("page_up", "pageup,ctrl+b", "PgUp", "a page up", Where.TABLE),
    Act("half_down", "ctrl+d", "^D", "half a page down", Where.TABLE),
    Act("half_up", "ctrl+u", "^U", "half a page up", Where.TABLE),
    Act("first", "home,g", "g Home", "first row", Where.TABLE),
    Act("last", "end,G", "G End", "last row", Where.TABLE),
    Act("mark", "space", "space", "mark or unmark the row", Where.MARK, "mark"),
    Act("mark_range", "v", "v", "mark a range: once at its start, once at its end", Where.MARK),
    Act("mark_all", "asterisk", "*", "mark all rows that the filter shows", Where.MARK, "all"),
    Act("mark_invert", "i", "i", "turn marks round among the rows shown", Where.MARK),
    Act("mark_clear", "M", "M", "forget all marks", Where.MARK, "no marks"),
    Act("why", "w", "w", "why is it here: details and the whole trace", Where.LIST, "why"),
    Act("edit", "enter,e", "e ⏎", "edit the row, or all marked rows", Where.CHANGE, "edit…", True),
    Act("bulk", "b", "b", "one change for all marked rows", Where.CHANGE, "bulk…", True),
    Act("add", "a", "a", "add one indicator by hand", Where.CHANGE, "add…", True),
    Act("paste", "p", "p", "paste a mail full of indicators", Where.CHANGE, "paste…", True),
    Act("remove", "d,delete", "d", "remove the row, or all marked rows", Where.CHANGE, "del", True),
    Act("undo", "u", "u", "take the last change back", Where.CHANGE, "undo", True),
    Act("redo", "U", "U", "do again what undo took back", Where.CHANGE, "", True),
    Act("filter", "slash", "/", "type a filter", Where.VIEW, "filter"),
    Act("sort", "o", "o", "order the list by another column", Where.VIEW, "order…"),
    Act("reload", "f5", "F5", "read the list again", Where.VIEW),
    Act("back", "escape", "Esc", "leave one layer: range, filter, marks", Where.OUT),
    Act("help", "question_mark,f1", "?", "this list; type to search", Where.OUT, "help"),
    Act("quit", "q", "q", "leave Tidegate", Where.OUT, "quit"),
)

BY_ID = {act.id: act for act in ACTIONS}


def bindings(*, table: bool) -> list[BindingType]:
    """The bindings of the table itself, or those of the screen around it."""
    return [
        Binding(act.keys, act.id, act.text, show=bool(act.footer), key_display=act.shown, id=act.id)
        for act in ACTIONS
        if (act.where is Where.TABLE) is table
    ]


def search(words: str) -> tuple[Act, ...]:
    """Actions whose key, name or text holds every word; all of them for an empty search.

    A search of one character is taken for a key first, since that is what people look up.
    """
    wanted = words.casefold().split()
    if len(words.strip()) == 1:
        by_key = tuple(act for act in ACTIONS if words.strip() in act.shown.split())
        if by_key:
            return by_key
    return tuple(
        act
        for act in ACTIONS
        if all(word in f"{act.shown} {act.id} {act.text}".casefold() for word in wanted)
    )
