"""The tenant's list: read it, and change it by applying a plan. Nothing else writes.

Order of a write: take the lock, catch up with what others wrote, check the plan against that state,
append to the journal and fsync (now it is durable), then change the list in memory. The TinyDB
checkpoint follows after a bulk change or many small ones; opening replays what came after it.
A row past its expiry is no longer listed, and the next write journals its removal.

Refuses to know policy, guards or people: the service asks them before it applies.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tidegate.errors import StalePlan, StoreDamaged, UsageError
from tidegate.indicators.indicator import Indicator, RowKey, Suppression
from tidegate.indicators.plan import Change, Row, SyncPlan
from tidegate.store.journal import Entry, Journal, Position
from tidegate.store.lock import WAIT_SECONDS, exclusive
from tidegate.store.records import (
    indicator_record,
    read_indicator_record,
    read_suppression_record,
    suppression_record,
)
from tidegate.store.storage import CheckpointStorage, Envelope, TenantDB

CHECKPOINT_EVERY = 256
"""Changed rows after which the checkpoint is renewed; replaying this many takes milliseconds."""


@dataclass(slots=True)
class State:
    """The list in memory, up to `serial`, with the journal position behind that change."""

    lineage: str
    serial: int = 0
    position: Position = field(default_factory=Position)
    rows: dict[str, Indicator] = field(default_factory=dict)
    suppressions: dict[str, Suppression] = field(default_factory=dict)
    unsaved: int = 0
    entry_at: int | None = None  # where the last entry taken begins

    def take(self, entry: Entry, position: Position) -> None:
        """Move on by one journal entry."""
        _replay(self.rows, entry.changes)
        _replay(self.suppressions, entry.suppressions)
        self.serial = entry.serial
        self.entry_at, self.position = self.position.offset, position
        self.unsaved += len(entry.changes) + len(entry.suppressions)


def _replay(rows: dict[str, Row], changes: tuple[Change[Row], ...]) -> None:
    for change in changes:
        if change.before is not None:
            rows.pop(change.before.id, None)
        if change.after is not None:
            rows[change.after.id] = change.after


def _check_fits(rows: Mapping[str, Row], changes: tuple[Change[Row], ...]) -> None:
    """Raise StalePlan unless every change starts from the row as it is now."""
    for change in changes:
        held = rows.get(change.row.id if change.before is None else change.before.id)
        if held != change.before:
            raise StalePlan(
                f"{change.row.value} changed since this plan was made", "plan again and look"
            )


def _check_unique(rows: Iterable[Indicator], changes: tuple[Change[Indicator], ...]) -> None:
    """Raise StalePlan when a row would come to stand where another with its identity is."""
    gone = {change.before.id for change in changes if change.before is not None}
    arriving = {
        change.after.key
        for change in changes
        if change.after is not None
        and (change.before is None or change.before.key != change.after.key)
    }
    if arriving:
        for row in rows:
            if row.id not in gone and row.key in arriving:
                raise StalePlan(f"another row is {row.value} already", "plan again and look")


class TenantStore:
    """The list of one tenant in one folder: `tenant.json` and `journal.jsonl`."""

    def __init__(self, folder: Path, lock_wait: float = WAIT_SECONDS) -> None:
        self.folder = folder
        self._lock_wait = lock_wait
        self._storage = CheckpointStorage(folder / "tenant.json")
        self.journal = Journal(folder / "journal.jsonl")
        self._state: State | None = None
        self._seen: tuple[object, ...] = ()
        self._inode = 0
        # The terminal UI reads on its own thread while a worker writes.
        self._threads = threading.RLock()

    def state(self) -> State:
        """The list as it is on disk now; cheap when nothing changed. Raises StoreDamaged."""
        with self._threads:
            seen = self._fingerprint()
            if self._state is None or seen != self._seen:
                self._state = self._caught_up()
                self._seen = seen
            return self._state

    def changed(self) -> bool:
        """True when another process wrote since this one last read."""
        return self._fingerprint() != self._seen

    def active(self, now: datetime) -> Iterator[Indicator]:
        """The rows that Defender would hold at `now`, in no particular order."""
        with self._threads:  # a copy: the caller may take its time while a worker writes
            rows = tuple(self.state().rows.values())
        return (row for row in rows if row.active(now))

    def by_key(self, now: datetime) -> dict[RowKey, Indicator]:
        """Active rows by identity."""
        return {row.key: row for row in self.active(now)}

    def entries(self) -> Iterator[Entry]:
        """The whole history, oldest first."""
        return (entry for entry, _ in self.journal.read())

    def apply(self, plan: SyncPlan, *, limit: int, now: datetime, actor: str) -> Entry | None:
        """Apply a plan and return its journal entry, or None when it changes nothing.

        Raises StalePlan when the list is not the one the plan was made from, UsageError when the
        result would exceed `limit` rows, StoreLocked and StoreDamaged.
        """
        if plan.empty:
            return None
        with self._threads, exclusive(self.folder, self._lock_wait):
            state = self.state()
            state.lineage = state.lineage or uuid.uuid4().hex
            if (plan.lineage or state.lineage, plan.serial) != (state.lineage, state.serial):
                raise StalePlan(
                    f"the list is at change {state.serial}, the plan was made at {plan.serial}",
                    "plan again and look",
                )
            expired = _expired(state, now)
            active = {key: row for key, row in state.rows.items() if row.active(now)}
            _check_fits(active, plan.changes)
            _check_fits(state.suppressions, plan.suppressions)
            _check_unique(active.values(), plan.changes)
            room = limit - len(active) - _growth(plan)
            if _growth(plan) > 0 and room < 0:
                raise UsageError(
                    f"the list would hold {limit - room:,} of {limit:,} indicators",
                    "remove some first, or let a sync choose",
                )
            if expired:
                self._commit(
                    state, Entry(state.serial + 1, now, "tidegate", "expiry", "expired", expired)
                )
            entry = self._commit(
                state,
                Entry(
                    state.serial + 1,
                    now,
                    actor,
                    plan.door,
                    plan.reason,
                    plan.changes,
                    plan.suppressions,
                    plan.undoes,
                ),
            )
            # A new list gets its checkpoint at once: it then shows when the journal goes missing.
            if state.unsaved >= CHECKPOINT_EVERY or not self._storage.path.exists():
                # The journal has the change already: a full disk must not make it look failed. The
                # next write tries again.
                with contextlib.suppress(OSError):
                    self._checkpoint(state)
            self._seen = self._fingerprint()
        return entry

    def _commit(self, state: State, entry: Entry) -> Entry:
        entry = dataclasses.replace(entry, lineage=state.lineage)
        position = self.journal.append(entry, state.position)
        state.take(entry, position)
        self._inode = self.journal.inode()
        return entry

    def _checkpoint(self, state: State) -> None:
        storage = self._storage
        storage.envelope = Envelope(state.lineage, state.serial, state.position)
        storage.write(
            {
                "indicators": {k: indicator_record(r) for k, r in sorted(state.rows.items())},
                "suppressions": {
                    k: suppression_record(r) for k, r in sorted(state.suppressions.items())
                },
            }
        )
        state.unsaved = 0

    def database(self) -> TenantDB:
        """The checkpoint as a TinyDB database, for queries; writing through it is not supported."""
        return TenantDB(self.folder / "tenant.json", storage=CheckpointStorage)

    def _fingerprint(self) -> tuple[object, ...]:
        marks: list[object] = []
        for path in (self.folder / "tenant.json", self.journal.path):
            try:
                stat = path.stat()
                marks.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
            except FileNotFoundError:
                marks.append(None)
        return tuple(marks)

    def _caught_up(self) -> State:
        """Follow the journal from where we are; start over from the checkpoint when that fails."""
        state = self._state
        if state is None or not self._continues(state):
            state = self._load()
            self._inode = self.journal.inode()
        for entry, position in self.journal.read(state.position):
            if entry.serial != state.serial + 1:
                raise StoreDamaged(
                    f"{self.journal.path}: change {entry.serial} follows {state.serial}",
                    "nothing was changed; keep a copy of the folder",
                )
            state.take(entry, position)
        return state

    def _continues(self, state: State) -> bool:
        """Whether the journal on disk is still what we have been reading.

        An entry that we saw goes again when its writer could not make it durable.
        """
        return (
            self.journal.inode() == self._inode
            and self.journal.size() >= state.position.offset
            and (state.entry_at is None or self.journal.holds(state.position.head, state.entry_at))
        )

    def _load(self) -> State:
        storage = self._storage
        tables: Any = storage.read()
        if tables is None:
            return State(lineage=self.journal.lineage())
        envelope = storage.envelope
        if self.journal.size() < envelope.position.offset:
            raise StoreDamaged(
                f"{self.journal.path} is shorter than the list remembers",
                "nothing was changed; keep a copy of the folder",
            )
        try:
            return State(
                lineage=envelope.lineage,
                serial=envelope.serial,
                position=envelope.position,
                rows={k: read_indicator_record(r) for k, r in tables["indicators"].items()},
                suppressions={
                    k: read_suppression_record(r) for k, r in tables["suppressions"].items()
                },
            )
        except (ValueError, KeyError, TypeError) as fault:
            raise StoreDamaged(
                f"{storage.path}: a row cannot be read: {fault}", "nothing was changed"
            ) from fault


def _expired(state: State, now: datetime) -> tuple[Change[Indicator], ...]:
    return tuple(Change(row, None, "expired") for row in state.rows.values() if not row.active(now))


def _growth(plan: SyncPlan) -> int:
    return sum((c.after is not None) - (c.before is not None) for c in plan.changes)
