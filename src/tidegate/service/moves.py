"""A change in words, for whichever shell shows it: its sign, and each field before and after.

Pure. Refuses layout: how a row is called and what stands beside it is each shell's own.
"""

from __future__ import annotations

import re

from tidegate.indicators.plan import Op
from tidegate.service.history import AnyChange, FieldMove, moves

SIGN = {Op.CREATE: "+", Op.UPDATE: "~", Op.REMOVE: "-"}

_IDENTITY = frozenset({"id", "type", "value"})
_BOOKKEEPING = frozenset({"updated", "created"})
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z").fullmatch


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
    text = str(value)
    return f"{found[1]}Z" if (found := _TIME(text)) else text  # nobody reads microseconds


def fields(change: AnyChange) -> list[tuple[str, str]]:
    """Each field that changes: its name, and `before → after`; its value where a row is new."""
    return [
        (move.name, _told(change.op, move)) for move in moves(change) if move.name not in _IDENTITY
    ]


def moved(change: AnyChange) -> str:
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
