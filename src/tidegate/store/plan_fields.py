"""What may stand in a plan file, field by field.

A checksum says that a file is whole, not who wrote it: anybody can compute one. So nothing of a
plan goes on towards the list before every field was found to be of its kind. Refuses to know the
list (the store does) and policy (the service does). The list's own files are read without this:
every look at a list would pay for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from types import MappingProxyType
from typing import Any

from tidegate.clock import read_stamp
from tidegate.indicators.indicator import OVERLAP, OWNABLE, Indicator, Suppression, scope
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.limits import DESCRIPTION_LENGTH, TITLE_LENGTH, VALUE_LENGTH
from tidegate.indicators.plan import Change, Op, PlanCounts
from tidegate.stix.markings import LEVELS

FORMAT = 1
DOORS = ("sync",)
"""Only what feeds want is planned into files: `plan --out`, and what a sync's brake withheld."""

_ID = re.compile(r"[0-9a-f]{12}")
_LINEAGE = re.compile(r"(?:[0-9a-f]{32})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_IDENTITY = ("id", "type", "value", "groups")
_PERCENT = 100
_SOURCE_PARTS = 3


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a field must be, in words and as a test."""

    must: str
    fits: Callable[[Any], bool]


def _whole(least: int, most: float = math.inf) -> _Kind:
    def fits(value: object) -> bool:
        return type(value) is int and least <= value <= most  # a bool is an int to isinstance

    upto = f" to {most}" if most < math.inf else " or more"
    return _Kind(f"a whole number, {least}{upto}", fits)


def _text(most: int) -> _Kind:
    return _Kind(
        f"a text of at most {most:,} characters",
        lambda value: isinstance(value, str) and len(value) <= most,
    )


def _word(kinds: Iterable[str]) -> _Kind:
    words = tuple(str(kind) for kind in kinds)
    return _Kind(f"one of: {', '.join(words)}", lambda v: isinstance(v, str) and v in words)


def _pattern(must: str, pattern: re.Pattern[str]) -> _Kind:
    return _Kind(must, lambda v: isinstance(v, str) and pattern.fullmatch(v) is not None)


def _or_none(kind: _Kind) -> _Kind:
    return _Kind(f"null or {kind.must}", lambda value: value is None or kind.fits(value))


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and read_stamp(value) is not None
    except ValueError:
        return False


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type] # one of these


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_scope(value: object) -> bool:
    return _is_texts(value) and tuple(value) == scope(value)  # type: ignore[arg-type] # texts


def _is_sources(value: object) -> bool:
    return isinstance(value, list) and all(
        _is_texts(item) and len(item) == _SOURCE_PARTS for item in value
    )


def _is_reasons(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(reason, str) for reason in value.values())


def _is_context(value: object) -> bool:
    return isinstance(value, dict) and all(_is_texts(texts) for texts in value.values())


def _is_line(value: object) -> bool:
    return isinstance(value, str) and _CONTROL.search(value) is None


_TEXT = _Kind("a text", lambda value: isinstance(value, str))
_LINE = _Kind("a text without control characters", _is_line)
_VALUE = _Kind(
    f"1 to {VALUE_LENGTH} characters, none of them a control character",
    lambda value: _is_line(value) and 0 < len(value) <= VALUE_LENGTH,
)
_TIME = _Kind("a time with its zone", _is_time)
_TEXTS = _Kind("a list of texts", _is_texts)
_SCOPE = _Kind("a list of device groups in order", _is_scope)
_IDENT = _pattern("12 hexadecimal digits in lower case", _ID)
_TYPE = _word(IndicatorType)

_OWN: Mapping[str, _Kind] = MappingProxyType(
    {
        "action": _word(Action),
        "severity": _word(Severity),
        "title": _text(TITLE_LENGTH),
        "description": _text(DESCRIPTION_LENGTH),
        "groups": _SCOPE,
        "expires": _or_none(_TIME),
        "category": _TEXT,
        "recommended_actions": _TEXT,
    }
)


def _is_owned(value: object) -> bool:
    return isinstance(value, dict) and all(n in _OWN and _OWN[n].fits(v) for n, v in value.items())


_OWNED = _Kind(f"values of these fields: {', '.join(OWNABLE)}", _is_owned)


def _is_settled(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    rest = dict(value)
    return isinstance(rest.pop(OVERLAP, ""), str) and _is_owned(rest)


_SETTLED = _Kind(f"{_OWNED.must}, or {OVERLAP}", _is_settled)

_ROW: Mapping[str, _Kind] = MappingProxyType(
    {
        **_OWN,
        "id": _IDENT,
        "type": _TYPE,
        "value": _VALUE,
        "created": _TIME,
        "updated": _TIME,
        # No sync touches rows that others made, and no guard looks at them.
        "origin": _word((Origin.FEED, Origin.MANUAL)),
        "feeds": _TEXTS,
        "sources": _Kind("a list of feed, STIX id and rule", _is_sources),
        "aliases": _TEXTS,
        "confidence": _or_none(_whole(0, _PERCENT)),
        "tlp": _or_none(_word(LEVELS)),
        "pinned": _Kind("true or false", lambda value: isinstance(value, bool)),
        "rank": _or_none(_whole(0)),
        "score": _or_none(_Kind("a number", _is_number)),
        "mitre": _TEXTS,
        "note": _TEXT,
        "owned": _OWNED,
        "settled": _SETTLED,
        "overrides": _Kind("a reason for each guard", _is_reasons),
        "context": _Kind("lists of texts by name", _is_context),
    }
)
_SUPPRESSION: Mapping[str, _Kind] = MappingProxyType(
    {
        "id": _IDENT,
        "type": _TYPE,
        "value": _VALUE,
        "groups": _or_none(_SCOPE),
        "reason": _TEXT,
        "actor": _TEXT,
        "created": _TIME,
        "until": _or_none(_TIME),
    }
)
_COUNTED = ("kept", "keep", "waiting", "merged", "suppressed")
"""Counts that every plan has; those of an older version lack the others."""
_COUNTS = MappingProxyType({field.name: _whole(0) for field in fields(PlanCounts)})
_SIDE = _or_none(_Kind("an object", lambda value: isinstance(value, dict)))
_CHANGE = MappingProxyType({"op": _word(Op), "reason": _LINE, "before": _SIDE, "after": _SIDE})
_LIST = _Kind("a list", lambda value: isinstance(value, list))
_PLAN: Mapping[str, _Kind] = MappingProxyType(
    {
        "format": _whole(FORMAT, FORMAT),
        "lineage": _pattern("32 hexadecimal digits in lower case, or empty", _LINEAGE),
        "serial": _whole(0),
        "door": _word(DOORS),
        "reason": _LINE,
        "undoes": _Kind("null: no plan file undoes a change", lambda value: value is None),
        "counts": _Kind("an object", lambda value: isinstance(value, dict)),
        "changes": _LIST,
        "suppressions": _LIST,
        "held": _LIST,
        "held_reason": _LINE,
    }
)


def _needed(kind: type[Indicator | Suppression]) -> frozenset[str]:
    """The fields that a record must have: the others are left out at their default."""
    return frozenset(
        f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING
    )


_ROW_NEEDS = _needed(Indicator)
_SUPPRESSION_NEEDS = _needed(Suppression)


def check_plan(record: object) -> None:
    """Raise ValueError naming the first field of a plan file that is not as it must be."""
    plan = _object("", record, _PLAN, _PLAN)
    _object("counts", plan["counts"], _COUNTS, _COUNTED)
    rows: list[Mapping[str, Any]] = []
    for name in ("changes", "held"):
        rows += _changes(name, plan[name], _ROW, _ROW_NEEDS)
    _each_once("changes", rows)
    notes = _changes("suppressions", plan["suppressions"], _SUPPRESSION, _SUPPRESSION_NEEDS)
    _each_once("suppressions", notes)


def _object(
    where: str, record: object, kinds: Mapping[str, _Kind], needed: Iterable[str]
) -> Mapping[str, Any]:
    """An object whose fields are all known and as they must be, and none of the needed missing."""
    if not isinstance(record, dict):
        raise ValueError(f"{where or 'it'} must be an object")  # noqa: TRY004 - see check_plan
    inside = f"{where}." if where else ""
    for name, value in record.items():
        kind = kinds.get(name)
        if kind is None:
            raise ValueError(f"{inside}{name} is no field of a plan")
        if not kind.fits(value):
            raise ValueError(f"{inside}{name} must be {kind.must}")
    for name in needed:
        if name not in record:
            raise ValueError(f"{inside}{name} is missing")
    return record


def _changes(
    where: str, records: Iterable[object], kinds: Mapping[str, _Kind], needed: Iterable[str]
) -> list[Mapping[str, Any]]:
    changes = []
    for number, record in enumerate(records):
        place = f"{where}[{number}]"
        change = _object(place, record, _CHANGE, _CHANGE)
        before, after = change["before"], change["after"]
        if before is None and after is None:
            raise ValueError(f"{place} is a change with neither side")
        for side in ("before", "after"):
            if change[side] is not None:
                _object(f"{place}.{side}", change[side], kinds, needed)
        if before is not None and after is not None:
            for name in _IDENTITY:
                if before.get(name) != after.get(name):
                    raise ValueError(f"{place}.after.{name} must be as before: no sync moves a row")
        if _reasons(after) - _reasons(before if _does_the_same(before, after) else None):
            raise ValueError(
                f"{place}.after.overrides must be as before, and gone with another action: "
                "a plan file cannot override a guard"
            )
        if change["op"] != Change(before, after, "").op:
            raise ValueError(f"{place}.op is not what happens to the row")
        changes.append(change)
    return changes


def _reasons(side: Mapping[str, Any] | None) -> set[tuple[str, str]]:
    """What a person overrode; only their own add or edit says so, a file never does."""
    return set() if side is None else set(side.get("overrides", {}).items())


def _does_the_same(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Whether a row keeps its action, which is what its guards were set aside for."""
    return before is not None and after is not None and before["action"] == after["action"]


def _each_once(where: str, changes: Iterable[Mapping[str, Any]]) -> None:
    """No row is changed twice; the id of one that leaves may go to one that comes."""
    for side in ("before", "after"):
        seen = set()
        for change in changes:
            if change[side] is None:
                continue
            ident = change[side]["id"]
            if ident in seen:
                raise ValueError(f"{where} change the row {ident} twice")
            seen.add(ident)
