"""The journal: every change to the list, in order, one JSON line each, chained by digests.

Owns the file format: `{"sum":"<sha256>",…}`, where the sum covers the rest of the line and the line
names the sum before it in `prev`, so that an edited, dropped or reordered line shows. A change is
durable when `append` returns. The journal is also the audit trail and what undo reads.

Refuses to repair: an incomplete last line (a crash while appending) is skipped by readers and cut
off by the next append; any other damage raises StoreDamaged and touches nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from tidegate.clock import read_stamp, stamp
from tidegate.errors import StoreDamaged, StoreTooNew
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.plan import Change
from tidegate.store.files import open_private, sync_folder
from tidegate.store.records import (
    change_record,
    indicator_record,
    read_change_record,
    read_indicator_record,
    read_suppression_record,
    suppression_record,
)

SCHEMA = 1
GENESIS = "0" * 64
_PREFIX = b'{"sum":"'
_BODY_AT = len(_PREFIX) + 64 + len(b'",')


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


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the journal: bytes before it, and the sum of the line that ends there."""

    offset: int = 0
    head: str = GENESIS


START = Position()


def _encode(entry: Entry, head: str) -> tuple[bytes, str]:
    body = orjson.dumps(
        {
            "schema": SCHEMA,
            "serial": entry.serial,
            "lineage": entry.lineage,
            "at": stamp(entry.at),
            "actor": entry.actor,
            "door": entry.door,
            "reason": entry.reason,
            "undoes": entry.undoes,
            "changes": [change_record(c, indicator_record) for c in entry.changes],
            "suppressions": [change_record(c, suppression_record) for c in entry.suppressions],
            "prev": head,
        }
    )
    digest = hashlib.sha256(body).hexdigest()
    return _PREFIX + digest.encode() + b'",' + body[1:] + b"\n", digest


def _verified(line: bytes, head: str) -> tuple[dict[str, Any], str]:
    """Return the record and its sum. Raises ValueError when the line is not what was written."""
    if not line.startswith(_PREFIX) or line[_BODY_AT - 2 : _BODY_AT] != b'",':
        raise ValueError("no checksum")
    digest = line[len(_PREFIX) : len(_PREFIX) + 64].decode("ascii")
    body = b"{" + line[_BODY_AT:].removesuffix(b"\n")
    if hashlib.sha256(body).hexdigest() != digest:
        raise ValueError("the checksum does not fit")
    record: dict[str, Any] = orjson.loads(body)
    if record["schema"] > SCHEMA:
        raise StoreTooNew(
            f"the journal was written by a newer Tidegate (schema {record['schema']})",
            "use that version; this one left the file as it is",
        )
    if record["prev"] != head:
        raise ValueError("it does not follow the record before it")
    return record, digest


def _entry(record: dict[str, Any]) -> Entry:
    return Entry(
        serial=record["serial"],
        at=read_stamp(record["at"]),
        actor=record["actor"],
        door=record["door"],
        reason=record["reason"],
        undoes=record["undoes"],
        lineage=record["lineage"],
        changes=tuple(read_change_record(c, read_indicator_record) for c in record["changes"]),
        suppressions=tuple(
            read_change_record(c, read_suppression_record) for c in record["suppressions"]
        ),
    )


def _names(change: dict[str, Any], value: str) -> bool:
    """Whether a change's record is about a row with this value or alias."""
    row = change["after"] or change["before"]
    return row["value"] == value or any(
        alias.partition(":")[2] == value for alias in row.get("aliases", ())
    )


