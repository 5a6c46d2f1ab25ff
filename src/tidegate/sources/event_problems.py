"""What was odd about a file of events: counted by kind, with the first lines of each.

Owns the kinds and their words. Refuses to stop anything: whoever reads goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

_LINES = 3
_KINDS = 1_000
"""Kinds of one reading that are told apart; a file may name as many unknown columns as it likes."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "not_json": "no JSON: left out",
        "not_an_object": "JSON, but no object: left out",
        "over_long": "longer than 1 MiB: left out",
        "encoding": "not UTF-8: read as Latin-1",
        "cut_short": "the compressed file ends too early: what came before was read",
        "unreadable": "the file could not be read any further",
        "broken_row": "a quote that is never closed: the line was left out",
        "ragged_row": "more or fewer cells than columns: read as far as they fit",
        "unknown_column": "a column that no hunting table has: ignored",
        "no_time": "no Timestamp that can be read: taken as of now",
        "future": "events from the future",
        "missing_hash": "a file without any hash",
        "bad_value": "a value that cannot be read: left out of its event",
        "unknown_verdict": "a Verdict that is none: --finding holds",
        "unknown_group": "a MachineGroup that config.toml does not name",
        "unknown_device": "a device that the devices file does not list: in no group",
    }
)
"""The kinds, each with what it means and what was done about it."""


class Problem(NamedTuple):
    """One kind of problem of one file. `detail` tells kinds apart further, such as the column."""

    file: str
    kind: str
    detail: str
    times: int
    lines: tuple[int, ...]

    @property
    def words(self) -> str:
        """What it means and what was done about it."""
        return f"{WORDS[self.kind]}: {self.detail}" if self.detail else WORDS[self.kind]


class Problems:
    """Counts the problems of one reading. `file` is the one that is being read."""

    def __init__(self) -> None:
        self.file = ""
        self._found: dict[tuple[str, str, str], tuple[int, tuple[int, ...]]] = {}

    def add(self, kind: str, line: int, detail: str = "") -> None:
        """Count a problem that the event in this line has; 0 where there is no line."""
        key = (self.file, kind, detail)
        if key not in self._found and len(self._found) >= _KINDS:
            key = (self.file, kind, "and others")
        known, lines = self._found.get(key, (0, ()))
        if line and len(lines) < _LINES:
            lines = (*lines, line)
        self._found[key] = (known + 1, lines)

    def __iter__(self) -> Iterator[Problem]:
        """Every kind of problem, in the order of its first line."""
        for (file, kind, detail), (times, lines) in self._found.items():
            yield Problem(file, kind, detail, times, lines)

    def __bool__(self) -> bool:
        """Whether there was any."""
        return bool(self._found)
