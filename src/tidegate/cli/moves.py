"""Changes in words: one row a line, its fields before and after.

Shared by what shows changes. Refuses to print: `output` does, once everything is laid out.
"""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Op
from tidegate.service.history import AnyChange, FieldMove, moves

SIGN = {Op.CREATE: "+", Op.UPDATE: "~", Op.REMOVE: "-"}

_IDENTITY = frozenset({"id", "type", "value"})
_BOOKKEEPING = frozenset({"updated", "created"})


def word(value: object) -> str:
    """One field's value as a person reads it."""
    if value is None or value in ("", [], {}):
        return "(none)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}={word(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(word(item) for item in value)
    return str(value)


def head(change: AnyChange) -> str:
    """`~ domain h1.example.com [3f2a9c01d4e7]`: what happens to which row."""
    row = change.row
    what = "" if isinstance(row, Indicator) else "suppression of "
    return f"{SIGN[change.op]} {what}{SHORT_TYPE[row.type]} {row.value} [{row.id}]"


def details(change: AnyChange) -> Iterator[tuple[str, str]]:
    """Each field that changes: its name, and `before → after`; just its value when a row is new."""
    for move in moves(change):
        if move.name not in _IDENTITY:
            yield move.name, _told(change.op, move)


def brief(change: AnyChange) -> str:
    """The fields that change, in one line; empty for a row that comes or goes."""
    if change.op is not Op.UPDATE:
        return ""
    told = [
        f"{move.name} {_told(Op.UPDATE, move)}"
        for move in moves(change)
        if move.name not in _BOOKKEEPING
    ]
    return "; ".join(told)


def _told(op: Op, move: FieldMove) -> str:
    if op is Op.CREATE:
        return word(move.after)
    if op is Op.REMOVE:
        return word(move.before)
    return f"{word(move.before)} → {word(move.after)}"
