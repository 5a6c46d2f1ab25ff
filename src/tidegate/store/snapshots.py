"""Snapshots: whole lists, kept from before a large change, an upgrade or a restore.

Owns `snapshots/`: one sealed file for a change of the list, rewritten only when it is no good, and
how many are kept.
Refuses to put one back: `recovery` does for a damaged list, a plan for one that is well.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import orjson

from tidegate.clock import read_stamp
from tidegate.errors import StoreDamaged, StoreTooNew, UsageError
from tidegate.store.files import open_private, private_folder
from tidegate.store.state import State, restored
from tidegate.store.storage import CheckpointStorage

KEEP = 20
"""The newest snapshots, all kept; of older ones the last of each day."""

KEEP_DAYS = 30
"""How many days keep their last snapshot."""

UPGRADE = "before an upgrade of the files"
_NAME = re.compile(r"(\d{6,})-([0-9a-f]{6})\.json")
_MARK = 6
"""Digits of the lineage in a name."""
_HEADER = 4096
_TABLES = b',\n"tables":'


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot: the list at change `serial`, taken `at`; `fault` says why it is no good."""

    id: str
    serial: int
    lineage: str
    at: datetime | None
    reason: str
    rows: int
    path: Path
    fault: str = ""


class Snapshots:
    """The snapshots of one tenant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> tuple[Snapshot, ...]:
        """Every snapshot, newest first, each read whole; those that cannot be have a `fault`."""
        return tuple(s for s in map(self._checked, self._paths()) if s is not None)

    def last_good(self) -> Snapshot | None:
        """The newest that can be read whole."""
        found = (self._checked(path) for path in self._paths())
        return next((s for s in found if s is not None and not s.fault), None)

    def newest(self, lineage: str) -> int:
        """The highest change of a list that a snapshot was taken of, by their names; 0 for none."""
        end = f"-{lineage[:_MARK]}"
        return next((_order(p)[0] for p in self._paths() if lineage and p.stem.endswith(end)), 0)

    def beyond(self, lineage: str, serial: int) -> bool:
        """Whether a good snapshot of a list is of a later change than this."""
        if self.newest(lineage) <= serial:
            return False
        found = self.last_good()
        return found is not None and found.lineage == lineage and found.serial > serial

    def find(self, ident: str) -> Path:
        """The file of a snapshot, by its id, a prefix of it, or its change. Raises UsageError."""
        paths = [p for p in self._paths() if p.stem == ident]
        paths = paths or [p for p in self._paths() if ident and p.stem.startswith(ident)]
        if not paths and ident.isdecimal():
            paths = [p for p in self._paths() if _order(p)[0] == int(ident)]
        if len(paths) != 1:
            what = f"{len(paths)} snapshots are" if paths else "no snapshot is"
            raise UsageError(f"{what} {ident!r}", "`tidegate snapshots` lists them")
        return paths[0]

    def load(self, ident: str) -> State:
        """Read a snapshot whole. Raises UsageError, StoreDamaged, StoreTooNew."""
        return _load(self.find(ident))

    def take(self, state: State, reason: str, now: datetime) -> Path:
        """Keep the list as it is, unless this change has its snapshot already. Raises OSError."""
        path = self.folder / f"{state.serial:06}-{state.lineage[:_MARK]}.json"
        held = self._checked(path)
        if held is None or held.fault:
            if self.folder.is_symlink():
                raise StoreDamaged(
                    f"{self.folder} is a symbolic link", "put the folder itself in its place"
                )
            private_folder(self.folder)
            storage = CheckpointStorage(path)
            storage.envelope = dataclasses.replace(state.envelope, taken=now, reason=reason)
            storage.write(state.tables)
            self._prune()
        return path

    def _paths(self) -> list[Path]:
        if self.folder.is_symlink():
            return []
        try:
            found = [p for p in self.folder.iterdir() if _NAME.fullmatch(p.name)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(found, key=_order, reverse=True)

    def _checked(self, path: Path) -> Snapshot | None:
        """Read a snapshot; None when there is none (any more)."""
        serial, lineage = _order(path)[0], path.stem.rpartition("-")[2]
        blank = Snapshot(path.stem, serial, lineage, None, "", 0, path)
        storage = CheckpointStorage(path)
        try:
            tables = storage.read()
            if tables is None:
                return None
            envelope, rows = storage.envelope, len(tables["indicators"])
        except (StoreDamaged, StoreTooNew, OSError, KeyError) as fault:
            return dataclasses.replace(blank, fault=str(fault))
        if (envelope.serial, envelope.lineage[:_MARK]) != (serial, lineage):
            return dataclasses.replace(blank, fault=f"{path} holds another snapshot")
        return dataclasses.replace(
            blank, lineage=envelope.lineage, at=envelope.taken, reason=envelope.reason, rows=rows
        )

    def _prune(self) -> None:
        """Remove what nobody will want back; a file that says nothing of itself stays."""
        days: set[date] = set()
        for place, (path, taken, reason) in enumerate(self._headers(), 1):
            fresh_day = taken.date() not in days
            days.add(taken.date())
            daily = fresh_day and len(days) <= KEEP_DAYS
            if place > KEEP and not daily and reason != UPGRADE:
                path.unlink(missing_ok=True)

    def _headers(self) -> Iterator[tuple[Path, datetime, str]]:
        for path in self._paths():
            try:
                with open_private(path, os.O_RDONLY) as stream:
                    head, found, _ = stream.read(_HEADER).partition(_TABLES)
                envelope = orjson.loads(head + b"}") if found else {}
                yield path, read_stamp(envelope["taken"]), envelope["reason"]
            except (StoreDamaged, OSError, ValueError, KeyError, TypeError):
                continue


def _load(path: Path) -> State:
    storage = CheckpointStorage(path)
    tables = storage.read()
    if tables is None:
        raise UsageError(f"{path} is gone", "`tidegate snapshots` lists what there is")
    try:
        return restored(tables, storage.envelope)
    except (KeyError, TypeError) as fault:
        raise StoreDamaged(f"{path} is no snapshot of Tidegate: {fault!r}") from fault


def _order(path: Path) -> tuple[int, str]:
    found = _NAME.fullmatch(path.name)
    return int(found[1]) if found else -1, path.name
