"""One record of the hunting tables, read as an event.

Owns time, device, group, identity and the odd values of a record, and the quick way past the events
that the list cannot name. Refuses files: lines come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from tidegate.engines.event import Event, Observable
from tidegate.engines.investigation import Finding
from tidegate.engines.sieve import May, Sieve
from tidegate.errors import InvalidValue
from tidegate.indicators.plain import shown
from tidegate.sources.event_columns import FILE_HASHES, KNOWN, SHOWING, TIMES, VERDICT, Showing
from tidegate.sources.event_problems import Problems

Record = Mapping[str, Any]

AHEAD = timedelta(minutes=5)
"""How far a device's clock may be ahead before its events are from the future."""

COUNTED = 1_000_000
"""Devices that are told apart; a count that is as high means: or more."""

_SHAPES = 1_000
_SHAPE = 10_000
"""Shapes of records that are remembered, and characters that the names of one may have."""
_US_TIMES = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%b %d, %Y %I:%M:%S %p")
"""As spreadsheets and the portal write times; they are taken for UTC."""


Quick = tuple[tuple[str, set[str], May], ...]
"""Columns with the values that are of no interest, and the question for others (Sieve)."""


class Read(NamedTuple):
    """An event, and the finding that its record states; "" where it states none."""

    event: Event
    finding: str
    line: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known beside the records. `now` is UTC.

    `groups` are the groups that exist; empty: nobody said, and any name is taken for one. `devices`
    maps a device's id or name, case-folded, to its group; None: there is no such list.
    """

    now: datetime
    groups: frozenset[str] = frozenset()
    devices: Mapping[str, str] | None = None


class _Shape(NamedTuple):
    """What the columns of a record offer."""

    time: str
    quick: Quick
    showing: tuple[Showing, ...]
    hashes: tuple[str, ...]
    named: bool


def _quiet(_count: int) -> None:
    """Nobody listens."""


@dataclass
class Reader:
    """Reads records; `count` tells how many it was given.

    With a sieve it gives back only what the list may name; the problems of all are counted, but for
    those of values that the list does not name anyway. `census` gathers the devices of all,
    and `beat` is told the count now and then by whoever reads a file.
    """

    setting: Setting
    problems: Problems
    sieve: Sieve | None = None
    count: int = 0
    census: set[str] | None = None
    beat: Callable[[int], object] = _quiet
    _shapes: dict[tuple[str, ...], _Shape] = field(default_factory=dict, init=False)

    def read(self, record: Record, line: int) -> Read | None:
        """Read a record that stands in this line; None where no row may name it."""
        self.count += 1
        return self._whole(record, self._shape(tuple(record), line), line)

    def quick(self) -> Callable[[Record, int], bool]:
        """Return the question whether a record is sound and, by its spelling, of no interest.

        Such a record need not be read, only counted. This runs once for each of millions.
        """
        if self.sieve is None:
            return lambda _record, _line: False
        judged = bool(self.setting.groups) or self.setting.devices is not None
        group_of, census = self._group, self.census
        horizon = self.setting.now + AHEAD
        read_time = datetime.fromisoformat
        shape_of = self._shape
        last: list[str] = []
        time, named = "", False
        tests: Quick = ()
        hashes: tuple[str, ...] = ()

        def uninteresting(record: Record, line: int) -> bool:
            nonlocal last, time, tests, hashes, named
            names = [*record]
            if names != last:
                time, tests, _, hashes, named = shape_of(tuple(names), line)
                last = names
            try:
                for column, quiet, may in tests:
                    value = record[column]
                    if value and value not in quiet and may(value):
                        return False
                if read_time(record[time]) > horizon or (
                    named and record["FileName"] and not any(record[name] for name in hashes)
                ):
                    return False
            except (TypeError, ValueError, KeyError, AttributeError):
                return False  # something is odd: reading it finds out what
            if judged:
                group_of(record, line)  # which counts what is odd about it
            if census is not None:
                _count(census, record)
            return True

        return uninteresting

    def _shape(self, names: tuple[str, ...], line: int) -> _Shape:
        return self._shapes.get(names) or self._learnt(names, line)

    def _learnt(self, names: tuple[str, ...], line: int) -> _Shape:
        """Note the columns of a record that are new to us."""
        for name in names:
            if name not in KNOWN:
                self.problems.add("unknown_column", line, shown(name))
        showing = tuple(it for it in SHOWING if it.column in names)
        tests = {} if self.sieve is None else self.sieve.tests
        shape = _Shape(
            time=next((name for name in TIMES if name in names), TIMES[0]),
            quick=tuple((it.column, *tests[it.kind]) for it in showing if it.kind in tests),
            showing=showing,
            hashes=tuple(name for name in FILE_HASHES if name in names),
            named="FileName" in names,
        )
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
        if sum(map(len, names)) <= _SHAPE:
            self._shapes[names] = shape
        return shape

    def _whole(self, record: Record, shape: _Shape, line: int) -> Read | None:
        observables = self._observables(record, shape.showing, line)
        if (
            shape.named
            and _text(record, "FileName")
            and not any(_text(record, name) for name in shape.hashes)
        ):
            self.problems.add("missing_hash", line)
        at = self._time(record, shape.time, line)
        device = _device(record)
        if self.census is not None:
            _count(self.census, record)
        group = self._group(record, line)
        if self.sieve is not None and not observables:
            return None
        event = Event(
            _identity(record, device, _text(record, shape.time), observables),
            at,
            device,
            group,
            _text(record, "ActionType"),
            observables,
            _text(record, "InitiatingProcessFileName"),
            _text(record, "FolderPath"),
        )
        return Read(event, self._finding(record, line), line)

    def _observables(
        self, record: Record, showing: tuple[Showing, ...], line: int
    ) -> tuple[Observable, ...]:
        seen: dict[Observable, None] = {}
        for column, _, read in showing:
            value = record.get(column)
            if value is None or value == "":
                continue
            try:
                if not isinstance(value, str):
                    raise InvalidValue("no_text", "no text")  # noqa: TRY301 - odd like the others
                seen.update(dict.fromkeys(read(value)))
            except InvalidValue:
                self.problems.add("bad_value", line, column)
        return tuple(seen)

    def _time(self, record: Record, column: str, line: int) -> datetime:
        at = moment(record.get(column))
        if at is None:
            self.problems.add("no_time", line)
            return self.setting.now
        if at > self.setting.now + AHEAD:
            self.problems.add("future", line)
        return at

    def _group(self, record: Record, line: int) -> str:
        group = _text(record, "MachineGroup")
        devices = self.setting.devices
        if not group and devices is not None:
            names = (_text(record, "DeviceId"), _text(record, "DeviceName"))
            known = next((devices[n] for name in names if (n := name.casefold()) in devices), None)
            if known is None:
                self.problems.add("unknown_device", line)
            group = known or ""
        if group and self.setting.groups and group not in self.setting.groups:
            self.problems.add("unknown_group", line, shown(group))
        return group

    def _finding(self, record: Record, line: int) -> str:
        text = _text(record, VERDICT)
        if not text:
            return ""
        word = text.casefold().replace(" ", "").replace("_", "")
        try:
            return Finding("clean" if word == "nothreatsfound" else word).value
        except ValueError:
            self.problems.add("unknown_verdict", line, shown(text))
            return ""


def moment(value: object) -> datetime | None:
    """A time as exports write it, in UTC, which is also meant where no zone is; None: no time."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    for form in (None, *_US_TIMES):
        try:
            if form is not None:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            at = datetime.fromisoformat(text)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _device(record: Record) -> str:
    return _text(record, "DeviceName") or _text(record, "DeviceId")


def _count(census: set[str], record: Record) -> None:
    if len(census) < COUNTED:
        census.add(_device(record))


def _text(record: Record, column: str) -> str:
    value = record.get(column)
    return value if isinstance(value, str) else ""


def _identity(record: Record, device: str, time: str, observables: tuple[Observable, ...]) -> str:
    """What tells an event from all others: a ReportId does with device and time, Microsoft says.

    Without one, what the event shows stands in for it.
    """
    report = record.get("ReportId")
    if report is None or report == "":
        shows = "\n".join((_text(record, "ActionType"), *("=".join(seen) for seen in observables)))
        report = blake2b(shows.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{device}/{report}@{time}"
