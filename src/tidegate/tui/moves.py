"""A change of the journal in words: a line for a row, a line for each field that moved.

Pure, from the service's changes to strings. Refuses widgets.
"""

from __future__ import annotations

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Op
from tidegate.service.history import AnyChange, moves
from tidegate.tui.syncing import SIGN

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


def kind(change: AnyChange) -> str:
    """The type of the row, or that it is a suppression."""
    short = SHORT_TYPE[change.row.type]
    return short if isinstance(change.row, Indicator) else f"supp. {short}"


def sign(change: AnyChange) -> str:
    """`+`, `~` or `-`."""
    return SIGN[change.op]


def brief(change: AnyChange) -> str:
    """The fields that change, in one line; the reason for a row that comes or goes."""
    if change.op is not Op.UPDATE:
        return change.reason
    told = (
        f"{move.name} {word(move.before)} → {word(move.after)}"
        for move in moves(change)
        if move.name not in _BOOKKEEPING
    )
    return "; ".join(told)


def fields(change: AnyChange) -> list[tuple[str, str]]:
    """Each field that changes: its name, and `before → after`, or its value."""
    told = []
    for move in moves(change):
        if move.name in _IDENTITY:
            continue
        if change.op is Op.UPDATE:
            told.append((move.name, f"{word(move.before)} → {word(move.after)}"))
        else:
            told.append((move.name, word(move.after if change.op is Op.CREATE else move.before)))
    return told
