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
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tidegate.errors import StoreDamaged, StoreTooNew
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.store import journal as journals
from tidegate.store.admission import admit
from tidegate.store.entry import SCHEMA, Entry
from tidegate.store.files import sync_folder
from tidegate.store.journal import Journal, Position
from tidegate.store.lock import WAIT_SECONDS, exclusive
from tidegate.store.records import Record
from tidegate.store.snapshots import UPGRADE, Snapshots
from tidegate.store.state import State, restored
from tidegate.store.storage import CheckpointStorage, TenantDB

CHECKPOINT_EVERY = 256
"""Changed rows after which the checkpoint is renewed; replaying this many takes milliseconds."""

BULK = 10
"""Changed rows from which a plan is bulk: the list as it was is kept as a snapshot."""

_LOOKS = 20
"""How often a reader looks again when somebody wrote while it read."""


class TenantStore:
    """The list of one tenant in one folder: `tenant.json`, `journal.jsonl`, `snapshots/`."""

    def __init__(self, folder: Path, lock_wait: float = WAIT_SECONDS) -> None:
        self.folder = folder
        self._lock_wait = lock_wait
        self.database = TenantDB(folder / "tenant.json")
        """The checkpoint, for questions; it may lag behind the journal."""
        self._storage = self.database.checkpoint
        self.journal = Journal(folder / "journal.jsonl")
        self.snapshots = Snapshots(folder / "snapshots")
        self.repaired = 0
        """Bytes of unfinished changes that this store's writes cut off the journal."""
        self._state: State | None = None
        self._seen: tuple[object, ...] = ()
        self._inode = 0
        # One thread may read while another writes.
        self._threads = threading.RLock()

    def state(self) -> State:
        """The list as it is on disk now; cheap when nothing changed. Raises StoreDamaged."""
        with self._threads:
            failed: tuple[object, ...] | None = None
            for look in range(_LOOKS):
                seen = self._fingerprint()
                if self._state is not None and seen == self._seen:
                    return self._state
                try:
                    self._state = self._caught_up()
                except StoreDamaged as fault:
                    self._state = None
                    # A checkpoint and a journal from either side of somebody's write do not fit;
                    # and files may look the same by chance when they were written meanwhile.
                    if look == _LOOKS - 1 or failed == seen == self._fingerprint():
                        raise self._advised(fault) from fault
                    failed = seen
                else:
                    self._seen = seen
            if self._state is None:
                raise StoreDamaged(f"{self.folder} cannot be read", "look again")
            return self._state  # others never stop writing; this is the list as it just was

    def active(self, now: datetime) -> Iterator[Indicator]:
        """The rows that Defender would hold at `now`, in no particular order."""
        with self._threads:  # a copy: the caller may take its time while a worker writes
            rows = self.state().rows.all()
        # What `Indicator.active` says, without 15,000 calls of it.
        return iter([row for row in rows if (end := row.expires) is None or end > now])

    def listed(self, now: datetime) -> list[Record]:
        """The active rows as they are written down: to look through 15,000 and make a few."""
        with self._threads:
            return self.state().rows.listed(now)

    def row(self, ident: str) -> Indicator:
        """The row with this id, active or not. Raises KeyError."""
        with self._threads:
            return self.state().rows[ident]

    def at(self, key: RowKey, now: datetime) -> Indicator | None:
        """The active row with this identity."""
        with self._threads:
            row = self.state().rows.at(key)
        return row if row is not None and row.active(now) else None

    def count(self, now: datetime) -> int:
        """How many rows Defender would hold at `now`."""
        with self._threads:
            rows = self.state().rows
            return len(rows) - len(rows.expired(now))

    def by_key(self, now: datetime) -> dict[RowKey, Indicator]:
        """Active rows by identity."""
        return {row.key: row for row in self.active(now)}

    def entries(self) -> Iterator[Entry]:
        """The whole history, oldest first. Raises StoreDamaged."""
        try:
            yield from self.journal.entries()
        except StoreDamaged as fault:
            raise self._advised(fault) from fault

    def records(self) -> Iterator[Record]:
        """The whole history as the journal holds it, without building rows. Raises StoreDamaged."""
        try:
            for line in self.journal.lines():
                yield line.record
        except StoreDamaged as fault:
            raise self._advised(fault) from fault

    def confirm(self, reached: int) -> None:
        """Check a history that ended with this change: a journal may be gone without a trace.

        Raises StoreDamaged when the list remembers more. A list that cannot be read remembers
        nothing, and the history stays readable.
        """
        state = self._state  # another thread may take it away
        if state is not None:
            known = state.serial
        else:
            storage = CheckpointStorage(self._storage.path)
            with contextlib.suppress(StoreDamaged):
                storage.read()
            known = storage.envelope.serial
        if not reached or known > reached:
            self.state()  # which says what is wrong, unless somebody wrote just now

    def apply(
        self, plan: SyncPlan, *, limit: int, now: datetime, actor: str, rebase: bool = False
    ) -> Entry | None:
        """Apply a plan and return its journal entry, or None when it changes nothing.

        A bulk change keeps the list as it was as a snapshot. With `rebase` a plan from an older
        change is applied when nothing done since is about its values.

        Raises StalePlan when the list is not the one the plan was made from, UsageError when the
        result would exceed `limit` rows, StoreLocked, StoreDamaged and OSError: then nothing
        changed.
        """
        if plan.empty:
            return None
        # The lock first: a reader on another thread must not wait for another process.
        with exclusive(self.folder, self._lock_wait), self._threads:
            state = self.state()
            expired = state.rows.expired(now)
            admit(
                state,
                plan,
                limit=limit,
                expired=expired,
                since=self.journal.since,
                rebase=rebase,
            )
            self._keep_old(state, plan, now)
            state.lineage = state.lineage or uuid.uuid4().hex
            if expired:
                leaving = tuple(Change(row, None, "expired") for row in expired)
                self._commit(
                    state, Entry(state.serial + 1, now, "tidegate", "expiry", "expired", leaving)
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
            if self._due(state, plan):
                # The journal has the change already: a full disk must not make it look failed. The
                # next write tries again.
                try:
                    self._save(state, now)
                except (OSError, StoreDamaged):
                    self._state = None  # it may not say any more where the journal goes on
            self._seen = self._fingerprint()
        return entry

    def _keep_old(self, state: State, plan: SyncPlan, now: datetime) -> None:
        """Take a snapshot before what may need more than an undo.

        Under the lock: a change that another process has not made durable yet must not be in it.
        """
        old = state.schema < SCHEMA
        if state.serial and (old or _size(plan) >= BULK):
            self.snapshots.take(state, UPGRADE if old else f"before {plan.reason}", now)

    def _due(self, state: State, plan: SyncPlan) -> bool:
        """Whether the checkpoint is to be renewed.

        A new journal gets its checkpoint at once: a journal that goes missing then shows. So do
        files of an older schema: older versions then see that they may not write.
        """
        many = _size(plan) >= BULK or state.unsaved >= CHECKPOINT_EVERY
        return many or not state.covered or state.schema < SCHEMA or not self._storage.path.exists()

    def _commit(self, state: State, entry: Entry) -> Entry:
        if not state.serial:
            # The home may be as new as the list, and folders above it as new as the home: a power
            # cut must not take them away.
            for folder in (self.folder, *self.folder.parents):
                sync_folder(folder)
        self.repaired += self.journal.remains
        entry = dataclasses.replace(entry, lineage=state.lineage)
        line = self.journal.append(
            entry, state.position, state.rows.records, state.suppressions.records
        )
        self.journal.remains = 0
        state.take(line)
        state.keep(entry.changes, entry.suppressions)
        self._inode = self.journal.inode()
        return dataclasses.replace(entry, sum=line.position.head)

    def _save(self, state: State, now: datetime) -> None:
        """Write the checkpoint; put the journal away when it is large, which needs one."""
        self._storage.envelope = state.envelope
        self._storage.write(state.tables)
        state.unsaved, state.schema, state.covered = 0, SCHEMA, state.position.offset
        if not self.snapshots.folder.exists():
            self.snapshots.take(state, "the first", now)
        if state.position.offset >= journals.ROTATE_AT:
            self.journal.rotate(state.serial)
            state.position, state.entry_at, self._inode = Position(0, state.position.head), None, 0
            state.covered = 0

    def _fingerprint(self) -> tuple[object, ...]:
        marks: list[object] = []
        for path in (self._storage.path, self.journal.path):
            try:
                stat = path.stat()
                marks.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
            except FileNotFoundError:
                marks.append(None)
        return tuple(marks)

    def _caught_up(self) -> State:
        """Follow the journal from where we are; start over from the checkpoint when that fails."""
        state = self._state
        anew = state is None or not self._continues(state)
        if state is None or anew:
            state = self._load()
            self._inode = self.journal.inode()
        for line in self.journal.follow(state.position):
            state.take(line)
        if anew and self.snapshots.beyond(state.lineage, state.serial):
            raise StoreDamaged(f"{self.journal.path} is shorter than a snapshot remembers")
        return state

    def _continues(self, state: State) -> bool:
        """Whether the journal on disk is still what we have been reading.

        An entry that we saw goes again when its writer could not make it durable.
        """
        return (
            self.journal.inode() == self._inode
            and not self._written_over()
            # With no file to follow, another may have come and been put away meanwhile.
            and (self._inode != 0 or self.journal.base() == state.position.head)
            and self.journal.size() >= state.position.offset
            and (state.entry_at is None or self.journal.holds(state.position.head, state.entry_at))
        )

    def _written_over(self) -> bool:
        """Whether the journal was written to without growing: no append does that and lasts."""
        mark = self._fingerprint()[1]
        seen = self._seen[1] if self._seen else None
        return (
            mark != seen
            and isinstance(mark, tuple)
            and isinstance(seen, tuple)
            and (mark[:2] == seen[:2])
        )

    def _load(self) -> State:
        """Read the checkpoint and check all of the journal that it covers."""
        storage = self._storage
        tables = storage.read()
        if tables is None:
            return self._replayed()
        try:
            state = restored(tables, storage.envelope)
        except (KeyError, TypeError) as fault:
            raise StoreDamaged(f"{storage.path} is not a list of Tidegate: {fault!r}") from fault
        upto = state.position
        if self.journal.put_away(state.serial, upto.offset):
            state.position, state.covered = Position(0, upto.head), 0
        elif self.journal.size() < upto.offset:
            raise StoreDamaged(f"{self.journal.path} is shorter than the list remembers")
        else:
            self.journal.verify(upto)
        return state

    def _replayed(self) -> State:
        """The list without a checkpoint: what the journal says from its beginning."""
        state = State(lineage="")
        for line in self.journal.lines():
            state.take(line)
        if state.position.head == self.journal.base():  # the file that grows has no line yet
            state.position = Position(0, state.position.head)
        state.entry_at = None
        if not state.serial and self.snapshots.last_good() is not None:
            raise StoreDamaged(f"{self.folder}: list and journal are gone, snapshots are left")
        return state

    def _advised(self, fault: StoreDamaged) -> StoreDamaged:
        """The fault, with the last good snapshot and the command that mends it."""
        if isinstance(fault, StoreTooNew):
            return fault
        return StoreDamaged(fault.message, f"nothing was changed; {self.advice()}")

    def advice(self) -> str:
        """What mends a damaged list: the last good snapshot, by its command."""
        last = self.snapshots.last_good()
        if last is None:
            return "there is no snapshot; `tidegate doctor` tells what is left"
        tenant = "" if self.folder.name == "default" else f"--tenant {self.folder.name} "
        return (
            f"the last good snapshot is {last.id}: `tidegate {tenant}restore {last.id}` brings it "
            "back with every later change that can be read"
        )


def _size(plan: SyncPlan) -> int:
    """How many rows a plan changes."""
    return len(plan.changes) + len(plan.suppressions)
