"""Files of events through the engines, one after the other, in bounded memory.

Owns which files are read, what is counted, and what a file that cannot be read costs: itself.
Refuses to write and to remember: hits are handed out one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.engines.sieve import Sieve
from tidegate.engines.verdict import Engine, Word
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.service.judging import ALL, DEFAULT_FINDING, Judged, court, setting
from tidegate.service.workspace import Workspace
from tidegate.sources.devices import read_devices
from tidegate.sources.event_lines import Stream
from tidegate.sources.event_problems import Problems
from tidegate.sources.event_record import COUNTED, Read, Reader
from tidegate.sources.events import open_events, read_events


@dataclass(frozen=True, slots=True)
class Asked:
    """What to read, and whom to ask. `misses` hands out events that no row names, too."""

    files: Sequence[str]
    engines: Sequence[Engine] = ALL
    finding: str = DEFAULT_FINDING
    devices: str | None = None
    misses: bool = False


@dataclass
class Counts:
    """What came of it so far. `rows` counts the events that each row decided."""

    events: int = 0
    hits: int = 0
    alerts: int = 0
    words: Counter[tuple[Engine, Word]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    named: dict[str, Indicator] = field(default_factory=dict)
    devices: Counter[str] = field(default_factory=Counter)
    problems: Problems = field(default_factory=Problems)
    unread: list[UsageError] = field(default_factory=list)
    beat: Callable[[int], object] | None = None
    """Is told the number of events now and then."""

    def add(self, judged: Judged) -> None:
        """Count a hit."""
        self.hits += 1
        deciding = {}
        for verdict in judged.verdicts:
            self.words[verdict.engine, verdict.verdict] += 1
            self.alerts += verdict.alert is not None
            if verdict.indicator is not None:
                deciding[verdict.indicator.id] = verdict.indicator
        for ident, row in deciding.items():
            self.rows[ident] += 1
            self.named[ident] = row
        if len(self.devices) < COUNTED:
            self.devices[judged.event.device] += 1


def devices_of(name: str | None, problems: Problems) -> Mapping[str, str] | None:
    """Read the devices file, if one is named. Raises UsageError."""
    return None if name is None else read_devices(name, problems)


def match(ws: Workspace, asked: Asked, counts: Counts) -> Iterator[Judged]:
    """Yield what the engines make of each event that the list names.

    Raises UsageError when the devices file, or no file of events at all, can be read.
    """
    rows = tuple(ws.store.active(ws.clock()))
    judge = court(ws, rows, engines=asked.engines, finding=asked.finding)
    reader = Reader(
        setting(ws, devices_of(asked.devices, counts.problems)),
        counts.problems,
        None if asked.misses else Sieve(rows),
    )
    for read in every_event(asked.files, reader, counts):
        judged = Judged(read.event, judge.judge(read.event, read.finding), read.line)
        if judged.hit:
            counts.add(judged)
            yield judged
        elif asked.misses:
            yield judged


Walk = Callable[[str, Reader], Iterator[Read]]


def walk_file(name: str, reader: Reader) -> Iterator[Read]:
    """Yield the events of one file. Raises UsageError."""
    with open_events(name) as raw:
        yield from read_events(Stream(raw, reader.problems), name, reader)


def every_event(
    files: Sequence[str], reader: Reader, counts: Counts, walk: Walk = walk_file
) -> Iterator[Read]:
    """Yield the events of all files. A file that cannot be read is noted, and the rest goes on.

    Raises UsageError when there was nothing that could be read.
    """
    reader.beat = counts.beat or reader.beat
    for name in files:
        reader.problems.file = name
        try:
            for read in walk(name, reader):
                counts.events = reader.count
                yield read
        except UsageError as fault:
            counts.unread.append(fault)
        except OSError as fault:
            reason = (fault.strerror or "it cannot be read").lower()
            counts.unread.append(UsageError(f"{name}: {reason}", "see to that and try again"))
        counts.events = reader.count
    if counts.unread and len(counts.unread) == len(files):
        raise counts.unread[0]
    if not reader.count and any(it.kind in _UNREAD for it in counts.problems):
        raise UsageError(
            "no line could be read as an event", "JSON Lines or CSV, one event each, is expected"
        )


_UNREAD = frozenset({"not_json", "not_an_object", "over_long", "broken_row", "cut_short"})
