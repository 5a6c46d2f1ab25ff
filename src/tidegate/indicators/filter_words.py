"""Filter fields that compare words: types, actions, names, parts of texts, `is:` and `has:`.

Parts of texts may be expressions, too.

Refuses words outside a field's vocabulary; the error names the nearest known one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from tidegate.errors import InvalidValue
from tidegate.indicators.expression import Expression, ExpressionError, finder
from tidegate.indicators.filter_predicate import NONE, FieldError, Predicate, unknown
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import (
    FILE_TYPES,
    SHORT_ACTION,
    SHORT_TYPE,
    IndicatorType,
    Origin,
    parse_action,
    parse_type,
)
from tidegate.indicators.text import safe, spoofs
from tidegate.indicators.value import classify

IS: MappingProxyType[str, Predicate] = MappingProxyType(
    {
        "pinned": lambda row, _now: row.pinned,
        "expired": lambda row, now: not row.active(now),
        "owned": lambda row, _now: bool(row.owned),
        "manual": lambda row, _now: row.origin is Origin.MANUAL,
        "feed": lambda row, _now: row.origin is Origin.FEED,
        "foreign": lambda row, _now: row.origin is Origin.FOREIGN,
        "conflict": lambda row, _now: row.contested,
        "spoof": lambda row, _now: spoofs(row.value),
    }
)
HAS: MappingProxyType[str, Predicate] = MappingProxyType(
    {
        "expiry": lambda row, _now: row.expires is not None,
        "note": lambda row, _now: bool(row.note),
        "override": lambda row, _now: bool(row.overrides),
        "title": lambda row, _now: bool(row.title),
        "groups": lambda row, _now: bool(row.groups),
        "feed": lambda row, _now: bool(row.feeds),
        "tlp": lambda row, _now: row.tlp is not None,
        "confidence": lambda row, _now: row.confidence is not None,
        "alias": lambda row, _now: bool(row.aliases),
    }
)

MARKED = "marked"
"""The property that only a list with marks can tell."""

_REMEMBERED = 4_096
"""Texts of which is remembered whether an expression is found in them."""


def compile_word(word: str) -> Predicate:
    """Find a text in value, title, description, feeds or id, whatever its letter case.

    A word that is a value in another spelling (`2001:db8::1`) also finds its canonical form. An
    expression is looked for in each of these. Raises FieldError for one that cannot be run.
    """
    if isinstance(word, Expression):
        return _expression_anywhere(word)
    needle = word.casefold()
    try:
        canonical = classify(word)[1].casefold()
    except InvalidValue:
        canonical = needle
    # "http://example.com" must still find the URLs below it, whose root is written with a slash.
    other = canonical if needle not in canonical else None

    def found(row: Indicator, now: datetime) -> bool:  # noqa: ARG001 - the shape of all predicates
        text = f"{row.value}\n{row.title}\n{row.id}\n{row.description}".casefold()
        if needle in text or (other is not None and other in text):
            return True
        for feed in row.feeds:  # noqa: SIM110 - any() with a generator costs twice as much
            if needle in feed:
                return True
        return False

    return found


def _expression_anywhere(word: Expression) -> Predicate:
    test = _finder("", [word])

    def found(row: Indicator, now: datetime) -> bool:  # noqa: ARG001 - the shape of all predicates
        feeds = "\n".join(row.feeds)
        return test(f"{row.value}\n{row.title}\n{row.id}\n{row.description}\n{feeds}")

    return found


def _finder(name: str, expressions: Sequence[Expression]) -> Callable[[str], bool]:
    try:
        return finder(expressions)
    except ExpressionError as wrong:
        shown = safe(",".join(f"/{one}/" for one in expressions), 60)
        field = f"{name}:" if name else ""
        piece = f" at {safe(wrong.piece, 40)}" if wrong.piece else ""
        message = f"the expression {field}{shown} cannot be run: {wrong}{piece}"
        raise FieldError(message, "quote it to search for it as text", wrong.piece) from wrong


def types(name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match any of the named types; `file` is every hash type."""
    wanted: set[IndicatorType] = set()
    for value in values:
        kind = parse_type(value)
        if kind is None and value.lower() != "file":
            raise unknown(name, value, (*SHORT_TYPE.values(), "file"))
        wanted.update(FILE_TYPES if kind is None else (kind,))
    kinds = frozenset(wanted)
    return lambda row, _now: row.type in kinds


