"""The pieces of a filter: conditions, what joins them, parentheses, each with place and depth.

Owns where a piece ends: at a blank, or at the parenthesis that closes a group; never within quotes,
an expression between slashes, or parentheses of a word's own (`Foo_(bar)`, `a(dot)example`).
Refuses to know fields, but for those whose values may be expressions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from tidegate.indicators.filter_predicate import FilterError
from tidegate.indicators.text import sign_end

DEPTH = 30
"""Most parentheses within one another."""

EXPRESSION_FIELDS = ("value", "title", "note", "description", "category")
"""Fields that take `/…/`; a path is text in the others, as in `url:/login/`."""

# An expression ends at the first slash that something can end at, so that slashes may be in it.
_EXPRESSION = r'/(?![/,\s])(?:"[^"]*"|\\[^\s"]|[^\s"\\])+?/'
_PATTERNS = {
    (field, grouped): re.compile(
        f"{_EXPRESSION}(?=[\\s{',' if field else ''}{')' if grouped else ''}]|\\Z)"
    )
    for field in (False, True)
    for grouped in (False, True)
}
_FIELD = re.compile(rf"-*(?:{'|'.join(EXPRESSION_FIELDS)})[:=]", re.IGNORECASE)
_CONNECTIVE = re.compile(r"(?:AND|OR|NOT)(?=\()")


class Kind(Enum):
    """What a piece is. `OPEN` is a parenthesis with the minuses before it."""

    PIECE = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    OPEN = auto()
    CLOSE = auto()


CONNECTIVES = MappingProxyType({"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT})
"""What joins conditions, in capitals only: `and` and `or` are words to look for."""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a filter; `depth` counts the parentheses around it.

    `expressions` holds places in `text`, from and to, slashes included.
    """

    kind: Kind
    text: str
    position: int
    depth: int
    expressions: tuple[tuple[int, int], ...] = ()

    @property
    def length(self) -> int:
        """In characters, as typed."""
        return len(self.text)

    @property
    def end(self) -> int:
        """The first place behind it."""
        return self.position + len(self.text)

    @property
    def quoted(self) -> bool:
        """Whether it begins with a quotation mark."""
        return self.text.lstrip("-").startswith('"')


def tokens(text: str) -> list[Token]:
    """Take a filter apart.

    Raises:
        FilterError: a quotation mark or a parenthesis is not closed, or closes nothing.
    """
    found: list[Token] = []
    opened: list[Token] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        token = _token(text, position, len(opened))
        if token.kind is Kind.OPEN:
            opened.append(token)
            if len(opened) > DEPTH:
                told = f"more than {DEPTH} parentheses within one another"
                raise FilterError(told, position, token.length)
        elif token.kind is Kind.CLOSE:
            opened.pop()
        found.append(token)
        position = token.end
    if opened:
        last = opened[-1]
        told = "the parenthesis is never closed"
        raise FilterError(told, last.position, last.length, "add a ) at the end")
    _refuse_leftovers(found)
    return found


def _token(text: str, position: int, depth: int) -> Token:
    opening = _behind_minuses(text, position)
    if text.startswith("(", opening) and sign_end(text, opening) == opening:
        return Token(Kind.OPEN, text[position : opening + 1], position, depth)
    if depth and text[position] == ")":
        return Token(Kind.CLOSE, ")", position, depth - 1)
    before = _CONNECTIVE.match(text, position)
    if before and sign_end(text, before.end()) == before.end():
        end, expressions = before.end(), list[tuple[int, int]]()
    else:
        end, expressions = _piece(text, position, grouped=depth > 0)
    piece = text[position:end]
    kind = CONNECTIVES.get(piece, Kind.PIECE)
    places = tuple((first - position, last - position) for first, last in expressions)
    return Token(kind, piece, position, depth, places)


def _piece(text: str, start: int, *, grouped: bool) -> tuple[int, list[tuple[int, int]]]:
    """Where the piece that begins here ends, and the expressions in it."""
    expressions: list[tuple[int, int]] = []
    field = _FIELD.match(text, start)
    pattern = _PATTERNS.get((field is not None, grouped))
    head = end = field.end() if field else _behind_minuses(text, start)
    inner = 0
    while end < len(text) and not text[end].isspace():
        sign = text[end]
        if sign == "/" and pattern and (end == head or (field and text[end - 1] == ",")):
            found = pattern.match(text, end)
            if found:
                expressions.append(found.span())
                end = found.end()
                continue
            pattern = None  # none is closed further on: looking once keeps the work linear
        if sign == ")" and not inner and grouped:
            break
        after = sign_end(text, end) if sign in "[({" else end
        if after == end:
            inner = max(inner + {"(": 1, ")": -1}.get(sign, 0), 0)
            after = _behind_quotes(text, end) if sign == '"' else end + 1
        end = after
    return end, expressions


def _behind_minuses(text: str, position: int) -> int:
    while text.startswith("-", position):
        position += 1
    return position


def _behind_quotes(text: str, position: int) -> int:
    closing = text.find('"', position + 1)
    if closing < 0:
        told = "the quotation mark is never closed"
        raise FilterError(told, position, len(text) - position, 'add a " at the end')
    return closing + 1


def _refuse_leftovers(found: list[Token]) -> None:
    """Where there are connectives or groups, no word is text that was likely meant to close one.

    Without them such words are looked for, as they always were.
    """
    if not any(token.kind in (Kind.AND, Kind.OR, Kind.OPEN) for token in found):
        return
    for token in found:
        if token.kind is Kind.PIECE and token.text.endswith(")") and "(" not in token.text:
            told = "the parenthesis closes nothing"
            raise FilterError(told, token.end - 1, 1, "quote the word to search for it")
