"""One line of the journal: how a change is written, sealed, chained and read back.

A line is `{"sum":"<sha256>",…,"prev":"<sum of the line before>"}`: the sum covers the rest of the
line, so an edited, dropped or reordered line shows. Refuses to know files: `journal` does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from mmap import mmap
from types import MappingProxyType
from typing import Any

import orjson

from tidegate.clock import read_stamp, stamp
from tidegate.errors import StoreTooNew
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.plan import Change
from tidegate.store.records import (
    Record,
    change_record,
    indicator_record,
    read_change_record,
    read_indicator_record,
    read_suppression_record,
    suppression_record,
)

SCHEMA = 3
"""What is written; 1 and 2 are read, too.

2: rows have `settled`, checkpoints have `at`. 3: rows have `overrides` and `context`.
"""

GENESIS = "0" * 64
RECOVERY = "recovery"
"""The door of a record that stands for changes which can no longer be read; serials may jump."""

_PREFIX = b'{"sum":"'
_BODY_AT = len(_PREFIX) + 64 + len(b'",')
_PREV = b',"prev":"'
_PREV_AT = -len(b'"}\n') - 64
# What a line is cut at. No text holds these: a quotation mark in a text has a backslash before it.
_CHANGES = b',"changes":['
_CHANGE = b'{"op":"'
_NOTES = b'],"suppressions":['


@dataclass(frozen=True, slots=True)
class Entry:
    """One applied plan: who, when, through which door, why, and every row before and after."""

    serial: int
    at: datetime
    actor: str
    door: str
    reason: str
    changes: tuple[Change[Indicator], ...] = ()
    suppressions: tuple[Change[Suppression], ...] = ()
    undoes: int | None = None
    lineage: str = ""
    sum: str = ""
    """Digest of the line, which the next line repeats; empty before it is written."""


Records = Mapping[str, Record]
_NONE: Records = MappingProxyType({})


def encode(
    entry: Entry, head: str, rows: Records = _NONE, notes: Records = _NONE
) -> tuple[bytes, Record, str]:
    """Write an entry behind the line whose sum is `head`: the line, its record and its sum.

    `rows` and `notes` hold the records of rows and suppressions as they were before, by id.
    """
    record: Record = {
        "schema": SCHEMA,
        "serial": entry.serial,
        "lineage": entry.lineage,
        "at": stamp(entry.at),
        "actor": entry.actor,
        "door": entry.door,
        "reason": entry.reason,
        "undoes": entry.undoes,
        "changes": [change_record(c, indicator_record, rows) for c in entry.changes],
        "suppressions": [change_record(c, suppression_record, notes) for c in entry.suppressions],
        "prev": head,
    }
    body = orjson.dumps(record)
    digest = hashlib.sha256(body).hexdigest()
    return b"".join((_PREFIX, digest.encode(), b'",', body[1:], b"\n")), record, digest


def seal(line: bytes, head: str | None) -> str:
    """Check a line's sum and the sum it follows, without reading what it says; return its sum.

    `head` None accepts any line before it. Raises ValueError when it is not what was written.
    """
    if not line.endswith(b"\n"):
        raise ValueError("its line end is damaged")
    if not line.startswith(_PREFIX) or line[_BODY_AT - 2 : _BODY_AT] != b'",':
        raise ValueError("no checksum")
    digest = line[len(_PREFIX) : _BODY_AT - 2].decode("ascii")
    told = hashlib.sha256(b"{")
    told.update(memoryview(line)[_BODY_AT:-1])
    if told.hexdigest() != digest:
        raise ValueError("the checksum does not fit")
    if line[_PREV_AT - len(_PREV) : _PREV_AT] != _PREV:
        raise ValueError("it does not say what it follows")
    if head is not None and line[_PREV_AT:-3].decode("ascii") != head:
        raise ValueError("it does not follow the record before it")
    return digest


def sum_of(line: bytes) -> str:
    """The sum that a line carries, unchecked; empty when it carries none."""
    return line[len(_PREFIX) : _BODY_AT - 2].decode("ascii", "replace") * line.startswith(_PREFIX)


def split(line: bytes) -> Iterator[bytes]:
    r"""The records that stand in one line because a line end between or after them is damaged.

    No text within a record can look like its beginning: JSON writes a quote in a text as `\"`.
    """
    while line:
        end = line.find(_PREFIX, 1)
        part, line = (line, b"") if end < 0 else (line[:end], line[end:])
        whole = part[:-1] + b"\n"
        try:
            seal(whole, None)
        except ValueError:
            yield part
        else:
            yield whole


def begins(line: bytes, digest: str) -> bool:
    """Whether this is the beginning of the line with that sum."""
    return line.startswith(_PREFIX + digest.encode())


STAMP_LENGTH = _BODY_AT
"""Bytes that `begins` needs."""


def decode(line: bytes, head: str | None) -> tuple[dict[str, Any], str]:
    """Check a line and return its record and sum. Raises ValueError, KeyError; StoreTooNew."""
    digest = seal(line, head)
    record: dict[str, Any] = orjson.loads(line)
    if record["schema"] > SCHEMA:
        raise StoreTooNew(
            f"the journal was written by a newer Tidegate (schema {record['schema']})",
            "use that version; this one left the file as it is",
        )
    return record, digest


def build(record: dict[str, Any]) -> Entry:
    """Read a whole record. Raises ValueError, KeyError or TypeError when it does not fit."""
    return Entry(
        serial=record["serial"],
        at=read_stamp(record["at"]),
        actor=record["actor"],
        door=record["door"],
        reason=record["reason"],
        undoes=record["undoes"],
        lineage=record["lineage"],
        sum=record["sum"],
        changes=tuple(read_change_record(c, read_indicator_record) for c in record["changes"]),
        suppressions=tuple(
            read_change_record(c, read_suppression_record) for c in record["suppressions"]
        ),
    )


def excerpt(data: bytes | mmap, value: str, begin: int = 0, end: int | None = None) -> Entry:
    """Read of a line its head and the changes of rows with this value or alias; unchecked.

    The line is that between `begin` and `end` of `data`. That of a bulk change is megabytes, so
    each change that has the text is cut out of it and the rest is not read. Raises ValueError,
    KeyError or TypeError when it does not fit.
    """
    text = orjson.dumps(value)[1:-1]
    behind = len(data) if end is None else end
    first = _place(data.find(_CHANGES, begin, behind))
    record = orjson.loads(data[begin:first] + b"}")
    last = _place(data.rfind(_NOTES, first, behind))
    place = first + len(_CHANGES)
    changes = []
    while place < last and (found := data.find(text, place, last)) >= 0:
        opens = data.rfind(_CHANGE, first, found + len(_CHANGE))
        next_one = data.find(b"," + _CHANGE, found, last)
        place = last if next_one < 0 else next_one + 1
        change = orjson.loads(data[opens:place].rstrip(b","))
        if names(change, value):
            changes.append(change)
    return build(record | {"changes": changes, "suppressions": ()})


def _place(found: int) -> int:
    if found < 0:
        raise ValueError("it is no change to the list")
    return found


def names(change: dict[str, Any], value: str) -> bool:
    """Whether a change's record is about a row with this value or alias."""
    row = change["after"] or change["before"]
    return row["value"] == value or any(
        alias.partition(":")[2] == value for alias in row.get("aliases", ())
    )


def touched(records: Sequence[dict[str, Any]]) -> set[str]:
    """The values, other hashes of a file among them, that these records are about."""
    return {
        value
        for record in records
        for change in (*record["changes"], *record["suppressions"])
        for row in (change["before"], change["after"])
        if row is not None
        for value in (row["value"], *map(hash_of, row.get("aliases", ())))
    }


def hash_of(alias: str) -> str:
    """The hash in an alias such as `FileSha1:…`."""
    return alias.partition(":")[2]
