"""Records of a CSV of events, one after the other and in bounded memory.

Owns the header, the delimiter, quotes that are never closed and rows that fit no header. Refuses to
know what a column means.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from tidegate.sources.event_lines import Block
from tidegate.sources.event_problems import Problems

_RESTARTS = 100
"""Quotes without end after which no line is read a second time: each makes up to so many be."""
_RECORD = 128 * 1024
"""Characters of one record, line feeds within quotes included."""

Record = dict[str, str]


def delimiter_of(header: str) -> str:
    """The character between the columns: spreadsheets of half of Europe write semicolons."""
    return max(",;\t", key=header.count)


class _Text:
    """Lines as text. What belongs to the record being read is kept, to be read again."""

    def __init__(self, blocks: Iterator[Block], problems: Problems) -> None:
        self._problems = problems
        self._fresh = self._decoded(blocks)
        self._again: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []
        self._size = 0

    def begin(self) -> None:
        """Forget the record before: the next line begins another."""
        self.taken.clear()
        self._size = 0

    def restart(self) -> None:
        """Give the lines of this record again, but for the first."""
        self._again.extendleft(reversed(self.taken[1:]))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._size > _RECORD:
            raise csv.Error("a record without end")
        numbered = self._again.popleft() if self._again else next(self._fresh)
        self.taken.append(numbered)
        self._size += len(numbered[1])
        return numbered[1]

    def _decoded(self, blocks: Iterator[Block]) -> Iterator[tuple[int, str]]:
        for block in blocks:
            for number, line in enumerate(block.lines, block.first):
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError:
                    text = line.decode("latin-1")
                    self._problems.add("encoding", number)
                yield number, text.replace("\0", "") + "\n"


def records(
    blocks: Iterator[Block], delimiter: str, problems: Problems
) -> Iterator[tuple[int, Record]]:
    """Yield each record with the number of its first line; the first record names the columns."""
    text = _Text(blocks, problems)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    header: list[str] = []
    restarts = 0
    while True:
        text.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            problems.add("broken_row", text.taken[0][0])
            if restarts < _RESTARTS:
                restarts += 1
                text.restart()
            continue
        if not any(cells):
            continue
        if not header:
            header = [cell.strip() for cell in cells]
            continue
        number = text.taken[0][0]
        if len(cells) != len(header):
            problems.add("ragged_row", number)
        yield number, dict(zip(header, cells, strict=False))
