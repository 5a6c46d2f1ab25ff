"""The journal: every change to the list, in order, one JSON line each, chained by digests.

Owns the files: `journal.jsonl`, which grows, and `journal-<serial>.jsonl`, named after their last
change, into which it is put away when it is large. Together they are one chain. A change is durable
when `append` returns. The journal is also the audit trail and what undo reads.

Refuses to repair: an incomplete last line (a crash while appending) is skipped by readers and cut
off by the next append; any other damage raises StoreDamaged and touches nothing.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import IO

import orjson

from tidegate.errors import StoreDamaged
from tidegate.store.entry import (
    GENESIS,
    RECOVERY,
    STAMP_LENGTH,
    Entry,
    Records,
    begins,
    build,
    decode,
    encode,
    excerpt,
    seal,
    sum_of,
)
from tidegate.store.files import descriptor_of, named, open_private, sync_folder
from tidegate.store.records import Record

ROTATE_AT = 16 * 1024 * 1024
"""Bytes from which the journal is put away: a start checks every byte of the file that grows."""

_ARCHIVE = re.compile(r"journal-(\d{12,})\.jsonl")
_TAIL = 4096
_SECTOR = 512
_NONE: Records = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the growing journal: bytes before it, and the sum of the line that ends there."""

    offset: int = 0
    head: str = GENESIS


START = Position()


@dataclass(frozen=True, slots=True)
class Line:
    """One line that was checked: its record, and the position behind it."""

    record: Record
    position: Position


