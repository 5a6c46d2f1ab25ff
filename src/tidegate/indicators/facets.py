"""How many rows there are by type, action, severity, feed, scope, expiry and the like.

Each count comes with the words that narrow a filter to just those rows: the filter's own language,
so that whoever uses facets learns it. Pure. Refuses words for names that the language cannot say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import TypeVar

from tidegate.errors import UsageError
from tidegate.indicators.filter import FilterError, parse
from tidegate.indicators.filter_order import TLP_LEVELS
from tidegate.indicators.filter_predicate import NONE
from tidegate.indicators.filter_tokens import Kind, Token, tokens
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_ACTION, SHORT_TYPE, Origin, Severity

T = TypeVar("T")

MOST = 20
"""Names that are shown of one field; the filter knows all of them."""

_TERMS = (("<1d", timedelta(days=1)), ("<7d", timedelta(days=7)), ("<30d", timedelta(days=30)))
_LATER = ">=30d"
_FIXED: dict[str, tuple[str, ...]] = {
    "type": tuple(SHORT_TYPE.values()),
    "action": tuple(SHORT_ACTION.values()),
    "severity": tuple(severity.value.lower() for severity in reversed(Severity)),
    "expires": (*(word for word, _ in _TERMS), _LATER, "never"),
    "origin": tuple(origin.value for origin in Origin),
    "tlp": (*TLP_LEVELS, NONE),
    "is": ("pinned", "owned"),
}
"""Fields whose words have an order of their own; those of the others come by number of rows."""

FIELDS = ("type", "action", "severity", "expires", "feed", "scope", "origin", "tlp", "is")
"""In the order shown."""

Tally = Mapping[str, Mapping[str, int]]
"""Rows by field and word; a word is as the filter takes it, in small letters."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One word of one field, `count` rows of those shown; an empty `term` cannot be filtered by."""

    field: str
    word: str
    count: int
    term: str


def tally(rows: Sequence[Indicator], now: datetime) -> Tally:
    """Count rows by field and word; a row counts for each of its feeds and groups."""
    ends = [row.expires - now for row in rows if row.expires is not None]
    expires = {word: sum(1 for left in ends if left < term) for word, term in _TERMS}
    expires |= {_LATER: len(ends) - expires["<30d"], "never": len(rows) - len(ends)}
    return {
        "type": _words(Counter(row.type for row in rows), SHORT_TYPE),
        "action": _words(Counter(row.action for row in rows), SHORT_ACTION),
        "severity": {
            word.value.lower(): number
            for word, number in Counter(row.severity for row in rows).items()
        },
        "expires": expires,
        "feed": _names(rows, "feeds"),
        "scope": _names(rows, "groups"),
        "origin": {w.value: number for w, number in Counter(row.origin for row in rows).items()},
        "tlp": {w or NONE: number for w, number in Counter(row.tlp for row in rows).items()},
        "is": {
            "pinned": sum(1 for row in rows if row.pinned),
            "owned": sum(1 for row in rows if row.owned),
        },
    }


def _words(counts: Mapping[T, int], words: Mapping[T, str]) -> dict[str, int]:
    return {words[found]: number for found, number in counts.items()}


def _names(rows: Sequence[Indicator], attribute: str) -> dict[str, int]:
    """Rows by name; few sets of names are shared by many rows, so those are counted first."""
    found: Counter[str] = Counter()
    for names, number in Counter(map(attrgetter(attribute), rows)).items():
        for name in {name.casefold() for name in names} or {NONE}:
            found[name] += number
    return found


def facets(known: Tally, shown: Tally) -> list[Facet]:
    """What is on the whole list, each with how many of the rows shown; the list keeps its shape."""
    found = []
    for field in FIELDS:
        counts, words = shown[field], known[field]
        order = _FIXED.get(field) or [
            word for word, _ in sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
        ]
        found += [
            Facet(field, word, counts.get(word, 0), _term(field, word))
            for word in order
            if words.get(word)
        ]
    return found


def _term(field: str, word: str) -> str:
    """The words of the filter that match just the rows counted; empty where there are none."""
    if field == "expires":
        if word == _LATER:
            return f"{field}{word} has:expiry"
        return f"{field}:{word}" if word[0].isalpha() else f"{field}{word}"
    plain = re.fullmatch(r"[\w.-]+", word, re.ASCII)
    term = f"{field}:{word}" if plain else f'{field}:"{word}"'
    if field in _FIXED:
        return term
    try:
        (read,) = parse(term).terms
    except (UsageError, ValueError):
        return ""
    same = (read.name, read.values) == (field, (word,)) and not word.endswith("*")
    return term if same and (field != "scope" or word != "all") else ""


def holds(text: str, term: str) -> bool:
    """Whether a filter has these words, and every row must fulfil them."""
    return bool(term) and bool(_places(text, term))


def narrowed(text: str, term: str) -> str:
    """The filter with these words, or without them when it has them."""
    if holds(text, term):
        return _without(text, term)
    return f"{_grouped(_without(text, f'-{term}'))} {term}".strip()


def excluding(text: str, term: str) -> str:
    """The filter without rows of these words, or as before when it is so; one word alone."""
    if " " in term and '"' not in term:
        return text
    return narrowed(_without(text, term), f"-{term}")


def _without(text: str, term: str) -> str:
    parts, place = [], 0
    for first, last in _places(text, term):
        parts.append(text[place:first].strip())
        place = last
    parts.append(text[place:].strip())
    return " ".join(part for part in parts if part)


def _grouped(text: str) -> str:
    """The filter as one condition: another beside it would bind closer than its OR."""
    return f"({text})" if any(token.kind is Kind.OR for token in _top(text)) else text


def _places(text: str, term: str) -> list[tuple[int, int]]:
    """Where these words stand beside all others, not within an OR, a group or behind NOT."""
    found = [it.span() for it in re.finditer(rf"(?<!\S){re.escape(term)}(?!\S)", text)]
    top = _top(text) if found else []
    if any(token.kind is Kind.OR for token in top):
        return []
    ands = [token for token in top if token.kind is Kind.AND]
    behind_not = {after.position for one, after in pairwise(top) if one.kind is Kind.NOT}
    firsts = {token.position for token in top} - behind_not
    return [_with_and(span, text, ands) for span in found if span[0] in firsts]


def _with_and(span: tuple[int, int], text: str, ands: Iterable[Token]) -> tuple[int, int]:
    """The place with the AND before it, or else behind it: one joins nothing without the words."""
    first, last = span
    for joint in ands:
        if not text[joint.end : first].strip() and joint.end <= first:
            return joint.position, last
    for joint in ands:
        if joint.position >= last and not text[last : joint.position].strip():
            return first, joint.end
    return span


def _top(text: str) -> list[Token]:
    """The pieces that stand in no parentheses; none of a text that cannot be taken apart."""
    try:
        return [token for token in tokens(text) if not token.depth]
    except FilterError:
        return []
