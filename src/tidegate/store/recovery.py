"""Bringing back a damaged list: whatever can be read, from wherever it can be read.

The list comes from the longest of three ways: the journal from its beginning, the checkpoint with
what follows it, a snapshot with what follows it; and then every later change that can be read is
added, although one before it cannot. The journal is cut before its fault, and one record of the
door `recovery` stands for what came after: its changes lead from the cut to the list, so that
history and list agree again.

Everything as it was is copied to `damaged-<time>/` first. Refuses a snapshot of another list.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson

from tidegate.errors import StoreDamaged, StoreTooNew
from tidegate.indicators.plan import between
from tidegate.store.entry import GENESIS, RECOVERY, Entry, decode, encode, seal, split
from tidegate.store.files import open_private, private_folder, replace, sync_folder
from tidegate.store.journal import Journal, Line, Position
from tidegate.store.lock import WAIT_SECONDS, exclusive
from tidegate.store.snapshots import Snapshots
from tidegate.store.state import State, restored
from tidegate.store.storage import CheckpointStorage


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was brought back: the list at change `serial`, and where the damaged files are kept.

    `unread` counts the changes that could not be read, `replayed` the later changes that were
    brought back on top of the snapshot.
    """

    serial: int
    rows: int
    unread: int
    replayed: int
    kept: Path


@dataclass(slots=True)
class _Chain:
    """The journal as far as it can be read from its beginning."""

    state: State = field(default_factory=lambda: State(lineage=""))
    file: Path | None = None
    end: Position = field(default_factory=Position)
    fault: StoreDamaged | None = None
    records: int = 0
    heads: dict[int, str] = field(default_factory=dict)
    """The sum of each record, by its change."""


