"""The history: who changed what, when, through which door and why, with every row before and after.

Reads the journal once and keeps only the steps that were asked for, as the journal holds them: rows
are built where somebody looks at them. Refuses to change anything, and to format anything: steps
are values, records are JSON types.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

from tidegate.clock import read_stamp, stamp
from tidegate.indicators.filter import Filter, parse
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.indicators.plan import Change, Op, SyncPlan
from tidegate.indicators.term import parse_moment, parse_term
from tidegate.service.trail import Span, Trail, built, legible
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry
from tidegate.store.records import (
    Record,
    change_record,
    indicator_record,
    plain,
    read_indicator_record,
    read_suppression_record,
    suppression_record,
)

AnyChange: TypeAlias = Change[Indicator] | Change[Suppression]

_SAID_OF_SUPPRESSIONS = frozenset(
    {
        *("", "value", "type", "group", "scope", "ip", "domain", "url", "cert"),
        *("hash", "sha256", "sha1", "md5"),
    }
)
"""Filter fields that mean something for a suppression; with any other it is not what was meant."""

_OF_WORDS = ("value", "title", "id", "description", "feeds")
"""What a word of a filter looks at; records hold it as rows do."""


@dataclass(frozen=True)
class Step:
    """One entry of the history.

    `undone_by` is the entry that took it back, while it stays so; `redone_by` the redo thanks to
    which it stands. `entry` raises StoreDamaged where its rows cannot be read.
    """

    record: Record = field(repr=False)
    undone_by: int | None
    redone_by: int | None = None

    @cached_property
    def entry(self) -> Entry:
        """The entry with all its rows; building those of a bulk change takes its time."""
        return built(self.record)

    @cached_property
    def head(self) -> Entry:
        """The entry without its rows."""
        return built({**self.record, "changes": (), "suppressions": ()})

    @cached_property
    def counts(self) -> Counter[Op]:
        """How many rows it created, updated and removed."""
        return Counter(
            Op.CREATE if before is None else Op.REMOVE if after is None else Op.UPDATE
            for before, after in _sides(self.record, "changes")
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which steps to show; what is None does not matter. `until` is the first moment too late."""

    by: str | None = None
    door: str | None = None
    feed: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    span: Span | None = None

    def admits(self, record: Record) -> bool:
        """Whether an entry is wanted; what costs least is asked first."""
        return (
            (self.span is None or record["serial"] in self.span)
            and (self.since is None or read_stamp(record["at"]) >= self.since)
            and (self.until is None or read_stamp(record["at"]) < self.until)
            and (self.by is None or record["actor"].casefold() == self.by.casefold())
            and (self.door is None or record["door"] == self.door.casefold())
            and (self.feed is None or _of_feed(record, self.feed))
        )


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Head:
    """A step of the history without its rows, for lists: thousands of these weigh little.

    `entry` has no changes; `counts` says how many rows it created, updated and removed.
    """

    entry: Entry
    counts: Counter[Op]
    undone_by: int | None
    redone_by: int | None


def heads(
    ws: Workspace, filter_text: str = "", wanted: Wanted = EVERYTHING
) -> tuple[tuple[Head, ...], int]:
    """What `history` finds, newest first, without rows; and how many steps there are in all.

    Raises FilterError.
    """
    trail = Trail(ws)
    found: list[tuple[Entry, Counter[Op]]] = []
    for record in _admitted(ws, trail, filter_text, wanted):
        step = Step(record, None)
        found.append((step.head, step.counts))
    return tuple(
        Head(entry, counts, trail.undone_by.get(entry.serial), trail.redone_by.get(entry.serial))
        for entry, counts in reversed(found)
    ), len(trail.sizes)


def history(
    ws: Workspace, filter_text: str = "", limit: int | None = None, wanted: Wanted = EVERYTHING
) -> tuple[Step, ...]:
    """Applied plans, newest first; a filter keeps the steps that touched a matching row.

    Raises FilterError, UsageError for a span of one change that there is not.
    """
    trail = Trail(ws)
    found = deque(_admitted(ws, trail, filter_text, wanted), maxlen=limit)
    if wanted.span is not None and wanted.span.single:
        trail.known(wanted.span.first)
    return tuple(
        Step(record, trail.undone_by.get(record["serial"]), trail.redone_by.get(record["serial"]))
        for record in reversed(found)
    )


def _admitted(ws: Workspace, trail: Trail, filter_text: str, wanted: Wanted) -> Iterator[Record]:
    """Read the journal once, oldest first; the trail hears of every entry."""
    chosen, now = parse(filter_text), ws.clock()
    for record in ws.store.records():
        trail.take(record)
        with legible(record):
            admitted = wanted.admits(record) and (not chosen.terms or _matches(record, chosen, now))
        if admitted:
            yield record
    ws.store.confirm(trail.last)


