"""Completion of a filter while it is typed: fields, and the values that a field has.

Pure: text, cursor and what is known in; the piece to be replaced and what it may become out, and
whether that piece is only half typed. Refuses to parse: the filter itself says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tidegate.indicators.filter_fields import FIELDS, ORDERED
from tidegate.indicators.filter_order import TLP_LEVELS
from tidegate.indicators.filter_predicate import NONE
from tidegate.indicators.filter_tokens import CONNECTIVES, EXPRESSION_FIELDS
from tidegate.indicators.filter_words import HAS, IS
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_ACTION, SHORT_TYPE, Origin, Severity

MOST = 40
"""Candidates that are worth walking through."""

Words = Mapping[str, Sequence[str]]
"""The values of each field, by the field's name; a field may have none."""

_SEVERITIES = tuple(severity.value.lower() for severity in Severity)
_NUMBERS = ("20", "50", "70", "90", NONE)

STATIC: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(FIELDS, ()),
    "type": (*SHORT_TYPE.values(), "file"),
    "action": tuple(SHORT_ACTION.values()),
    "sev": _SEVERITIES,
    "severity": _SEVERITIES,
    "origin": tuple(origin.value for origin in Origin),
    "tlp": (*TLP_LEVELS, NONE),
    "conf": _NUMBERS,
    "confidence": _NUMBERS,
    "expires": ("never",),
    "is": tuple(IS),
    "has": tuple(HAS),
}
"""What is known without looking at any row."""

_TERMS = ("1d", "7d", "30d", "90d")
"""What an expiry is compared with."""

_COMMON = (
    "by",
    "door",
    "since",
    "until",
    "change",
    "type",
    "action",
    "sev",
    "feed",
    "expires",
    "conf",
    "tlp",
    "scope",
    "is",
    "has",
    "origin",
)
"""Fields that are offered before anything is typed, as far as the mode knows them."""

_WHOLE = frozenset({"feed", "group", "scope", "why"})
"""Fields that look for whole names, so that half of one finds nothing and is no error either."""

_PIECE = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_PARTS = re.compile(
    r"(?:(?:AND|OR|NOT)(?=\())?[-(]*(?:([A-Za-z][A-Za-z0-9_]*)(:|>=|<=|>|<|=))?(.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Completion:
    """What stands from `start` to `end` may become any of `options`, the likeliest first."""

    start: int
    end: int
    options: tuple[str, ...] = ()

    def applied(self, text: str, choice: int) -> tuple[str, int]:
        """The text with one of the options in it, and where the cursor is then."""
        option = self.options[choice % len(self.options)]
        return text[: self.start] + option + text[self.end :], self.start + len(option)


def words_of(rows: Iterable[Indicator]) -> dict[str, tuple[str, ...]]:
    """The values of the fields whose words are the tenant's own: feeds, groups, rules and more."""
    feeds: set[tuple[str, ...]] = set()
    groups: set[tuple[str, ...]] = set()
    categories: set[str] = set()
    rules: set[str] = set()
    for row in rows:
        feeds.add(row.feeds)
        groups.add(row.groups)
        categories.add(row.category)
        rules |= {source.rule for source in row.sources}
    scopes = (*_names(groups), NONE)
    return {
        "feed": (*_names(feeds), NONE),
        "scope": scopes,
        "group": scopes,
        "category": tuple(sorted(map(quoted, categories - {""}))),
        "why": (*_names({tuple(rules - {""})}), NONE),
    }


def _names(sets: Iterable[tuple[str, ...]]) -> list[str]:
    return sorted({quoted(name) for names in sets for name in names if '"' not in name})


def quoted(name: str) -> str:
    """A value as the filter takes it."""
    return name if re.fullmatch(r"[^\s,\"]+", name) else f'"{name}"'


def completed(text: str, cursor: int, known: Words) -> Completion:
    """What the piece of the filter before the cursor may become."""
    start, found = _at(text, cursor)
    if found is None or text.endswith(")", start, cursor):
        return Completion(cursor, cursor)
    name, operator, typed = found.groups()
    if name is None:
        return Completion(found.start(3), cursor, _fields(typed, known))
    words = known.get(name.casefold())
    if words is None and typed.startswith("//"):
        return Completion(cursor, cursor)  # an address, not a field
    if words is None:
        near = get_close_matches(name.casefold(), list(known), n=3, cutoff=0.5)
        start = found.start(1)
        options = tuple(f"{field}{operator}{typed}" for field in near)
        return Completion(start, cursor, options)
    if operator != ":" and name.casefold() in ORDERED:
        words = [word for word in words if word not in (NONE, "never")]
        words = list(_TERMS) if name.casefold() == "expires" else words
    last = typed.rpartition(",")[2]
    if last.startswith("/"):
        return Completion(cursor, cursor)  # an expression
    taken = set(typed.split(",")[:-1])
    options = tuple(word for word in _beginning(last, words) if word not in taken)
    if not options and last:
        options = tuple(get_close_matches(last.casefold(), words, n=3, cutoff=0.5))
    return Completion(cursor - len(last), cursor, () if options == (last,) else options)


def unfinished(text: str, cursor: int, known: Words) -> bool:
    """Whether the piece at the cursor can be read, but may be the beginning of something else.

    Such are `sev`, which becomes a field, `AN`, which becomes `AND`, `/beac`, which becomes an
    expression, and `feed:ac` where a feed is called acme.
    """
    start, found = _at(text, cursor)
    if found is None or start == cursor or not re.match(r"[\s)]|\Z", text[cursor:]):
        return False
    name, operator, typed = found.groups()
    if name is None:
        if typed.startswith("/"):
            return not _closed(typed)
        begun = typed.casefold()
        fields = any(field.startswith(begun) for field in known)
        return bool(typed) and (fields or any(word.startswith(typed) for word in CONNECTIVES))
    name, last = name.casefold(), typed.rpartition(",")[2]
    if operator != ":" or not last:
        return False
    if last.startswith("/"):
        return name in EXPRESSION_FIELDS and not _closed(last)
    words = [word.strip('"').casefold() for word in known.get(name, ())]
    begun = last.strip('"').casefold()
    return name in _WHOLE and begun not in words and any(it.startswith(begun) for it in words)


def _closed(expression: str) -> bool:
    return len(expression) > 2 and expression.endswith("/")  # noqa: PLR2004 - both slashes


def _at(text: str, cursor: int) -> tuple[int, re.Match[str] | None]:
    """Where the piece begins that ends at the cursor, and its parts."""
    start = max(
        (it.start() for it in _PIECE.finditer(text, 0, cursor) if it.end() == cursor),
        default=cursor,
    )
    return start, _PARTS.match(text, start, cursor)


def _fields(typed: str, known: Words) -> tuple[str, ...]:
    if not typed:
        return tuple(f"{name}:" for name in _COMMON if name in known)
    if not re.fullmatch(r"[A-Za-z]+", typed):
        return ()
    names = [name for name in known if name.startswith(typed.casefold())]
    return tuple(f"{name}:" for name in names)


def _beginning(typed: str, words: Sequence[str]) -> list[str]:
    """Words that begin so, then those that hold it."""
    wanted = typed.strip('"').casefold()
    begun = [word for word in words if word.strip('"').casefold().startswith(wanted)]
    held = [w for w in words if wanted in w.casefold() and w not in begun] if wanted else []
    return [*begun, *held][:MOST]
