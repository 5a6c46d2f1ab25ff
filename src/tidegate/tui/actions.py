"""Every action of every mode, once: keys, `:` commands, palette, help and footer read this table.

Refuses a second place for keys; `tests/tui/test_actions.py` proves that each entry has its method,
that no key is bound twice in one mode, which Textual itself would accept in silence, and that the
command line really has the twin that an entry names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding, BindingType

from tidegate.tui.modes import ALL, PLACES, Mode


class Where(StrEnum):
    """What an action is about; the table itself answers to `move`, the screen to all others."""

    TABLE = "move"
    MARK = "mark"
    LIST = "list"
    CHANGE = "change"
    VIEW = "view"
    MODE = "mode"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Act:
    """One action in the modes where it is valid.

    `keys` are Textual's names, comma-separated; none: it is a command only. `shown` is how people
    write them. `footer` is the word on the last line, empty for actions that only help and palette
    list; a `…` after it means that the key opens something rather than acting at once. `writes`
    actions answer with a refusal in a read-only session. `twin` is the command line that does the
    same, with an example's arguments; empty for what only moves the screen. `takes` names what the
    command may be followed by. `call` is the method and its argument where that is not the id.
    """

    id: str
    keys: str
    shown: str
    text: str
    where: Where
    footer: str = ""
    writes: bool = False
    modes: frozenset[Mode] = ALL
    twin: str = ""
    takes: str = ""
    call: str = ""

    @property
    def action(self) -> str:
        """What Textual runs."""
        return self.call or self.id

    @property
    def command(self) -> str:
        """What is typed after `:`."""
        return self.id.replace("_", "-")


_I = frozenset({Mode.INDICATORS})
_R = frozenset({Mode.REVIEW})
_Q = frozenset({Mode.QUOTA})
_C = frozenset({Mode.CONFLICTS})
_B = frozenset({Mode.BENCH})
_F = frozenset({Mode.FEEDS})
_H = frozenset({Mode.HISTORY})
_MARKED = _I | _R | _C | _F | _H

_MOVES = (
    Act("cursor_down", "down,j", "j ↓", "next row", Where.TABLE),
    Act("cursor_up", "up,k", "k ↑", "row before", Where.TABLE),
    Act("page_down", "pagedown,ctrl+f", "PgDn", "a page down", Where.TABLE),
    Act("page_up", "pageup,ctrl+b", "PgUp", "a page up", Where.TABLE),
    Act("half_down", "ctrl+d", "^D", "half a page down", Where.TABLE),
    Act("half_up", "ctrl+u", "^U", "half a page up", Where.TABLE),
    Act("first", "home,g", "g Home", "first row", Where.TABLE),
    Act("last", "end,G", "G End", "last row", Where.TABLE),
)

_MARKS = (
    Act("mark", "space", "space", "mark or unmark the row", Where.MARK, "mark", modes=_MARKED),
    Act(
        "mark_range", "v", "v", "mark a range: once at its start, once at its end", Where.MARK,
        "range", modes=_MARKED,
    ),
    Act("mark_all", "asterisk", "*", "mark all rows shown", Where.MARK, "all", modes=_MARKED),
    Act("mark_invert", "i", "i", "turn marks round", Where.MARK, modes=_MARKED),
    Act("mark_clear", "M", "M", "forget all marks", Where.MARK, "no marks", modes=_MARKED),
)  # fmt: skip

_INDICATORS = (
    Act(
        "why", "w", "w", "why is it here: details and the whole trace", Where.LIST, "why",
        modes=_I | _R | _C, twin="why VALUE", takes="VALUE",
    ),
    Act(
        "edit", "enter,e", "e Enter", "edit the row, or all marked rows", Where.CHANGE, "edit…",
        True, _I, "edit ITEM --severity high",
    ),
    Act(
        "bulk", "b", "b", "one change for all marked rows", Where.CHANGE, "bulk…", True, _I,
        "edit --filter type:ip --severity high",
    ),
    *(
        Act(f"set_{word}", key, key, f"set the {word} of the row, or of all marked", Where.CHANGE,
            f"{word}…", True, _I, f"edit ITEM {option}", call=f"set_field('{field}')")
        for key, word, field, option in (
            ("A", "action", "action", "--action block"),
            ("s", "severity", "severity", "--severity high"),
            ("x", "expiry", "expires", "--expires 30d"),
            ("c", "scope", "groups", "--group lab"),
        )
    ),
    Act(
        "editor", "E", "E", "edit the row, or all marked, as a text in $EDITOR", Where.CHANGE,
        "$EDITOR…", True, _I, "edit ITEM --editor",
    ),
    Act("add", "a", "a", "add one indicator by hand", Where.CHANGE, "add…", True, _I, "add VALUE"),
    Act(
        "paste", "p", "p", "paste a mail full of indicators", Where.CHANGE, "paste…", True, _I,
        "add --stdin",
    ),
    Act(
        "import", "I", "I", "take in a STIX file or the portal's CSV", Where.CHANGE, "import…",
        True, _I, "import tenant.csv", "FILE",
    ),
    Act(
        "remove", "d,delete", "d", "remove the row, or all marked rows", Where.CHANGE, "del", True,
        _I, "remove ITEM",
    ),
    Act("filter", "slash", "/", "type a filter", Where.VIEW, "filter", False, _I, "list type:ip"),
    Act("filter_off", "backslash", "\\", "turn the filter off: all rows; and on again", Where.VIEW,
        "", False, _I, "list"),
    Act("hit_next", "n", "n", "on to the next hit of the filter, on or off", Where.VIEW, modes=_I),
    Act("hit_before", "N", "N", "back to the hit before", Where.VIEW, modes=_I),
    Act("columns_right", "l,right", "l →", "columns that found no room", Where.VIEW, modes=_I),
    Act("columns_left", "h,left", "h ←", "back to the first columns", Where.VIEW, modes=_I),
    Act("sort", "o", "o", "order the list by another column", Where.VIEW, "order…", False, _I,
        "list --sort -expires"),
    Act("facets", "f", "f", "rows by type, feed, expiry, …; Enter narrows", Where.VIEW, "facets",
        False, _I, "list --facets"),
    Act("columns", "C", "C", "choose columns, their order and widths", Where.VIEW, "columns…",
        False, _I, "list --columns value,action,title"),
    Act("views", "S", "S", "saved views: apply, save, delete", Where.VIEW, "views…", False, _I,
        "list --view soon", "NAME"),
    Act("save_view", "", "", "save filter, order and columns as a view", Where.VIEW, "", True, _I,
        "views save soon 'expires<7d' --sort expires", "NAME"),
    Act("delete_view", "", "", "forget a saved view", Where.VIEW, "", True, _I,
        "views delete soon", "NAME"),
)  # fmt: skip

_REVIEW = (
    Act("open", "enter", "Enter", "every field before and after", Where.LIST, "details", False, _R,
        "plan"),
    Act(
        "accept", "plus", "+", "accept the row, a heading's, or all marked", Where.CHANGE,
        "accept", True, _R, "apply --only VALUE",
    ),
    Act(
        "decline", "minus", "-", "not now: the next plan brings it again",
        Where.CHANGE, "not now", True, _R, "apply --only 'NOT feed:acme-c2'",
    ),
    Act("undecide", "0", "0", "forget what was decided of it",
        Where.CHANGE, "undecide", True, _R, "apply --only VALUE"),
    Act("next", "n", "n", "next row that is not decided", Where.VIEW, "next", modes=_R),
    Act("apply", "A", "A", "apply what is accepted, or the whole plan; or answer no to a sync",
        Where.CHANGE, "apply…", True, _R, "apply --op create --op update"),
    Act(
        "reject", "r", "r", "keep it out always or until a day, with a reason", Where.CHANGE,
        "reject…", True, _R, "suppress add VALUE --reason 'our scanner' --until 30d",
    ),
    Act(
        "held", "h", "h", "let through what the brake holds of the row's feed, or all",
        Where.CHANGE, "held…", True, _R, "held approve ID --feed acme-c2",
    ),
    Act(
        "events", "e", "e", "events that would be judged otherwise",
        Where.LIST, "events", modes=_R, twin="match --plan FILE --cases", takes="FILE",
    ),
    Act("plan", "p", "p", "plan again from what the feeds said last", Where.VIEW, "plan", False,
        _R, "plan"),
)  # fmt: skip

_VALUES = (
    Act(
        "copy", "y", "y", "copy the value, or those of all marked", Where.LIST, "copy", False,
        _I | _R | _C | _B | _H, "list --columns value",
    ),
    Act(
        "test", "t", "t", "ask the engines about the value, on the Bench", Where.LIST, "test",
        False, _I | _R, "match --value VALUE", "VALUE",
    ),
)  # fmt: skip

_QUOTA = (
    Act("open", "enter", "Enter", "the report card of the feed", Where.LIST, "details", False, _Q,
        "feeds show ID"),
    Act(
        "suppose", "t", "t", "try another limit, reserve, floor or ceiling", Where.LIST,
        "what if…", False, _Q, "quota --limit 14000 --floor acme-c2=100",
    ),
)  # fmt: skip

_CONFLICTS = (
    Act(
        "mine", "m", "m", "keep yours, or overlapping rows as they are", Where.CHANGE, "mine", True,
        _C,
        "conflicts resolve ID --mine",
    ),
    Act(
        "theirs", "t", "t", "take the feed's, of the row or all marked", Where.CHANGE, "theirs",
        True, _C, "conflicts resolve ID --theirs",
    ),
    Act(
        "pick", "p", "p", "pick the side that is to decide, by its number", Where.CHANGE, "pick…",
        True, _C, "conflicts resolve ID --pick 1",
    ),
    Act(
        "rule", "r", "r", "make yours a rule of the feed's policy", Where.CHANGE, "rule…", True,
        _C, "conflicts resolve ID --rule",
    ),
    Act(
        "settled", "z", "z", "show what was settled before, too, or not", Where.VIEW, "settled",
        False, _C, "conflicts list --settled",
    ),
    Act(
        "filter", "slash", "/", "type a filter for the rows", Where.VIEW, "filter", False, _C,
        "conflicts list type:ip",
    ),
    Act("open", "enter", "Enter", "both sides in full", Where.LIST, "details", False, _C,
        "why VALUE"),
)  # fmt: skip

_BENCH = (
    Act(
        "ask", "slash,i", "/", "type or paste values or an event", Where.VIEW, "ask", False, _B,
        "match --value VALUE", "VALUE",
    ),
    Act(
        "events", "o", "o", "open a file of events", Where.VIEW, "open…", False, _B, "match FILE",
        "FILE",
    ),
    Act("open", "enter", "Enter", "the three engines in full", Where.LIST, "details", modes=_B,
        twin="match --value VALUE"),
    Act(
        "save", "s", "s", "save the event and its verdicts as a case", Where.CHANGE, "save…", True,
        _B, "match --value VALUE --save NAME", "NAME",
    ),
    Act("cases", "c", "c", "ask the saved cases again", Where.VIEW, "cases", False, _B,
        "match --cases"),
    Act(
        "against", "t", "t", "ask under a sync's plan, or by the list again",
        Where.VIEW, "plan", False, _B, "match --value VALUE --plan FILE", "FILE",
    ),
)  # fmt: skip

_FEEDS = (
    Act("open", "enter", "Enter", "details, rules, last runs, rejections", Where.LIST, "details",
        False, _F, "feeds show ID"),
    Act(
        "sync", "s", "s", "sync this feed, or the marked ones", Where.CHANGE, "sync", True, _F,
        "sync FEED", "FEED",
    ),
    Act("sync_all", "S", "S", "sync all feeds that are on", Where.CHANGE, "all", True, _F, "sync"),
    Act("check", "c", "c", "walk to its server, step by step", Where.LIST, "check", False, _F,
        "feeds check ID"),
    Act("enable", "e", "e", "switch on; shipped ones are copied", Where.CHANGE, "on", True, _F,
        "feeds enable ID"),
    Act("disable", "d", "d", "switch off; its rows stay until they expire", Where.CHANGE, "off",
        True, _F, "feeds disable ID"),
    Act("rewind", "R", "R", "read it again from a time or its beginning", Where.CHANGE, "", True,
        _F, "feeds rewind ID --to 2026-11-01"),
    Act("policy", "E", "E", "open its feed.toml in $EDITOR, then judge it", Where.CHANGE,
        "policy…", True, _F, "plan --policy feed.toml"),
    Act("sync", "", "", "sync feeds in the background, or all", Where.CHANGE, "", True,
        ALL - _F, "sync FEED", "FEED"),
    Act("plan", "p", "p", "look at the plan of a sync and answer it", Where.VIEW, "plan…", False,
        _F, "plan"),
    Act("plan", "", "", "look at the plan of a sync and answer it", Where.VIEW, "", False,
        ALL - _F - _R, "plan"),
)  # fmt: skip

_HISTORY = (
    Act("open", "enter", "Enter", "every row before and after", Where.LIST, "details", False, _H,
        "history --change 12"),
    Act(
        "undo", "u", "u", "take the change back, or the marked range", Where.CHANGE, "undo…", True,
        _H, "undo --change 12..15",
    ),
    Act(
        "redo", "U", "U", "do again what was taken back, one or a range", Where.CHANGE, "redo…",
        True, _H, "redo --change 12..15",
    ),
    Act(
        "filter", "slash", "/", "type a filter: by:ana door:sync since:7d", Where.VIEW, "filter",
        False, _H, "history --by ana type:ip",
    ),
)  # fmt: skip

_EVERYWHERE = (
    Act("undo", "u", "u", "take the last change back", Where.CHANGE, "undo", True, ALL - _H,
        "undo"),
    Act("redo", "U", "U", "do again what undo took back", Where.CHANGE, "", True, ALL - _H,
        "redo"),
    Act("why", "", "", "the whole story of a value, on the list or not", Where.LIST, "",
        modes=ALL - _I - _R - _C, twin="why VALUE", takes="VALUE"),
    Act("export", "X", "X", "write the rows shown to a file: STIX, or the portal's CSV", Where.OUT,
        "export…", False, _I, "export --filter type:ip --out share.json --tlp-max green",
        "FILE [--tlp LEVEL]"),
    Act("partners", "P", "P", "partners: what each would get, and sending it", Where.OUT,
        "partners…", twin="export --partner isac --preview", takes="PARTNER"),
    Act("cancel", "ctrl+x", "^X", "end the work in the background", Where.OUT, "cancel"),
    Act("reload", "ctrl+r", "^R", "read everything again", Where.VIEW),
    Act("log", "L", "L", "what was said in this session, errors too", Where.VIEW, "log"),
    Act("theme", "", "", "colours: usual, light, contrast, colour-blind", Where.VIEW,
        takes="NAME"),
    *(
        Act(place.mode.value, f"{place.key},{place.twin}", f"{place.key} {place.twin.upper()}",
            f"{place.title}: {place.text}", Where.MODE, call=f"go('{place.mode.value}')")
        for place in PLACES
    ),
    Act("back", "escape", "Esc", "leave one layer: range, filter, marks", Where.OUT),
    Act("command", "colon,ctrl+p", ": ^P", "type a command", Where.OUT, "command"),
    Act("help", "question_mark,f1", "?", "this list; type to search", Where.OUT, "help"),
    Act("quit", "q", "q", "leave Tidegate", Where.OUT, "quit"),
)  # fmt: skip

ACTIONS: tuple[Act, ...] = (
    *_MOVES, *_MARKS, *_INDICATORS, *_REVIEW, *_VALUES, *_QUOTA, *_CONFLICTS, *_BENCH, *_FEEDS,
    *_HISTORY, *_EVERYWHERE,
)  # fmt: skip


def acts(mode: Mode) -> tuple[Act, ...]:
    """The actions that are valid in a mode, in the order of the help."""
    return tuple(act for act in ACTIONS if mode in act.modes)


def find(mode: Mode, ident: str) -> Act:
    """The action of this id in a mode. Raises KeyError."""
    for act in acts(mode):
        if act.id == ident:
            return act
    raise KeyError(ident)


def bindings(mode: Mode | None) -> list[BindingType]:
    """The bindings of the screen of a mode; with None those of a table, in whichever mode."""
    wanted = _MOVES if mode is None else acts(mode)
    return [
        Binding(
            act.keys,
            act.action,
            act.text,
            show=bool(act.footer),
            key_display=act.shown,
            id=f"{mode or 'table'}.{act.id}",
        )
        for act in wanted
        if act.keys and (act.where is Where.TABLE) is (mode is None)
    ]


def search(words: str, among: Iterable[Act]) -> tuple[Act, ...]:
    """Actions whose key, command or text holds every word; all of them for an empty search.

    A search of one character is taken for a key first, since that is what people look up.
    """
    known = tuple(among)
    wanted = words.casefold().split()
    if len(words.strip()) == 1:
        by_key = tuple(act for act in known if words.strip() in act.shown.split())
        if by_key:
            return by_key
    return tuple(
        act
        for act in known
        if all(word in f"{act.shown} {act.command} {act.text}".casefold() for word in wanted)
    )


def completed(typed: str, among: Iterable[Act]) -> tuple[Act, ...]:
    """Commands that a beginning may become: the exact one first, then by prefix, then by words."""
    known = tuple(among)
    name = typed.split(maxsplit=1)[0].casefold() if typed.strip() else ""
    exact = [act for act in known if act.command == name]
    begun = [act for act in known if act.command.startswith(name) and act not in exact]
    if exact and typed.strip().casefold() != name:
        return tuple(exact)  # what follows is what the command takes
    rest = [act for act in search(typed, known) if act not in exact and act not in begun]
    return (*exact, *begun, *rest)
