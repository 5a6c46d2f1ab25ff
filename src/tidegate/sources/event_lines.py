"""Lines of a stream of bytes, by the block and in bounded memory, whatever the encoding.

Owns gzip, byte order marks, UTF-16 and lines without end. Refuses to know what is in a line.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple

from tidegate.sources.event_problems import Problems

CHUNK = 256 * 1024
LONGEST = 1024 * 1024
"""Bytes of a line; an event of the hunting tables has a few thousand."""

_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Block(NamedTuple):
    """Whole lines, without their line feeds. `end` is where the stream is read up to."""

    first: int
    lines: list[bytes]
    end: int
    whole: bool
    """False for a last line that has no line feed: it may still be being written."""


class Stream:
    """A stream that was looked at: `head` are its first bytes, decompressed and as UTF-8.

    `place` says that it goes on there with whole lines of UTF-8. `seekable` says that offsets are
    those of the file itself. Raises OSError.
    """

    def __init__(self, raw: IO[bytes], problems: Problems, place: int = 0) -> None:
        self._problems = problems
        self._read: Callable[[], bytes] = lambda: _some(raw)
        self.seekable = True
        self.skipped = place
        first = self.head = _some(raw)
        if place:
            return
        if first.startswith(_GZIP):
            self.seekable = False
            packed = gzip.GzipFile(mode="rb", fileobj=_Joined(first, raw))
            self._read = lambda: self._unpacked(packed)
            first = self._read()
        self.skipped = len(codecs.BOM_UTF8) if first.startswith(codecs.BOM_UTF8) else 0
        self.head = first[self.skipped :]
        if (name := _utf16(first)) is not None:
            self.seekable = False
            decoder = codecs.getincrementaldecoder(name)("replace")
            narrow = self._read
            self.head = decoder.decode(first).lstrip("\ufeff").encode("utf-8", "replace")
            self._read = lambda: _transcoded(decoder, narrow)

    def _unpacked(self, packed: gzip.GzipFile) -> bytes:
        try:
            return packed.read1(CHUNK)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            self._problems.add("cut_short", 0)
            return b""

    def blocks(self, line: int = 1) -> Iterator[Block]:
        """Yield what follows, from line number `line` on."""
        end = self.skipped
        carry, more, skipping = b"", self.head, False
        self.head = b""
        while more:
            end += len(more)
            lines = (carry + more).split(b"\n")
            carry = lines.pop()
            first = line
            line += len(lines)
            if skipping and lines:
                del lines[0]
                first += 1
                skipping = False
            elif skipping:
                carry = b""
            if len(carry) > LONGEST:
                self._problems.add("over_long", line)
                carry, skipping = b"", True
            if lines:
                yield Block(first, lines, end - len(carry), whole=True)
            more = self._next(line)
        if carry:
            yield Block(line, [carry], end, whole=False)

    def _next(self, line: int) -> bytes:
        try:
            return self._read()
        except OSError as fault:
            self._problems.add("unreadable", line, fault.strerror or "")
            return b""


def _some(raw: IO[bytes]) -> bytes:
    """What is there: a pipe need not fill a chunk before its lines are looked at."""
    read: Callable[[int], bytes] = getattr(raw, "read1", raw.read)
    return read(CHUNK)


def _utf16(first: bytes) -> str | None:
    """The name of the encoding, by its mark or by the NUL beside a first ASCII character."""
    if first.startswith(_UTF16):
        return "utf-16"
    zeros = [not byte for byte in first[:2]]
    if zeros == [True, False]:
        return "utf-16-be"
    return "utf-16-le" if zeros == [False, True] else None


def _transcoded(decoder: codecs.IncrementalDecoder, read: Callable[[], bytes]) -> bytes:
    while more := read():
        # Half a character alone decodes to nothing, which is not the end.
        if text := decoder.decode(more):
            return text.encode("utf-8", "replace")
    return decoder.decode(b"", final=True).encode("utf-8", "replace")


class _Joined:
    """Bytes that were read already, and then the rest of their stream."""

    def __init__(self, first: bytes, rest: IO[bytes]) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        if self._first:
            given, self._first = self._first[:size], self._first[size:]
            return given
        return self._rest.read(size)

    def seek(self, place: int, /) -> object:
        raise OSError(f"not asked for: {place}")
