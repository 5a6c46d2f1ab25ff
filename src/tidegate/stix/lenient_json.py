"""JSON as feeds write it: one odd token costs the object it stands in, not the whole document.

Owns what counts as odd (NaN, infinities, numbers beyond a double, lone surrogates, bytes that are
no UTF-8) and as broken. Refuses broken JSON with its line and column, and nesting that no reader
follows. Sound documents are read once, by the fast decoder; only the others pay for the slow one.
"""

from __future__ import annotations

import json
from math import isfinite

import orjson

_SAFE_DIGITS = 18
"""Integers of up to as many characters fit into 64 bits for certain."""


class BrokenJson(ValueError):
    """A document that cannot be read: `reason`, and where, both counted from 1."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(f"line {line} column {column}: {reason}")
        self.reason = reason
        self.line = line
        self.column = column


class _Unreadable:
    """Stands where a token had no value that could be kept."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "(unreadable)"


UNREADABLE = _Unreadable()


def decode(data: bytes) -> object:
    """Return the decoded document; raises BrokenJson.

    It may hold UNREADABLE and texts with lone surrogates; `storable` tells which of its parts do.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        # Its own reason is dropped: it may be the odd token, and the slow decoder knows better.
        line, column = error.lineno, error.colno
    try:
        # Bytes that are no UTF-8 become lone surrogates, which mark their object like any others.
        return _LENIENT.decode(data.decode("utf-8", "surrogateescape"))
    except json.JSONDecodeError as error:
        raise BrokenJson("not JSON", error.lineno, error.colno) from None
    except RecursionError:
        raise BrokenJson("JSON nested too deep", line, column) from None


def storable(part: object) -> bool:
    """Say whether a decoded part can be written as JSON again, with nothing odd in it.

    Says no, too, to nesting beyond what the writer takes (254 levels in orjson).
    """
    try:
        orjson.dumps(part)
    except TypeError:  # of which orjson.JSONEncodeError is another name
        return False
    return True


def _float(text: str) -> object:
    number = float(text)
    return number if isfinite(number) else UNREADABLE


def _integer(text: str) -> object:
    # As the fast decoder reads them: beyond 64 bits a number is a double. Never int() of thousands
    # of digits, which takes quadratic time.
    if len(text) <= _SAFE_DIGITS:
        return int(text)
    if len(text) <= len(str(-(2**63))) and -(2**63) <= int(text) < 2**64:
        return int(text)
    return _float(text)


def _constant(_: str) -> object:
    return UNREADABLE


_LENIENT = json.JSONDecoder(parse_float=_float, parse_int=_integer, parse_constant=_constant)
