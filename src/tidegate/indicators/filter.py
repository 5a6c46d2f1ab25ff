"""The filter language of the command line, the interface, saved views and partner files.

    type:ip,domain action:block feed:acme-c2 expires<7d -tlp:red "apt 29"

Whitespace is AND, a comma inside a field is OR, a leading `-` or `NOT` negates. Owns the tokeniser,
the small tree and `Filter`; what each field means is in `filter_fields`. Refuses `OR` and
parentheses (not understood yet, so never taken for text) and anything it would have to guess at:
an unknown field is an error that names the nearest one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.errors import UsageError
from tidegate.indicators.filter_fields import compile_field
from tidegate.indicators.filter_predicate import FieldError, Predicate
from tidegate.indicators.filter_words import compile_word
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import refang, safe

FILTER_LENGTH = 8_000
"""Longest filter in characters; a view that needs more is a list, not a filter."""


class FilterError(UsageError):
    """A filter that cannot be read: `position` and `length` say which characters to underline."""

    def __init__(self, message: str, position: int, length: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.position = position
        self.length = length


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a filter between blanks; `quoted` when it began with a quotation mark."""

    text: str
    position: int
    length: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a word (`name` empty) or a field with its operator and values."""

    name: str
    operator: str
    values: tuple[str, ...]
    negated: bool
    token: Token


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter ready to use; the empty one matches every row. `text` is what was typed."""

    text: str
    terms: tuple[Term, ...]
    _matches: Predicate = field(repr=False, compare=False)

    def matches(self, row: Indicator, now: datetime) -> bool:
        """Say whether a row fulfils every condition at `now`."""
        return self._matches(row, now)


_QUOTED = r'"[^"]*"'
_PIECE = re.compile(rf'(?:{_QUOTED}|[^\s"])+')
_FIELD = re.compile(r"(-*)([A-Za-z][A-Za-z0-9_]*)(:|>=|<=|>|<|=)(.*)", re.DOTALL)
_VALUE = re.compile(rf'(?:{_QUOTED}|[^,"])+')
# A URL, or an IPv6 address whose first group happens to be letters, is a word and not a field.
_NO_FIELD = re.compile(
    r"-*(?:[A-Za-z][A-Za-z0-9+.-]*://.*|[A-Fa-f0-9]{1,4}:[A-Fa-f0-9]*:[A-Fa-f0-9:.]*)"
)


def parse(text: str) -> Filter:
    """Read a filter.

    Raises:
        FilterError: it cannot be read; nothing else is ever raised, whatever the text.
    """
    if len(text) > FILTER_LENGTH:
        raise FilterError(
            f"the filter has {len(text):,} characters; it may have {FILTER_LENGTH:,}", 0, len(text)
        )
    terms = tuple(_terms(text))
    return Filter(text, terms, _all([_compile(term) for term in terms]))


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        found = _PIECE.match(text, position)
        end = found.end() if found else position
        if end < len(text) and text[end] == '"':
            raise FilterError(
                "the quotation mark is never closed", end, len(text) - end, 'add a " at the end'
            )
        piece = text[position:end]
        yield Token(piece, position, end - position, piece.lstrip("-").startswith('"'))
        position = end


def _terms(text: str) -> Iterator[Term]:
    negations = 0
    last: Token | None = None
    for token in _tokens(text):
        last = token
        if token.text == "NOT":
            negations += 1
            continue
        _refuse_reserved(token)
        term = _term(token, negated=negations % 2 == 1)
        negations = 0
        last = None
        yield term
    if last is not None:
        raise FilterError("nothing follows NOT", last.position, last.length)


def _refuse_reserved(token: Token) -> None:
    if token.text == "OR":
        hint = "use a comma inside one field, as in type:ip,domain; quote it to search for it"
        raise FilterError("OR is not understood", token.position, token.length, hint)
    if token.text.lstrip("-").startswith("(") and refang(token.text) == token.text:
        hint = "quote the word to search for it"
        raise FilterError("parentheses are not understood", token.position, token.length, hint)


def _term(token: Token, *, negated: bool) -> Term:
    armed = token.text if token.quoted else refang(token.text)
    found = None if token.quoted or _NO_FIELD.fullmatch(armed) else _FIELD.fullmatch(armed)
    if found is None:
        word = armed.lstrip("-")
        minuses = len(armed) - len(word)
        word = word.replace('"', "")
        if not word:
            raise FilterError("nothing to search for", token.position, token.length)
        return Term("", ":", (word,), negated != (minuses % 2 == 1), token)
    minus, name, operator, rest = found.groups()
    operator = ":" if operator == "=" else operator
    # A comparison takes one value, so that the comma of 14,500 is no OR.
    pieces = _VALUE.findall(rest) if operator == ":" else [rest]
    values = tuple(value for piece in pieces if (value := piece.replace('"', "").strip()))
    if not values:
        shown = safe(name, 40)
        raise FilterError(f"{shown}{operator} needs a value", token.position, token.length)
    return Term(name.lower(), operator, values, negated != (len(minus) % 2 == 1), token)


def _compile(term: Term) -> Predicate:
    if not term.name:
        predicate = compile_word(term.values[0])
    else:
        try:
            predicate = compile_field(term.name, term.operator, term.values)
        except FieldError as wrong:
            raise FilterError(
                wrong.message, term.token.position, term.token.length, wrong.hint
            ) from wrong
    return _not(predicate) if term.negated else predicate


def _not(predicate: Predicate) -> Predicate:
    return lambda row, now: not predicate(row, now)


def _all(predicates: list[Predicate]) -> Predicate:
    if len(predicates) == 1:
        return predicates[0]

    def every(row: Indicator, now: datetime) -> bool:
        for predicate in predicates:  # noqa: SIM110 - all() with a generator costs twice as much
            if not predicate(row, now):
                return False
        return True

    return every