class Recovery:
    """One damaged list, looked at from all sides."""

    def __init__(self, folder: Path, lock_wait: float = WAIT_SECONDS) -> None:
        self.folder = folder
        self._lock_wait = lock_wait
        self.journal = Journal(folder / "journal.jsonl")
        self.checkpoint = CheckpointStorage(folder / "tenant.json")
        self.snapshots = Snapshots(folder / "snapshots")

    def fault(self) -> StoreDamaged | None:
        """What is wrong with the list or its journal, put-away files included; None when nothing.

        Raises StoreTooNew: that is no damage.
        """
        chain = self._chain()
        if chain.fault is not None:
            return chain.fault
        try:
            saved = self._saved()
        except StoreDamaged as fault:
            return _real(fault)
        return self._misfit(chain, saved)

    def _misfit(self, chain: _Chain, saved: State | None) -> StoreDamaged | None:
        """What a journal without a fault lacks of what checkpoint and snapshots remember."""
        path, reached = self.journal.path, chain.state.serial
        if saved is not None and saved.serial > reached:
            return StoreDamaged(f"{path} is shorter than the list remembers")
        if saved is not None and chain.heads.get(saved.serial) != saved.position.head:
            return StoreDamaged(f"{path} is not the journal that the list remembers")
        if self.snapshots.beyond(chain.state.lineage, reached):
            return StoreDamaged(f"{path} is shorter than a snapshot remembers")
        if saved is None and not chain.records and self.snapshots.last_good() is not None:
            return StoreDamaged(f"{self.folder}: list and journal are gone, snapshots are left")
        return None

    def recover(self, ident: str, now: datetime, actor: str, *, force: bool = False) -> Recovered:
        """Bring the list back with the help of a snapshot; `force` takes one of another list.

        Raises UsageError for an unknown snapshot, StoreDamaged for one that is no good or not of
        this list, StoreLocked, OSError: the list is then as damaged as it was.
        """
        with exclusive(self.folder, self._lock_wait):
            snapshot = self.snapshots.load(ident)
            chain = self._chain()
            lineage = chain.state.lineage or self._lineage() or snapshot.lineage
            forced = snapshot.lineage != lineage
            if forced:
                if not force:
                    raise StoreDamaged(
                        f"snapshot {ident} is of another list", "add --force-lineage to take it"
                    )
                chain = _Chain()
            snapshot_serial = snapshot.serial
            best = max(self._ways(chain, snapshot, force=force), key=lambda state: state.serial)
            best, lost = self._salvaged(best)
            unread, highest = self._count()
            unread = max(unread, lost)
            replayed = max(best.serial - snapshot_serial - lost, 0)
            known = self.snapshots.newest(best.lineage)  # a change's number is never used again
            kept = self._keep(now)
            if chain.fault is None and max(best.serial, known) <= chain.state.serial:
                best = dataclasses.replace(chain.state, position=chain.end)
                self._save(best)
            else:
                serial = max(highest, best.serial, known) + 1
                what = "change" if unread == 1 else "changes"
                said = f"{unread:,} {what} could not be read" if unread else "all of it was read"
                reason = f"recovered the list of change {best.serial}; {said}; see {kept.name}"
                entry = Entry(serial, now, actor, RECOVERY, reason, lineage=best.lineage)
                best = self._rewrite(chain, best, entry)
            if forced:  # else the last good snapshot may be one of the list that was given up
                self.snapshots.take(best, f"after the recovery from {ident}", now)
            return Recovered(
                best.serial,
                len(best.rows),
                unread=unread,
                replayed=replayed,
                kept=kept,
            )

    def _chain(self) -> _Chain:
        chain = _Chain()
        head = GENESIS
        for path in (*self.journal.archives(), self.journal.path):
            chain.file, chain.end = path, Position(0, head)
            try:
                for line in self.journal.read(path, chain.end):
                    chain.state.take(line)
                    chain.end, head = line.position, line.position.head
                    chain.records += 1
                    chain.heads[chain.state.serial] = head
            except StoreDamaged as fault:
                chain.fault = _real(fault)
                return chain
        return chain

    def _saved(self) -> State | None:
        """The checkpoint's state; None when there is none. Raises StoreDamaged."""
        tables = self.checkpoint.read()
        if tables is None:
            return None
        try:
            return restored(tables, self.checkpoint.envelope)
        except (KeyError, TypeError) as fault:
            raise StoreDamaged(f"{self.checkpoint.path} cannot be read: {fault!r}") from fault

    def _lineage(self) -> str:
        try:
            saved = self._saved()
        except StoreDamaged as fault:
            _real(fault)
            return ""
        return "" if saved is None else saved.lineage

    def _ways(self, chain: _Chain, snapshot: State, *, force: bool) -> Iterator[State]:
        """The lists that can be had, each with all that follows it."""
        yield self._extended(snapshot)
        if force and snapshot.lineage != self._lineage():
            return
        yield chain.state
        try:
            saved = self._saved()
        except StoreDamaged as fault:
            _real(fault)
        else:
            if saved is not None and saved.lineage == snapshot.lineage:
                yield self._extended(saved)

    def _raw(self) -> Iterator[bytes]:
        for path in (*self.journal.archives(), self.journal.path):
            try:
                with open_private(path, os.O_RDONLY) as stream:
                    for line in stream:
                        yield from split(line)
            except (FileNotFoundError, StoreDamaged):
                continue

    def _extended(self, state: State) -> State:
        """Take what follows a state in the journal, wherever that begins, until it breaks off."""
        begun = False
        for line in self._raw():
            try:
                record, head = decode(line, state.position.head)
                state.take(Line(record, Position(0, head)))
            except (ValueError, KeyError, TypeError, StoreDamaged):
                if begun:
                    break
            else:
                begun = True
        return state

    def _salvaged(self, state: State) -> tuple[State, int]:
        """Add every later change that can be read, and count those between that cannot."""
        later: dict[int, Line] = {}
        for line in self._raw():
            try:
                record, head = decode(line, None)
                if record["lineage"] == state.lineage and record["serial"] > state.serial:
                    later.setdefault(record["serial"], Line(record, Position(0, head)))
            except (ValueError, KeyError, TypeError):
                continue
        if not later:
            return state, 0
        found = state.copy()
        for serial in sorted(later):
            found.overlay(later[serial])
        return found, found.serial - state.serial - len(later)

    def _count(self) -> tuple[int, int]:
        """How many records cannot be read, and the highest change that any names.

        An end without a line end was never acknowledged and does not count.
        """
        unread, highest = 0, 0
        for line in self._raw():
            try:
                seal(line, None)
            except ValueError:
                unread += line.endswith(b"\n")
            try:
                serial = orjson.loads(line)["serial"]
            except (ValueError, KeyError, TypeError):
                continue
            highest = max(highest, serial if isinstance(serial, int) else 0)
        return unread, highest

    def _keep(self, now: datetime) -> Path:
        """Copy everything as it is aside."""
        name = kept = self.folder / f"damaged-{now:%Y%m%dT%H%M%SZ}"
        number = 1
        while kept.exists():
            number += 1
            kept = name.with_name(f"{name.name}-{number}")
        private_folder(kept)
        for path in (self.checkpoint.path, *self.journal.archives(), self.journal.path):
            try:
                data = path.read_bytes()  # follows a symlink: what it leads to is evidence, too
            except OSError:
                continue
            replace(kept / path.name, data)
        return kept

    def _rewrite(self, chain: _Chain, best: State, entry: Entry) -> State:
        """Cut the journal before its fault and write the record that leads from there to `best`."""
        before = chain.state
        entry = dataclasses.replace(
            entry,
            changes=between(before.rows, best.rows, "recovered"),
            suppressions=between(before.suppressions, best.suppressions, "recovered"),
        )
        path = chain.file or self.journal.path
        data = b"" if not chain.end.offset else path.read_bytes()[: chain.end.offset]
        line, _, head = encode(entry, before.position.head)
        position = Position(len(data) + len(line), head)
        best = dataclasses.replace(best, serial=entry.serial, at=entry.at, position=position)
        # The checkpoint holds all of the list, so it comes first: until the journal fits it the
        # list counts as damaged, and recovering again loses nothing.
        self._save(best)
        if self.journal.path.is_symlink():
            self.journal.path.unlink()
        replace(self.journal.path, data + line)
        for archive in reversed(self.journal.archives()):  # what is left must still be one chain
            if chain.file is None or (path != self.journal.path and archive.name >= path.name):
                archive.unlink()
                sync_folder(self.folder)
        return best

    def _save(self, state: State) -> None:
        if self.checkpoint.path.is_symlink():
            self.checkpoint.path.unlink()
        self.checkpoint.envelope = state.envelope
        self.checkpoint.write(state.tables)


def _real(fault: StoreDamaged) -> StoreDamaged:
    if isinstance(fault, StoreTooNew):
        raise fault
    return fault