def actions(name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match any of the named actions."""
    wanted = frozenset(map(parse_action, values))
    for value in values:
        if parse_action(value) is None:
            raise unknown(name, value, SHORT_ACTION.values())
    return lambda row, _now: row.action in wanted


def origin(name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match any of the named origins."""
    known = [origin.value for origin in Origin]
    for value in values:
        if value.lower() not in known:
            raise unknown(name, value, known)
    wanted = {Origin(value.lower()) for value in values}
    return lambda row, _now: row.origin in wanted


def contains(attribute: str, name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match rows whose text field holds any of the texts or expressions."""
    needles = [value.casefold() for value in values if not isinstance(value, Expression)]
    expressions = [value for value in values if isinstance(value, Expression)]
    if expressions:
        return _contains_expression(attribute, name, expressions, needles)

    def found(row: Indicator, now: datetime) -> bool:  # noqa: ARG001 - the shape of all predicates
        text: str = getattr(row, attribute).casefold()
        return any(needle in text for needle in needles)

    return found


def _contains_expression(
    attribute: str, name: str, expressions: Sequence[Expression], needles: Sequence[str]
) -> Predicate:
    test = _finder(name, expressions)
    if attribute != "value":
        # Many rows share a title or have no note; an expression costs more than a look-up.
        test = lru_cache(_REMEMBERED)(test)

    def found(row: Indicator, now: datetime) -> bool:  # noqa: ARG001 - the shape of all predicates
        text: str = getattr(row, attribute)
        return test(text) or any(needle in text.casefold() for needle in needles)

    return found


def ids(_name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match ids by their beginning."""
    prefixes = tuple(value.lower() for value in values)
    return lambda row, _now: row.id.startswith(prefixes)


def names(attribute: str, _name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match whole names in a tuple of names; a trailing `*` matches beginnings; `none` none."""
    folded = [value.casefold() for value in values]
    exact = {value for value in folded if not value.endswith("*")}
    prefixes = tuple(value[:-1] for value in folded if value.endswith("*"))
    bare = NONE in exact or (attribute == "groups" and "all" in exact)

    def found(row: Indicator, now: datetime) -> bool:  # noqa: ARG001 - the shape of all predicates
        names: tuple[str, ...] = getattr(row, attribute)
        if not names:
            return bare
        return any((n := name.casefold()) in exact or n.startswith(prefixes) for name in names)

    return found


_ITS_PLACE = "the list of the terminal has marks, and its filter this word"


def rules(_name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match by the rule of a feed's policy that let a row in, or by a part of its name."""
    folded = [value.casefold().rstrip("*") for value in values]  # as in `feed:acme*`

    def found(row: Indicator, now: datetime) -> bool:  # noqa: ARG001 - the shape of all predicates
        names = [source.rule.casefold() for source in row.sources if source.rule]
        if not names:
            return NONE in folded
        return any(value in name for value in folded for name in names)

    return found


def flag(
    known: Mapping[str, Predicate], name: str, _operator: str, values: tuple[str, ...]
) -> Predicate:
    """Match rows with any of the named properties."""
    chosen: list[Predicate] = []
    for value in values:
        predicate = known.get(value.lower())
        if predicate is None and value.lower() == MARKED and known.keys() >= IS.keys():
            raise FieldError(f"{name}:{MARKED} asks for marks, and there are none here", _ITS_PLACE)
        if predicate is None:
            raise unknown(name, value, known)
        chosen.append(predicate)
    return lambda row, now: any(predicate(row, now) for predicate in chosen)


def part(
    kinds: tuple[IndicatorType, ...], _name: str, _operator: str, values: tuple[str, ...]
) -> Predicate:
    """Match part of a value, for rows of some types; a file's other hashes count too."""
    needles = [value.casefold() for value in values]

    def found(row: Indicator, now: datetime) -> bool:  # noqa: ARG001 - the shape of all predicates
        texts = [row.value.casefold()] if row.type in kinds else []
        for alias in row.aliases:
            kind, _, digits = alias.partition(":")
            if kind in kinds:
                texts.append(digits)
        return any(needle in text for needle in needles for text in texts)

    return found
