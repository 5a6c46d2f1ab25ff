"""How rows, suppressions and plans are written down as JSON objects, and read back.

Owns the record format of the list, the journal and plan files: one place, so that they cannot
disagree. Fields at their default are left out, times are RFC 3339. Refuses to guess: a record that
does not fit raises ValueError, KeyError or TypeError, and the caller says which file it was in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from tidegate.clock import read_stamp, stamp
from tidegate.indicators.indicator import Indicator, Source, Suppression
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.plan import Change

Record = dict[str, Any]
Row = TypeVar("Row", Indicator, Suppression)

# A list has few kinds and few moments, each in thousands of rows: read once, and held once.
_moment = lru_cache(maxsize=8_192)(read_stamp)

_READERS: Mapping[str, Callable[[Any], object]] = {
    "type": cache(IndicatorType),
    "action": cache(Action),
    "severity": cache(Severity),
    "origin": cache(Origin),
    "created": _moment,
    "updated": _moment,
    "expires": _moment,
    "until": _moment,
    "groups": tuple,
    "feeds": tuple,
    "aliases": tuple,
    "mitre": tuple,
    "sources": lambda rows: tuple(Source(*row) for row in rows),
}
_MAPPINGS = ("owned", "settled", "overrides", "context")


def _fields(record: Mapping[str, Any]) -> Mapping[str, object]:
    return MappingProxyType({name: _owned_value(name, value) for name, value in record.items()})


def _owned_value(name: str, value: object) -> object:
    reader = _READERS.get(name)
    return value if reader is None or value is None else reader(value)


def _reasons(record: Mapping[str, Any]) -> Mapping[str, str]:
    return MappingProxyType(dict(record))


def _texts(record: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: tuple(texts) for name, texts in dict(record).items()})


_ROW_READERS: Mapping[str, Callable[[Any], object]] = {
    **_READERS,
    "owned": _fields,
    "settled": _fields,
    "overrides": _reasons,
    "context": _texts,
}


def _defaults(kind: type[Indicator | Suppression]) -> dict[str, object]:
    return {f.name: f.default for f in fields(kind) if f.default is not MISSING}


_ROW_FIELDS = tuple(f.name for f in fields(Indicator))
_ROW_DEFAULTS = _defaults(Indicator)
_SUPPRESSION_FIELDS = tuple(f.name for f in fields(Suppression))
_ABSENT = object()


_PLAIN = (str, int, float, bool, type(None))


def plain(value: object) -> object:
    """One field's value as JSON types."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, Source):
        return [value.feed, value.stix_id, value.rule]
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in sorted(value.items())}
    return value


def indicator_record(row: Indicator) -> Record:
    """Write a row; fields at their default are left out."""
    record: Record = {}
    for name in _ROW_FIELDS:
        value = getattr(row, name)
        if value == _ROW_DEFAULTS.get(name, _ABSENT) or (name in _MAPPINGS and not value):
            continue
        record[name] = plain(value)
    return record


def _read(record: Mapping[str, Any]) -> dict[str, Any]:
    readers = _ROW_READERS
    return {
        name: readers[name](value) if value is not None and name in readers else value
        for name, value in record.items()
    }


def read_indicator_record(record: Mapping[str, Any]) -> Indicator:
    """Read a row written by `indicator_record`."""
    return Indicator(**_read(record))


def suppression_record(row: Suppression) -> Record:
    """Write a suppression."""
    return {name: plain(getattr(row, name)) for name in _SUPPRESSION_FIELDS}


def read_suppression_record(record: Mapping[str, Any]) -> Suppression:
    """Read a suppression written by `suppression_record`."""
    return Suppression(**_read(record))


def change_record(
    change: Change[Row],
    write: Callable[[Row], Record],
    known: Mapping[str, Record] = MappingProxyType({}),
) -> Record:
    """Write one change with both sides, so that the journal alone can take it back.

    `known` holds records by id of rows as they were before, so that none is written twice.
    """
    before = change.before
    return {
        "op": change.op.value,
        "reason": change.reason,
        "before": None if before is None else known.get(before.id) or write(before),
        "after": None if change.after is None else write(change.after),
    }


def read_change_record(
    record: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Row]
) -> Change[Row]:
    """Read one change written by `change_record`."""
    before, after = record["before"], record["after"]
    if before is None and after is None:
        raise ValueError("a change with neither side")
    return Change(
        None if before is None else read(before),
        None if after is None else read(after),
        record["reason"],
    )
