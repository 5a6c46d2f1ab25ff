"""What the journal says about each change: does it stand, who took it back, who put it back.

Everything is read from the journal each time, so it holds across restarts and processes. An entry
that takes back a change is an undo; one that takes back an undo is a redo, and its change stands
again from then on. Refuses to look at rows: whether a change can be taken back is `reversal`'s.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tidegate.errors import UsageError
from tidegate.service.workspace import Workspace
from tidegate.store.entry import RECOVERY, Entry

NOBODYS = {"expiry": "rows that expired", RECOVERY: "a recovery from damage"}
"""Doors of what the store journals by itself, and what that is; it cannot be taken back."""

_KEPT_ROWS = 20_000
"""Changed rows whose entries stay at hand after a reading; older ones are read again if needed."""

_BATCH = 20

_SPAN = re.compile(r"([0-9]{1,12})(\.\.([0-9]{1,12})?)?")
_SHOWS = "`tidegate history` shows what happened"


@dataclass(frozen=True, slots=True)
class Span:
    """Changes by serial, both ends included; `last` None means up to the newest."""

    first: int
    last: int | None

    @classmethod
    def read(cls, text: str) -> Span:
        """Read `12`, `12..15` or `12..`. Raises ValueError."""
        found = _SPAN.fullmatch(text.replace(",", "").strip())
        if found is None:
            raise ValueError(f"{text[:40]!r} is no change: write 12, 12..15, or 12.. to the last")
        first = int(found[1])
        last = first if found[2] is None else int(found[3]) if found[3] else None
        if last is not None and last < first:
            raise ValueError(f"{text[:40]!r} ends before it begins: write {last}..{first}")
        return cls(first, last)

    @property
    def single(self) -> bool:
        """Whether it names one change."""
        return self.first == self.last

    @property
    def text(self) -> str:
        """The span in words."""
        if self.single:
            return f"change {self.first}"
        return f"changes {self.first} to {'the newest' if self.last is None else self.last}"

    def __contains__(self, serial: int | None) -> bool:
        """Whether a change is within."""
        return (
            serial is not None
            and serial >= self.first
            and (self.last is None or serial <= self.last)
        )


@dataclass(slots=True)
class Trail:
    """The journal up to `last`, without its rows."""

    ws: Workspace
    last: int = 0
    standing: dict[int, int] = field(default_factory=dict)
    """Changes in force, to the entry that put them in force; the oldest of those first."""
    undos: dict[int, int] = field(default_factory=dict)
    """Undos, to the change that each took back."""
    redos: dict[int, int] = field(default_factory=dict)
    """Redos, to the change that each put back."""
    undone_by: dict[int, int] = field(default_factory=dict)
    """Entries that are no longer in force, to the one that took them back."""
    redone_by: dict[int, int] = field(default_factory=dict)
    """Changes that stand thanks to a redo, to that redo."""
    nobodys: dict[int, str] = field(default_factory=dict)
    """Entries that are no step of anybody, to their door."""
    _recent: deque[Entry] = field(default_factory=deque)
    _recent_rows: int = 0

    @classmethod
    def of(cls, ws: Workspace) -> Trail:
        """Read the journal once."""
        trail = cls(ws)
        for entry in ws.store.entries():
            trail.take(entry)
            trail._keep(entry)
        return trail

    def take(self, entry: Entry) -> None:
        """Move on by one entry."""
        serial = self.last = entry.serial
        target = entry.undoes
        if target is None:
            if entry.door in NOBODYS:
                self.nobodys[serial] = entry.door
            else:
                self.standing[serial] = serial
        elif target in self.undos:
            step = self.undos[target]
            self.redos[serial] = step
            self.undone_by[target] = serial
            self.undone_by.pop(step, None)
            self.redone_by[step] = serial
            self.standing[step] = serial
        else:
            self.undos[serial] = target
            self.undone_by[target] = serial
            self.standing.pop(target, None)
            if (redo := self.redone_by.pop(target, None)) is not None:
                self.undone_by[redo] = serial

    def undoable(self, span: Span | None = None) -> Iterator[int]:
        """The changes in force, the last put in force first; those of a span when one is given.

        Raises UsageError for a span of one change that cannot be taken back, saying why.
        """
        if span is not None and span.single:
            yield self._step(span.first)
            return
        for serial, since in reversed(self.standing.items()):
            if span is None or serial in span or since in span:
                yield serial

    def redoable(self, span: Span | None = None) -> Iterator[int]:
        """The undos that were not redone, newest first; a span names them or their changes.

        Raises UsageError for a span of one change that cannot be redone, saying why.
        """
        if span is not None and span.single:
            yield self._undo(span.first)
            return
        for serial, step in reversed(self.undos.items()):
            if serial not in self.undone_by and (span is None or serial in span or step in span):
                yield serial

    def _step(self, serial: int) -> int:
        self.known(serial)
        step = self.redos.get(serial, serial)
        if serial in self.undos:
            raise UsageError(
                f"change {serial} is an undo itself",
                f"`tidegate redo --change {serial}` puts back what it took back",
            )
        if (by := self.undone_by.get(serial)) is not None:
            raise UsageError(
                f"change {serial} was taken back by change {by} already",
                f"`tidegate redo --change {serial}` puts it back",
            )
        if serial in self.nobodys:
            what = NOBODYS[self.nobodys[serial]]
            raise UsageError(f"change {serial} is {what}: it cannot be taken back", _SHOWS)
        return step

    def _undo(self, serial: int) -> int:
        self.known(serial)
        if serial in self.undos:
            by = self.undone_by.get(serial)
            if by is None:
                return serial
            raise UsageError(f"change {serial} was redone by change {by} already", _SHOWS)
        by = self.undone_by.get(self.redos.get(serial, serial))
        if by is None:
            raise UsageError(f"change {serial} was not taken back: nothing to redo", _SHOWS)
        return by

    def known(self, serial: int) -> None:
        """Raise UsageError when there is no change of this number."""
        places = (self.standing, self.undone_by, self.undos, self.redos, self.nobodys)
        if not any(serial in place for place in places):
            raise UsageError(f"there is no change {serial}", _SHOWS)

    def entries(self, serials: Iterable[int]) -> Iterator[Entry]:
        """The entries with these serials, in this order."""
        wanted = iter(serials)
        while batch := list(islice(wanted, _BATCH)):
            found = {entry.serial: entry for entry in self._recent}
            missing = {serial for serial in batch if serial not in found}
            if missing:
                found |= {e.serial: e for e in self.ws.store.entries() if e.serial in missing}
            for serial in batch:
                yield found[serial]

    def _keep(self, entry: Entry) -> None:
        self._recent.append(entry)
        self._recent_rows += len(entry.changes) + 1
        while self._recent_rows > _KEPT_ROWS and len(self._recent) > 1:
            self._recent_rows -= len(self._recent.popleft().changes) + 1
