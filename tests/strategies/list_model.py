"""The tenant list as a model: dicts and lists that know what every change has to do.

Written without the product's logic, to be held against it. A row is a dict of all its fields, a
note (a suppression) a dict of its own without its id; a step is what one change does. Ids of rows
come from outside: the model only insists that they are free.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tidegate.errors import StalePlan, TidegateError, UsageError
from tidegate.indicators.indicator import Indicator, Suppression

Row = dict[str, Any]
Pair = tuple[Row | None, Row | None]
NoteKey = tuple[object, ...]

PERSONS = (
    *("action", "severity", "title", "description", "groups", "expires", "category"),
    "recommended_actions",
)
"""Fields of a feed's row that a person can take over."""


class Refused(Exception):
    """The model refuses, and so must the product, with an error of this kind."""

    def __init__(self, kind: type[TidegateError], why: str) -> None:
        super().__init__(why)
        self.kind = kind


def plain(row: Indicator) -> Row:
    """A row as a dict of its fields."""
    record = {item.name: getattr(row, item.name) for item in dataclasses.fields(row)}
    return {name: dict(v) if isinstance(v, Mapping) else v for name, v in record.items()}


def plain_note(note: Suppression) -> Row:
    """A suppression as a dict of its fields, its id aside: value and scope name it."""
    return {
        item.name: getattr(note, item.name)
        for item in dataclasses.fields(note)
        if item.name != "id"
    }


def note_key(note: Row) -> NoteKey:
    """What a suppression keeps out: there is one for each such thing."""
    return note["type"], note["value"], note["groups"]


def identity(row: Row) -> tuple[object, ...]:
    """What no two rows may share."""
    return row["type"], row["value"], row["groups"]


@dataclass
class Step:
    """One change of the list: pairs of before and after."""

    door: str
    rows: Sequence[Pair] = ()
    notes: Sequence[Pair] = ()
    undoes: int | None = None
    serial: int = 0

    @property
    def empty(self) -> bool:
        return not self.rows and not self.notes

    def values(self) -> set[tuple[object, object]]:
        """The values that it is about."""
        sides = (side for pair in (*self.rows, *self.notes) for side in pair if side is not None)
        return {(side["type"], side["value"]) for side in sides}