class Journal:
    """The journal file of one tenant."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def size(self) -> int:
        """Bytes on disk; 0 when there is no journal yet."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def inode(self) -> int:
        """Identity of the file, so that a follower notices when it was replaced; 0 when absent."""
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return 0

    def holds(self, head: str, offset: int) -> bool:
        """Whether the line that begins at `offset` has this sum."""
        start = _PREFIX + head.encode()
        with open_private(self.path, os.O_RDONLY) as stream:
            stream.seek(offset)
            return stream.read(len(start)) == start

    def lineage(self) -> str:
        """The list that this journal belongs to; empty when nothing was ever written."""
        try:
            with open_private(self.path, os.O_RDONLY) as stream:
                line = stream.readline()
        except FileNotFoundError:
            return ""
        if not line.endswith(b"\n"):
            self._refuse_spoilt_end(line, 1, START)
            return ""
        return self._checked(line, 1, START)[0].lineage

    def read(self, start: Position = START) -> Iterator[tuple[Entry, Position]]:
        """Yield each complete entry after `start`, with the position behind it.

        Raises StoreDamaged for anything but an incomplete last line.
        """
        try:
            stream = open_private(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return
        position = start
        with stream:
            stream.seek(start.offset)
            for number, line in enumerate(stream, 1):
                if not line.endswith(b"\n"):
                    self._refuse_spoilt_end(line, number, position)
                    return  # a crash while appending: never acknowledged, cut by the next append
                entry, head = self._checked(line, number, position)
                position = Position(position.offset + len(line), head)
                yield entry, position

    def naming(self, value: str) -> Iterator[Entry]:
        """Yield the entries that changed a row with this value or alias, with those changes only.

        A search for people, not an audit: lines without the text are skipped unread, and the chain
        is not followed. Raises StoreDamaged for a line that cannot be read.
        """
        needle = orjson.dumps(value)[1:-1]
        try:
            stream = open_private(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return
        with stream:
            for number, line in enumerate(stream, 1):
                if not line.endswith(b"\n") or needle not in line:
                    continue
                try:
                    record = orjson.loads(line)
                    record["changes"] = [c for c in record["changes"] if _names(c, value)]
                    entry = _entry(record)
                except (ValueError, KeyError, TypeError) as fault:
                    raise StoreDamaged(
                        f"{self.path}, record {number}: {fault}",
                        "nothing was changed; keep a copy of the folder",
                    ) from fault
                if entry.changes:
                    yield entry

    def _checked(self, line: bytes, number: int, at: Position) -> tuple[Entry, str]:
        try:
            record, head = _verified(line, at.head)
            entry = _entry(record)
        except (ValueError, KeyError, TypeError) as fault:
            raise StoreDamaged(
                f"{self.path}, record {number} (byte {at.offset}): {fault}",
                "nothing was changed; keep a copy of the folder",
            ) from fault
        return entry, head

    def _refuse_spoilt_end(self, line: bytes, number: int, at: Position) -> None:
        """An append that stopped short leaves less than a record, never a record and a bit more."""
        try:
            _verified(line[:-1], at.head)
        except (ValueError, KeyError, TypeError):
            return
        raise StoreDamaged(
            f"{self.path}, record {number} (byte {at.offset}): its line end is damaged",
            "nothing was changed; keep a copy of the folder",
        )

    def append(self, entry: Entry, at: Position) -> Position:
        """Write `entry` behind `at` and return once it is on disk.

        Bytes behind `at` are the remains of an append that never finished; they go first.
        """
        line, head = _encode(entry, at.head)
        new = not self.path.exists()
        with open_private(self.path, os.O_RDWR | os.O_CREAT) as stream:
            # Past the stream's buffer: what it could not write now it would write on closing.
            descriptor = stream.fileno()
            if os.lseek(descriptor, 0, os.SEEK_END) != at.offset:
                os.ftruncate(descriptor, at.offset)
                os.lseek(descriptor, at.offset, os.SEEK_SET)
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                os.fsync(descriptor)
            except OSError:
                # Not acknowledged, so it must not come back by itself at the next read.
                os.ftruncate(descriptor, at.offset)
                raise
        if new:
            sync_folder(self.path.parent)
        return Position(at.offset + len(line), head)
