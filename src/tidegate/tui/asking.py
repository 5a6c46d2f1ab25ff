"""The filter of the history: the list's own language, and words for who, when and how.

`by:ana door:sync since:7d until:2026-11-01 change:12..15 type:ip` – the first five are taken out
here, the rest is the filter of rows. They count for the whole of it. Pure. Refuses to filter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from tidegate.indicators.filter import FilterError, parse
from tidegate.indicators.filter_tokens import Kind, Token, tokens
from tidegate.service.history import Wanted, read_time
from tidegate.service.trail import Span
from tidegate.tui.completing import Words, quoted

WORDS = (
    ("by:ana", "who did it"),
    ("door:sync", "how: sync, add, edit, remove, undo, import …"),
    ("since:7d until:2026-11-01", "when; an age or a time"),
    ("change:12..15", "the number, or a range of them"),
)
"""For the help: an example and what it means."""

_WORD = re.compile(r"(-*)(by|door|since|until|change)[:=](.*)", re.DOTALL | re.IGNORECASE)
_AGES = ("1d", "7d", "30d", "90d")

_READ: dict[str, tuple[str, Callable[[str, datetime], Any]]] = {
    "by": ("by", lambda text, _: text or None),
    "door": ("door", lambda text, _: text or None),
    "since": ("since", lambda text, now: read_time(text, now) if text else None),
    "until": ("until", lambda text, now: read_time(text, now, end=True) if text else None),
    "change": ("span", lambda text, _: Span.read(text) if text else None),
}


def asked(text: str, now: datetime) -> tuple[str, Wanted]:
    """Split a text into the filter of rows and what else is wanted.

    Blanks take the place of the words, so that positions in the rest stay true.

    Raises:
        FilterError: what `parse` refuses, a word that cannot be read, or one that would count for
            a part of the filter only: within parentheses, beside OR, negated.
    """
    wanted: dict[str, Any] = {}
    found = tokens(text)
    either = any(token.kind is Kind.OR and not token.depth for token in found)
    rest, shape, before = text, text, None
    for token in found:
        word = _WORD.fullmatch(token.text) if token.kind is Kind.PIECE else None
        if word is not None:
            minus, name = word[1], word[2].lower()
            if minus or (before and before.kind is Kind.NOT):
                told = f"{name}: cannot be negated"
                raise FilterError(told, token.position, token.length)
            if either or token.depth:
                told = f"{name}: counts for the whole filter, not for a part of it"
                hint = f"put what is ORed in parentheses, {name}: outside"
                raise FilterError(told, token.position, token.length, hint)
            key, read = _READ[name]
            try:
                wanted[key] = read(word[3].replace('"', ""), now)
            except ValueError as fault:
                raise FilterError(str(fault), token.position, token.length) from fault
            rest = _instead(rest, token, " ")
            shape = _instead(shape, token, "x")
        elif token.kind is Kind.AND:  # a blank says the same, and needs nothing beside it
            rest = _instead(rest, token, " ")
        before = token
    parse(shape)
    return (rest if rest.strip() else ""), Wanted(**wanted)


def _instead(text: str, token: Token, sign: str) -> str:
    """The text with a sign for each character of a piece."""
    return text[: token.position] + sign * token.length + text[token.end :]


def words(actors: Iterable[str], doors: Iterable[str]) -> Words:
    """What may complete the words of the history."""
    return {
        "by": tuple(sorted(map(quoted, actors))),
        "door": tuple(sorted(map(quoted, doors))),
        "since": _AGES,
        "until": _AGES,
        "change": (),
    }