@dataclass
class ListModel:
    """Rows by id, notes by what they keep out, and the history."""

    limit: int
    now: datetime
    rows: dict[str, Row] = field(default_factory=dict)
    notes: dict[NoteKey, Row] = field(default_factory=dict)
    history: list[Step] = field(default_factory=list)
    past: list[tuple[dict[str, Row], dict[NoteKey, Row]]] = field(
        default_factory=lambda: [({}, {})]
    )
    """Rows and notes as they were after each change; the place is the serial."""

    def copy(self) -> ListModel:
        """A model of its own; rows and notes are never changed in place."""
        return ListModel(
            self.limit, self.now, {**self.rows}, {**self.notes}, [*self.history], [*self.past]
        )

    @property
    def serial(self) -> int:
        """The number of the last change."""
        return len(self.history)

    def lives(self, row: Row) -> bool:
        """Whether a row's time is not over."""
        return row["expires"] is None or row["expires"] > self.now

    def active(self) -> list[Row]:
        """The rows that count, by id."""
        return [row for _, row in sorted(self.rows.items()) if self.lives(row)]

    def at(self, key: tuple[object, ...]) -> Row | None:
        """The active row with this identity."""
        return next((row for row in self.active() if identity(row) == key), None)

    def take(self, step: Step, *, since: int | None = None, rebase: bool = True) -> None:
        """Carry out a step, planned at change `since`, if it fits. Raises Refused."""
        if step.empty:
            return
        moved = since is not None and since != self.serial
        if moved:
            later = [other.values() for other in self.history[since:]]
            if not rebase or any(values & step.values() for values in later):
                raise Refused(StalePlan, "the list moved on")
        self._check(step, StalePlan if moved else UsageError)
        gone = [row for row in self.rows.values() if not self.lives(row)]
        if gone:
            self._write(Step("expiry", [(row, None) for row in gone]))
        self._write(step)

    def _check(self, step: Step, full: type[TidegateError]) -> None:
        rows = {row["id"]: row for row in self.active()}
        stood = len(rows)
        for before, after in step.rows:
            if rows.get((before or after or {})["id"]) != before:
                raise Refused(StalePlan, "a row is not as the step found it")
        for before, after in step.notes:
            if self.notes.get(note_key(before or after or {})) != before:
                raise Refused(StalePlan, "a suppression is not as the step found it")
        for before, _ in step.rows:
            rows.pop((before or {}).get("id", ""), None)
        for after in (after for _, after in step.rows if after is not None):
            assert after["id"] not in rows, "an id of another row"
            if identity(after) in {identity(row) for row in rows.values()}:
                raise Refused(StalePlan, f"{after['value']} is there already")
            rows[after["id"]] = after
        if len(rows) > max(self.limit, stood):
            raise Refused(full, "the list is full")

    def _write(self, step: Step) -> None:
        self.rows, self.notes = {**self.rows}, {**self.notes}
        for before, _ in step.rows:
            if before is not None:
                del self.rows[before["id"]]
        for _, after in step.rows:
            if after is not None:
                self.rows[after["id"]] = after
        for before, after in step.notes:
            if before is not None:
                del self.notes[note_key(before)]
            if after is not None:
                self.notes[note_key(after)] = after
        self.history.append(dataclasses.replace(step, serial=self.serial + 1))
        self.past.append((self.rows, self.notes))

    # What each verb has to do.

    def room(self, growth: int, spared: Iterable[str]) -> list[Pair]:
        """The weakest rows of feeds, as many as must leave for `growth` rows to come."""
        over = len(self.active()) + growth - self.limit
        if growth <= 0 or over <= 0:
            return []
        kept = set(spared)
        loose = [
            row
            for row in self.active()
            if row["origin"] == "feed" and not row["pinned"] and not row["owned"]
            if row["id"] not in kept
        ]
        loose.sort(key=lambda row: (row["score"], identity(row)))
        return [(row, None) for row in loose[:over]]

    def add(self, news: Sequence[Row], given: Row, door: str) -> Step:
        """Add rows as they would be new; where one is there already it gets the given fields."""
        pairs: list[Pair] = []
        for new in news:
            held = self.at(identity(new))
            if held is None:
                if self.lives(new):
                    pairs.append((None, new))
            elif (after := self.with_fields(held, given)) is not None:
                pairs.append((held, after))
        growth = sum(before is None for before, _ in pairs)
        touched = [after["id"] for _, after in pairs if after is not None]
        return Step(door, [*self.room(growth, touched), *pairs])

    def with_fields(self, row: Row, given: Row) -> Row | None:
        """A row after a person set these fields; None when that changes nothing or may not be."""
        after = {**row, **given}
        if row["origin"] == "feed":
            taken = {n: row[n] for n in given if n in PERSONS and n not in row["owned"]}
            after["owned"] = {**row["owned"], **taken}
        if row["origin"] == "foreign" or after == row:
            return None
        after["updated"] = self.now
        return after if self.lives(after) else None

    def edit(self, rows: Sequence[Row], given: Row) -> Step:
        """Set fields on rows, one after the other; none may come to stand on another."""
        left: set[tuple[object, ...]] = set()
        came: set[tuple[object, ...]] = set()
        pairs: list[Pair] = []
        for row in rows:
            target = (row["type"], row["value"], given.get("groups", row["groups"]))
            stands = target != identity(row) and target not in left and self.at(target) is not None
            after = None if stands or target in came else self.with_fields(row, given)
            if after is not None:
                pairs.append((row, after))
                left.add(identity(row))
                came.add(target)
        return Step("edit", pairs)

    def remove(self, rows: Sequence[Row], reason: str, actor: str) -> Step:
        """Remove rows; feeds may not bring theirs back."""
        notes = [
            note
            for row in rows
            if row["origin"] == "feed"
            if (note := self.kept_out(row, reason, actor)) is not None
        ]
        return Step("remove", [(row, None) for row in rows], notes)

    def kept_out(self, row: Row, reason: str, actor: str) -> Pair | None:
        """The note that keeps a feed's row away, unless one for good is there."""
        note = {
            "type": row["type"],
            "value": row["value"],
            "groups": row["owned"].get("groups", row["groups"]),
            "reason": reason,
            "actor": actor,
            "created": self.now,
            "until": None,
        }
        held = self.notes.get(note_key(note))
        return None if held is not None and held["until"] is None else (held, note)

    def pin(self, rows: Sequence[Row], *, pinned: bool) -> Step:
        """Pin or unpin rows."""
        return Step(
            "pin" if pinned else "unpin",
            [
                (row, {**row, "pinned": pinned, "updated": self.now})
                for row in rows
                if row["origin"] != "foreign" and row["pinned"] != pinned
            ],
        )

    def suppress(self, note: Row) -> Step:
        """Keep a value out. A pinned row would stay, so that is refused."""
        for row in self.active():
            meant = row["value"] == note["value"] and note["groups"] in (None, row["groups"])
            if row["pinned"] and meant:
                raise Refused(UsageError, "it is pinned")
        return Step("suppress", (), [(self.notes.get(note_key(note)), note)])

    def release(self, value: str) -> Step:
        """Lift all notes of a value."""
        found = [note for note in self.notes.values() if note["value"] == value]
        if not found:
            raise Refused(UsageError, "it is not suppressed")
        return Step("suppress", (), [(note, None) for note in found])

    def restore(self, serial: int) -> Step:
        """Make the list what it was after a change, apart from what expired since."""
        rows, notes = self.past[serial]
        old = {row["id"]: row for row in self.active()}
        new = {ident: row for ident, row in rows.items() if self.lives(row)}
        return Step("restore", _between(old, new), _between(self.notes, notes))


def _between(old: Mapping[Any, Row], new: Mapping[Any, Row]) -> list[Pair]:
    keys = {**old, **new}
    return [(old.get(k), new.get(k)) for k in keys if old.get(k) != new.get(k)]
