"""What the journal says about each change: does it stand, who took it back, who put it back.

Everything is read from the journal each time, so it holds across restarts and processes. An entry
that takes back a change is an undo; one that takes back an undo is a redo, and its change stands
again from then on. Refuses to look at rows: whether a change can be taken back is `reversal`'s, and
rows are built only of the entries that somebody asks for.
"""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tidegate.errors import StoreDamaged, TidegateError, UsageError
from tidegate.service.workspace import Workspace
from tidegate.store.entry import RECOVERY, Entry, build
from tidegate.store.records import Record

NOBODYS = {"expiry": "rows that expired", RECOVERY: "a recovery from damage"}
"""Doors of what the store journals by itself, and what that is; it cannot be taken back."""

_KEPT_ROWS = 5_000
"""Changed rows whose records stay at hand after a reading; older ones are read again if needed."""

_BATCH = 20
"""Records looked for in one more reading, unless their rows are too many already."""

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
    recovered: int = 0
    """The newest recovery from damage."""
    sizes: dict[int, int] = field(default_factory=dict)
    """Changed rows and suppressions of each entry."""
    _recent: deque[Record] = field(default_factory=deque)
    _recent_rows: int = 0

    @classmethod
    def of(cls, ws: Workspace) -> Trail:
        """Read the journal once."""
        trail = cls(ws)
        for record in ws.store.records():
            trail.take(record)
            trail._keep(record)
        return trail

    def take(self, record: Record) -> None:
        """Move on by one entry, as the journal holds it. Raises StoreDamaged."""
        with legible(record):
            serial, target, door = record["serial"], record["undoes"], record["door"]
            self.sizes[serial] = len(record["changes"]) + len(record["suppressions"])
        self.last = serial
        if target is None:
            if door == RECOVERY:
                self.recovered = serial
            if door in NOBODYS:
                self.nobodys[serial] = door
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

        Without a span it ends at a recovery: what came before it was not all read.

        Raises UsageError for a span of one change that cannot be taken back, saying why.
        """
        if span is not None:
            self._within(span)
            if span.single:
                yield self._step(span.first)
                return
        for serial, since in reversed(self.standing.items()):
            if span is None and since < self.recovered:
                raise UsageError(
                    f"change {self.recovered} brought the list back from damage: "
                    "nothing is undone beyond it by counting",
                    f"`tidegate undo --change {serial}` takes back that one, if it still fits",
                )
            if span is None or serial in span or since in span:
                yield serial

    def redoable(self, span: Span | None = None) -> Iterator[int]:
        """The undos that were not redone, newest first; a span names them or their changes.

        Raises UsageError for a span of one change that cannot be redone, saying why.
        """
        if span is not None:
            self._within(span)
            if span.single:
                yield self._undo(span.first)
                return
        for serial, step in reversed(self.undos.items()):
            if serial in self.undone_by:
                continue
            if span is None or serial in span or step in span:
                yield serial

    def _within(self, span: Span) -> None:
        """Raise UsageError when a span begins or ends where there is no change."""
        if span.first > self.last or (span.last is not None and span.last > self.last):
            wrong = span.first if span.last is None or span.first > self.last else span.last
            raise UsageError(f"there is no change {wrong}, the newest is {self.last}", _SHOWS)

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
        """The entries with these serials, in this order; each is built when its turn comes.

        A refusal among the serials is raised when its turn comes, too, not when it is read ahead.
        """
        wanted = iter(serials)
        at_hand = {record["serial"]: record for record in self._recent}
        for serial in wanted:
            if serial in at_hand:
                yield built(at_hand[serial])
                continue
            batch, refusal = self._ahead(serial, wanted)
            found = at_hand | self._read({*batch} - {*at_hand})
            for known in batch:
                yield built(found[known])
            if refusal is not None:
                raise refusal

    def _ahead(self, serial: int, wanted: Iterator[int]) -> tuple[list[int], TidegateError | None]:
        """The serials to read together with this one, and the refusal that comes behind them."""
        batch, rows = [serial], self.sizes.get(serial, 0)
        try:
            while len(batch) < _BATCH and rows < _KEPT_ROWS:
                batch.append(next(wanted))
                rows += self.sizes.get(batch[-1], 0)
        except StopIteration:
            pass
        except TidegateError as error:
            return batch, error
        return batch, None

    def _read(self, serials: set[int]) -> dict[int, Record]:
        """Read the journal once more, as far as the last of these."""
        found: dict[int, Record] = {}
        for record in self.ws.store.records():
            if record["serial"] in serials:
                found[record["serial"]] = record
                if len(found) == len(serials):
                    break
        return found

    def _keep(self, record: Record) -> None:
        self._recent.append(record)
        self._recent_rows += self._weight(record)
        while self._recent_rows > _KEPT_ROWS and len(self._recent) > 1:
            self._recent_rows -= self._weight(self._recent.popleft())

    def _weight(self, record: Record) -> int:
        return self.sizes[record["serial"]] + 1


def built(record: Record) -> Entry:
    """An entry with its rows. Raises StoreDamaged."""
    with legible(record):
        return build(record)


@contextlib.contextmanager
def legible(record: Record) -> Iterator[None]:
    """Turn what reading a record that does not fit raises into StoreDamaged."""
    try:
        yield
    except (ValueError, KeyError, TypeError) as fault:
        raise StoreDamaged(
            f"change {record.get('serial')} cannot be read: {fault!r}",
            "`tidegate doctor` tells what is left",
        ) from fault