class Journal:
    """The journal of one tenant."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.remains = 0
        """Bytes of an append that never finished, as last seen by a reader."""

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
        stream = _opened(self.path)
        if stream is None:
            return False  # somebody puts it away just now
        with stream:
            stream.seek(offset)
            return begins(stream.read(STAMP_LENGTH), head)

    def archives(self) -> list[Path]:
        """The files that were put away, oldest first."""
        try:
            found = [p for p in self.path.parent.iterdir() if _ARCHIVE.fullmatch(p.name)]
        except FileNotFoundError:
            return []
        return sorted(found, key=lambda path: _serial(path.name))

    def base(self) -> str:
        """The sum that the growing file continues: that of the last line put away."""
        archives = self.archives()
        if not archives:
            return GENESIS
        with open_private(archives[-1], os.O_RDONLY) as stream:
            return _last_sum(stream)

    def put_away(self, serial: int, offset: int) -> bool:
        """Whether the file that ended with this change, at this size, was put away since."""
        path = self.path.with_name(f"journal-{serial:012}.jsonl")
        try:
            return path.stat().st_size == offset
        except FileNotFoundError:
            return False

    def rotate(self, serial: int) -> None:
        """Put the growing file away; `serial` is its last change. The next append begins anew."""
        self.path.rename(self.path.with_name(f"journal-{serial:012}.jsonl"))
        sync_folder(self.path.parent)

    def verify(self, upto: Position) -> None:
        """Check every line of the growing file before `upto`. Raises StoreDamaged.

        The lines are not read, only their sums and their chain: a start can afford that.
        """
        head = self.base()
        position = Position(0, head)
        if not upto.offset:
            return
        data = b""
        if (stream := _opened(self.path)) is not None:
            with stream:
                data = stream.read(upto.offset)
        # Not splitlines, which takes a damaged line end for another kind of line end.
        for line in io.BytesIO(data):
            try:
                head = seal(line, position.head)
            except ValueError as fault:
                raise _damaged(self.path, position.offset, fault) from fault
            position = Position(position.offset + len(line), head)
        if position != upto:
            raise StoreDamaged(f"{self.path} is not the journal that the list remembers")

    def follow(self, start: Position) -> Iterator[Line]:
        """Yield each complete line of the growing file after `start`.

        Raises StoreDamaged for anything but an incomplete last line.
        """
        self.remains = 0
        yield from self.read(self.path, start)

    def lines(self) -> Iterator[Line]:
        """Yield every line there is, those put away first. Raises StoreDamaged."""
        head = GENESIS
        for path, stream in self._files():
            for line in self._lines(path, stream, Position(0, head)):
                head = line.position.head
                yield line

    def _files(self, *, newest_first: bool = False) -> Iterator[tuple[Path, IO[bytes]]]:
        """Every file: one chain, oldest first or last, even when another rotates it just now."""
        archives, growing = self.archives(), _opened(self.path)
        while (found := self.archives()) != archives:
            if growing is not None:
                growing.close()
            archives, growing = found, _opened(self.path)
        with contextlib.ExitStack() as stack:
            if growing is not None:
                stack.enter_context(growing)
                if newest_first:
                    yield self.path, growing
            for path in reversed(archives) if newest_first else archives:
                with open_private(path, os.O_RDONLY) as stream:
                    yield path, stream
            if growing is not None and not newest_first:
                yield self.path, growing

    def entries(self) -> Iterator[Entry]:
        """The whole history, oldest first. Raises StoreDamaged."""
        for line in self.lines():
            try:
                yield build(line.record)
            except (ValueError, KeyError, TypeError) as fault:
                serial = line.record.get("serial")
                raise StoreDamaged(
                    f"{self.path}: change {serial} cannot be read: {fault}"
                ) from fault

    def since(self, serial: int) -> list[Record]:
        """The records after a change, oldest first, unchecked; for a list that was just read.

        Raises StoreDamaged for a line that cannot be read.
        """
        found: list[Record] = []
        for path in reversed((*self.archives(), self.path)):
            stream = _opened(path)
            if stream is None:
                continue
            with stream:
                lines = stream.readlines()
            end = sum(map(len, lines))
            for line in reversed(lines):
                end -= len(line)
                if not _finished(line):
                    continue
                try:
                    record = orjson.loads(line)
                    if record["serial"] <= serial:
                        return found[::-1]
                except (ValueError, KeyError, TypeError) as fault:
                    raise _damaged(path, end, fault) from fault
                found.append(record)
        return found[::-1]

    def naming(self, value: str) -> Iterator[Entry]:
        """Yield the entries that changed a row with this value or alias, with those changes only.

        The newest comes first, and what is not asked for is not read. A search for people, not an
        audit: lines without the text are skipped unread, and the chain is not followed. Raises
        StoreDamaged for a line that cannot be read.
        """
        needle = orjson.dumps(value)[1:-1]
        for path, stream in self._files(newest_first=True):
            with contextlib.closing(_read_aside(stream)) as data:
                begin = len(data)
                while (found := data.rfind(needle, 0, begin)) >= 0:
                    begin = data.rfind(b"\n", 0, found) + 1
                    end = data.find(b"\n", found) + 1
                    # JSON holds no zeros, but what an append left that never finished may.
                    if not end or data.find(b"\0", begin, end) >= 0:
                        continue
                    try:
                        entry = excerpt(data, value, begin, end)
                    except (ValueError, KeyError, TypeError) as fault:
                        raise _damaged(path, begin, fault) from fault
                    if entry.changes:
                        yield entry

    def read(self, path: Path, start: Position) -> Iterator[Line]:
        """Yield each complete line of one file of the journal after `start`; none when absent."""
        stream = _opened(path)
        if stream is not None:
            with stream:
                yield from self._lines(path, stream, start)

    def _lines(self, path: Path, stream: IO[bytes], start: Position) -> Iterator[Line]:
        position = start
        stream.seek(start.offset)
        for line in stream:
            if not line.endswith(b"\n"):
                self._incomplete(path, line, position)
                return  # a crash while appending: never acknowledged, cut by the next append
            try:
                record, head = decode(line, position.head)
            except (ValueError, KeyError, TypeError) as fault:
                end = os.fstat(stream.fileno()).st_size
                if (
                    path == self.path
                    and position.offset + len(line) == end
                    and _lost_sectors(line, position.offset)
                ):
                    self.remains = len(line)
                    return  # a power cut while appending: its sectors arrived out of order
                raise _damaged(path, position.offset, fault) from fault
            position = Position(position.offset + len(line), head)
            yield Line(record, position)

    def _incomplete(self, path: Path, line: bytes, at: Position) -> None:
        """An append that stopped short leaves less than a record, never a record and a bit more."""
        try:
            if path != self.path:
                raise StoreDamaged(f"{path} ends in the middle of the record at byte {at.offset}")
            seal(line[:-1] + b"\n", at.head)
        except ValueError:
            self.remains = len(line)
            return
        raise _damaged(path, at.offset, ValueError("its line end is damaged"))

    def append(
        self, entry: Entry, at: Position, rows: Records = _NONE, notes: Records = _NONE
    ) -> Line:
        """Write `entry` behind `at` and return once it is on disk.

        `rows` and `notes` hold the records of rows and suppressions as they were before, by id.
        Bytes behind `at` are the remains of an append that never finished; they go first.
        """
        line, record, head = encode(entry, at.head, rows, notes)
        descriptor = descriptor_of(self.path, os.O_RDWR | os.O_CREAT)
        try:
            if not at.offset:
                sync_folder(self.path.parent)  # a new name; before the record, which must not fail
            self._cut(descriptor, at)
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                os.fsync(descriptor)
            except OSError as fault:
                # Not acknowledged, so it must not come back by itself at the next read.
                os.ftruncate(descriptor, at.offset)
                raise named(fault, self.path) from fault
        finally:
            os.close(descriptor)
        return Line(record, Position(at.offset + len(line), head))

    def _cut(self, descriptor: int, at: Position) -> None:
        """Go to where the record will stand, and remove what an unfinished append left there."""
        end = os.lseek(descriptor, 0, os.SEEK_END)
        if end < at.offset:
            raise StoreDamaged(f"{self.path} is shorter than the list remembers")
        if end > at.offset:
            os.ftruncate(descriptor, at.offset)
            os.fsync(descriptor)  # else a power cut could mix it with the record that comes now
            os.lseek(descriptor, at.offset, os.SEEK_SET)


def _opened(path: Path) -> IO[bytes] | None:
    try:
        return open_private(path, os.O_RDONLY)
    except FileNotFoundError:
        return None


def _read_aside(stream: IO[bytes]) -> mmap.mmap:
    """The bytes of a file in memory that goes back to the system when it is closed.

    As one of many values it would keep its place in the process, and would push up what that keeps
    free. Not a map of the file itself: another process may cut that short meanwhile.
    """
    size = os.fstat(stream.fileno()).st_size
    data, there = mmap.mmap(-1, max(1, size)), 0
    with io.FileIO(stream.fileno(), closefd=False) as raw, memoryview(data) as view:
        while there < size and (got := raw.readinto(view[there:size])):
            there += got
    return data


def _finished(line: bytes) -> bool:
    """Whether a line that nobody checks can be read: JSON holds no zeros, remains may."""
    return line.endswith(b"\n") and b"\0" not in line


def _damaged(path: Path, offset: int, fault: Exception) -> StoreDamaged:
    return StoreDamaged(f"{path}, the record at byte {offset}: {fault}")


def _serial(name: str) -> int:
    found = _ARCHIVE.fullmatch(name)
    return int(found[1]) if found else 0


def _lost_sectors(line: bytes, offset: int) -> bool:
    """Whether whole sectors of a line are zeros: what was never written reads so.

    JSON holds no zero bytes. A zero among other bytes of a sector is damage of another kind.
    """
    if b"\0" not in line:
        return False
    first = -offset % _SECTOR
    edges = [0, *range(first, len(line), _SECTOR), len(line)]
    sectors = [line[a:b] for a, b in pairwise(edges) if a < b]
    return all(b"\0" not in sector or not sector.strip(b"\0") for sector in sectors)


def _last_sum(stream: IO[bytes]) -> str:
    """The sum of a file's last line, read from its end."""
    end = stream.seek(0, os.SEEK_END)
    size = min(_TAIL, end)
    while True:
        stream.seek(end - size)
        tail = stream.read(size)
        cut = tail.rstrip(b"\n").rfind(b"\n")
        if cut >= 0 or size == end:
            return sum_of(tail[cut + 1 :])
        size = min(size * 2, end)


def follows(record: Record, serial: int) -> bool:
    """Whether a record may come after the change with this serial."""
    found = record["serial"]
    return bool(found == serial + 1 or (record["door"] == RECOVERY and found > serial))
