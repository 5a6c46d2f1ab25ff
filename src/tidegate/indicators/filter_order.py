"""Filter fields that have an order: severity, marking, numbers and expiry.

A row that never expires comes after every date; a missing confidence, rank or marking fulfils no
comparison. Refuses numbers and dates it would have to guess at.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tidegate.indicators.filter_predicate import COMPARE, NONE, FieldError, Predicate, unknown
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Severity, parse_severity
from tidegate.indicators.term import NEVER, parse_moment, parse_term
from tidegate.indicators.text import safe

TLP_LEVELS = ("clear", "green", "amber", "amber+strict", "red")
"""Least restricted first (TLP 2.0)."""

_NUMBER = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}")


def severity(name: str, operator: str, values: tuple[str, ...]) -> Predicate:
    """Match severities, or compare with one."""
    wanted: list[Severity] = []
    for value in values:
        severity = parse_severity(value)
        if severity is None:
            raise unknown(name, value, [severity.value.lower() for severity in Severity])
        wanted.append(severity)
    if operator == ":":
        return lambda row, _now: row.severity in wanted
    compare = COMPARE[operator]
    kept = frozenset(s for s in Severity if compare(s.level, wanted[0].level))
    return lambda row, _now: row.severity in kept


def tlp(name: str, operator: str, values: tuple[str, ...]) -> Predicate:
    """Match markings, or compare with one; `none` is unmarked."""
    levels: list[str | None] = []
    for value in values:
        level = value.lower().removeprefix("tlp:")
        if level not in (*TLP_LEVELS, NONE) or (level == NONE and operator != ":"):
            raise unknown(name, value, (*TLP_LEVELS, NONE))
        levels.append(None if level == NONE else level)
    kept = set(levels)
    if operator != ":":
        bound = TLP_LEVELS.index(levels[0] or "")
        compare = COMPARE[operator]
        kept = {level for place, level in enumerate(TLP_LEVELS) if compare(place, bound)}
    return lambda row, _now: row.tlp in kept


def number(attribute: str, name: str, operator: str, values: tuple[str, ...]) -> Predicate:
    """Match whole numbers, or compare with one; `none` is missing."""
    wanted: list[int | None] = []
    for value in values:
        if value.lower() == NONE and operator == ":":
            wanted.append(None)
        elif _NUMBER.fullmatch(value):
            wanted.append(int(value.replace(",", "")))
        else:
            raise FieldError(f"{name}{operator}{safe(value, 40)} is no number", f"as in {name}>=60")
    if operator == ":":
        return lambda row, _now: getattr(row, attribute) in wanted
    compare, bound = COMPARE[operator], wanted[0] or 0
    return lambda row, _now: (have := getattr(row, attribute)) is not None and compare(have, bound)


def expires(name: str, operator: str, values: tuple[str, ...]) -> Predicate:
    """Match the day of expiry, `never`, or compare with a term from now or a moment."""
    if operator != ":":
        return _expires_by(name, operator, values[0])
    days = [_moment(name, value) for value in values if value.lower() not in (NEVER, NONE)]
    never = len(days) < len(values)

    def found(row: Indicator, now: datetime) -> bool:  # noqa: ARG001 - the shape of all predicates
        if row.expires is None:
            return never
        return any(timedelta() <= row.expires - day < timedelta(days=1) for day in days)

    return found


def _expires_by(name: str, operator: str, value: str) -> Predicate:
    compare, forever = COMPARE[operator], operator in {">", ">="}
    term: timedelta | None = None
    try:
        term = parse_term(value)
    except ValueError:
        bound = _moment(name, value)
        return lambda row, _now: forever if row.expires is None else compare(row.expires, bound)
    if term is None:
        raise FieldError(f"{name}{operator}never means nothing", f"write {name}:never")
    # A difference of two moments never overflows; a moment plus a long term does.
    return lambda row, now: forever if row.expires is None else compare(row.expires - now, term)


def _moment(name: str, value: str) -> datetime:
    try:
        return parse_moment(value)
    except ValueError as wrong:
        raise FieldError(
            f"{name} does not understand {safe(value, 40)}",
            f"as in {name}<7d, {name}>2026-12-01, {name}:never",
        ) from wrong