def _sides(record: Record, kind: str) -> Iterator[tuple[Record | None, Record | None]]:
    return ((change["before"], change["after"]) for change in record[kind])


def _each(record: Record, kind: str) -> Iterator[Record]:
    return (side for sides in _sides(record, kind) for side in sides if side is not None)


def _of_feed(record: Record, feed: str) -> bool:
    return any(
        feed in row.get("feeds", ()) or any(source[0] == feed for source in row.get("sources", ()))
        for row in _each(record, "changes")
    )


def _matches(record: Record, chosen: Filter, now: datetime) -> bool:
    """Whether a matching row was touched, or a suppression of a matching value came or went."""
    read = _words if all(not term.name for term in chosen.terms) else read_indicator_record
    if any(chosen.matches(read(row), now) for row in _each(record, "changes")):
        return True
    return all(term.name in _SAID_OF_SUPPRESSIONS for term in chosen.terms) and any(
        chosen.matches(_stand_in(read_suppression_record(note)), now)
        for note in _each(record, "suppressions")
    )


def _words(row: Record) -> Indicator:
    """As much of a row as a filter of words looks at; a whole one takes ten times as long."""
    return cast("Indicator", SimpleNamespace(**{n: row.get(n, "") for n in _OF_WORDS}))


def _stand_in(note: Suppression) -> Indicator:
    """A row with what a suppression says, for the filter; nobody looks at its other fields."""
    return Indicator(
        id=note.id,
        type=note.type,
        value=note.value,
        action=Action.ALERT_ONLY,
        severity=Severity.INFORMATIONAL,
        title=note.reason,
        created=note.created,
        updated=note.created,
        origin=Origin.FEED,
        groups=note.groups or (),
    )


def read_time(text: str, now: datetime, *, end: bool = False) -> datetime:
    """Read a moment (`2026-11-01`, `2026-11-01T08:30Z`) or an age (`7d`) before `now`.

    With `end` it is the last moment that counts, so that a whole day counts to its end; what is
    returned is the first moment that does not.

    Raises:
        ValueError: neither a moment nor an age.
    """
    stripped = text.strip()
    if stripped[4:5] == "-":
        moment = parse_moment(stripped)
        if not end:
            return moment
        whole_day = len(stripped) == len("2026-11-01")
        return moment + (timedelta(days=1) if whole_day else timedelta(microseconds=1))
    try:
        term = parse_term(stripped)
        if term is not None:
            return now - term
    except ValueError:
        pass
    raise ValueError(
        f"{text[:40]!r} is no time: write 2026-11-01, 2026-11-01T08:30Z or an age (7d)"
    )


def step_record(step: Step) -> dict[str, object]:
    """A step of the history as JSON types, with every row before and after."""
    entry = step.entry
    ops = step.counts
    return {
        "serial": entry.serial,
        "at": stamp(entry.at),
        "actor": entry.actor,
        "door": entry.door,
        "reason": entry.reason,
        "created": ops[Op.CREATE],
        "updated": ops[Op.UPDATE],
        "removed": ops[Op.REMOVE],
        "undoes": entry.undoes,
        "undone_by": step.undone_by,
        "redone_by": step.redone_by,
        "sum": entry.sum,
        **changes_record(entry),
    }


def changes_record(done: Entry | SyncPlan) -> dict[str, object]:
    """Every row and suppression before and after, as JSON types."""
    return {
        "changes": [change_record(change, indicator_record) for change in done.changes],
        "suppressions": [change_record(c, suppression_record) for c in done.suppressions],
    }


def every_change(done: Entry | SyncPlan) -> tuple[AnyChange, ...]:
    """The changes of rows, then those of suppressions."""
    return (*done.changes, *done.suppressions)


@dataclass(frozen=True, slots=True)
class FieldMove:
    """One field of a row, before and after, as JSON types; None where there is no such side."""

    name: str
    before: object
    after: object


def moves(change: AnyChange) -> tuple[FieldMove, ...]:
    """Every field that a change touches; of a row that comes or goes, all that say something."""
    before, after = change.before, change.after
    write: Callable[[Any], dict[str, Any]] = (
        indicator_record if isinstance(change.row, Indicator) else suppression_record
    )
    old, new = (None if side is None else write(side) for side in (before, after))
    found = []
    for item in fields(change.row):
        name = item.name
        was = None if old is None else old.get(name, plain(getattr(before, name)))
        now = None if new is None else new.get(name, plain(getattr(after, name)))
        touched = was != now if old is not None and new is not None else _says(was, now)
        if touched:
            found.append(FieldMove(name, was, now))
    return tuple(found)


def _says(*values: object) -> bool:
    return any(value not in (None, "", [], {}, False) for value in values)
