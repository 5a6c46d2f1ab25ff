"""The filter language of the command line, the interface, saved views and partner files.

    type:ip,domain action:block (feed:acme-c2 OR conf>=80) expires<7d -tlp:red title:/apt.?29/

Whitespace is AND, which may be written too, and binds closer than OR; parentheses group; a comma
inside a field is OR; a leading `-` or `NOT` negates. Owns the parser and `Filter`; where a piece
ends is in `filter_tokens`, what each field means in `filter_fields`. Refuses anything it would have
to guess at: an unknown field is an error that names the nearest one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.indicators.expression import Expression
from tidegate.indicators.filter_fields import NOTHING, Own, compile_field
from tidegate.indicators.filter_predicate import FieldError, FilterError, Predicate
from tidegate.indicators.filter_tokens import Kind, Token, tokens
from tidegate.indicators.filter_words import compile_word
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import refang, safe

__all__ = ["FILTER_LENGTH", "Filter", "FilterError", "Term", "parse"]

FILTER_LENGTH = 8_000
"""Longest filter in characters; a view that needs more is a list, not a filter."""


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
    """A filter ready to use; the empty one matches every row. `text` is what was typed.

    `terms` has every condition in the order typed, whatever stands between them.
    """

    text: str
    terms: tuple[Term, ...]
    _matches: Predicate = field(repr=False, compare=False)

    def matches(self, row: Indicator, now: datetime) -> bool:
        """Say whether a row fulfils the filter at `now`."""
        return self._matches(row, now)


_QUOTED = r'"[^"]*"'
_FIELD = re.compile(r"(-*)([A-Za-z][A-Za-z0-9_]*)(:|>=|<=|>|<|=)(.*)", re.DOTALL)
_VALUE = re.compile(rf'(?:{_QUOTED}|[^,"])+')
# A URL, or an IPv6 address whose first group happens to be letters, is a word and not a field.
_NO_FIELD = re.compile(
    r"-*(?:[A-Za-z][A-Za-z0-9+.-]*://.*|[A-Fa-f0-9]{1,4}:[A-Fa-f0-9]*:[A-Fa-f0-9:.]*)"
)

_NO_CONDITION = (None, Kind.AND, Kind.OR, Kind.CLOSE)
"""What cannot begin a condition; None is the end."""


def parse(text: str, own: Own = NOTHING) -> Filter:
    """Read a filter. `own` are properties that `is:` knows where it is asked, by their words.

    Raises:
        FilterError: it cannot be read; nothing else is ever raised, whatever the text.
    """
    if len(text) > FILTER_LENGTH:
        raise FilterError(
            f"the filter has {len(text):,} characters; it may have {FILTER_LENGTH:,}", 0, len(text)
        )
    reader = _Reader(tokens(text), own)
    predicate = reader.alternatives() if reader.tokens else _all([])
    return Filter(text, tuple(reader.terms), predicate)


class _Reader:
    """Reads tokens from the left; how deep it may go, the tokens bound."""

    def __init__(self, found: Sequence[Token], own: Own) -> None:
        self.tokens = found
        self._own = own
        self.terms: list[Term] = []
        self._next = 0

    def _kind(self) -> Kind | None:
        return self.tokens[self._next].kind if self._next < len(self.tokens) else None

    def alternatives(self) -> Predicate:
        """Read what stands between ORs, up to the end or the parenthesis that closes."""
        found = [self._conditions()]
        while self._kind() is Kind.OR:
            self._next += 1
            found.append(self._conditions())
        return _any(found)

    def _conditions(self) -> Predicate:
        found: list[Predicate] = []
        while self._kind() not in (None, Kind.OR, Kind.CLOSE):
            found.append(self._condition())
            if self._kind() is Kind.AND:
                self._next += 1
                self._need_condition(self.tokens[self._next - 1])
        if not found:
            self._refuse_nothing()
        return _all(found)

    def _refuse_nothing(self) -> None:
        """Say what has nothing beside it: an OR, or a pair of parentheses."""
        around = self.tokens[max(self._next - 1, 0) : self._next + 1]
        for token in reversed(around):
            if token.kind is Kind.OR:
                raise _alone(token)
        first, last = around
        told, hint = "nothing stands between the parentheses", "quote them to search for them"
        raise FilterError(told, first.position, last.end - first.position, hint)

    def _need_condition(self, joint: Token) -> None:
        """Refuse an AND that joins nothing."""
        if self._kind() in _NO_CONDITION:
            raise _alone(joint)

    def _condition(self) -> Predicate:
        negated = False
        if self._kind() is Kind.AND:
            raise _alone(self.tokens[self._next])
        while True:
            token = self.tokens[self._next]
            self._next += 1
            if token.kind is Kind.NOT:
                if self._kind() in _NO_CONDITION:
                    raise FilterError("nothing follows NOT", token.position, token.length)
                negated = not negated
                continue
            break
        if token.kind is Kind.OPEN:
            negated = negated != (token.text.count("-") % 2 == 1)
            predicate = self.alternatives()
            self._next += 1  # the parenthesis that closes: the tokens have one for each
            return _not(predicate) if negated else predicate
        term = _term(token, negated=negated)
        self.terms.append(term)
        return _compile(term, self._own)


def _alone(token: Token) -> FilterError:
    """An AND or OR that joins nothing on one of its sides."""
    told = f"{token.text} needs a condition on either side"
    return FilterError(told, token.position, token.length, "quote it to search for it")


def _term(token: Token, *, negated: bool) -> Term:
    if token.expressions:
        return _with_expressions(token, negated=negated)
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


def _with_expressions(token: Token, *, negated: bool) -> Term:
    """Read a term with expressions, which are never re-armed: `[.]` is a dot in them."""
    head = token.text[: token.expressions[0][0]]
    field = _FIELD.fullmatch(head)
    minuses = len(head) - len(head.lstrip("-"))
    values: list[str] = []
    place = 0 if field is None else field.start(4)
    for first, last in token.expressions:
        values += _texts(token.text[place:first]) if field else ()
        values.append(Expression(token.text[first + 1 : last - 1].replace('"', "")))
        place = last
    values += _texts(token.text[place:])
    name = field[2].lower() if field else ""
    return Term(name, ":", tuple(values), negated != (minuses % 2 == 1), token)


def _texts(text: str) -> list[str]:
    """The values of a field that are no expressions."""
    pieces = (piece.replace('"', "").strip() for piece in _VALUE.findall(refang(text)))
    return [piece for piece in pieces if piece]


def _compile(term: Term, own: Own) -> Predicate:
    try:
        if term.name:
            predicate = compile_field(term.name, term.operator, term.values, own)
        else:
            predicate = compile_word(term.values[0])
    except FieldError as wrong:
        position, length = term.token.position, term.token.length
        # An underlined piece of an expression says more than all of a long term.
        place = term.token.text.find(wrong.piece) if wrong.piece else -1
        if place >= 0:
            position, length = position + place, len(wrong.piece)
        raise FilterError(wrong.message, position, length, wrong.hint) from wrong
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


def _any(predicates: list[Predicate]) -> Predicate:
    if len(predicates) == 1:
        return predicates[0]

    def some(row: Indicator, now: datetime) -> bool:
        for predicate in predicates:  # noqa: SIM110 - any() with a generator costs twice as much
            if predicate(row, now):
                return True
        return False

    return some
