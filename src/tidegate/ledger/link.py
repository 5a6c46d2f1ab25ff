"""The ledger's connection, with every fault of SQLite told as one of ours.

Owns which fault means what: busy, not ours to open, or damaged. Reads fault as writes do, and as
late as the last row; so rows, too, come through here. Refuses to hide faults of our own: a misuse
of the library passes through as it is.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tidegate.errors import ConfigError, StoreDamaged, StoreLocked, TidegateError

AGAIN = "move it away and sync again: the ledger only repeats what feeds say"

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NOT_OURS = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_PRIMARY = 0xFF
"""The low byte of a result code is the kind of fault, the rest its shade (SQLite, result codes)."""


def told(path: Path, fault: sqlite3.DatabaseError) -> TidegateError:
    """Return what a fault of SQLite means for whoever uses the file."""
    # Faults that Python's module raises by itself, such as text that is no UTF-8, carry no code.
    code = getattr(fault, "sqlite_errorcode", 0) & _PRIMARY
    if code in _BUSY:
        return StoreLocked(f"{path} is in use", "try again in a moment")
    if code in _NOT_OURS:
        return ConfigError(
            f"{path} cannot be used: {fault}",
            "check that you may read and write this file and its folder",
        )
    if code in _NO_ROOM:
        return ConfigError(
            f"{path}: {fault}", "see whether the disk is full or failing; nothing else is wrong"
        )
    return StoreDamaged(f"{path}: {fault}", AGAIN)


@contextlib.contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Raise StoreDamaged, StoreLocked or ConfigError for what SQLite raises inside."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as fault:
        raise told(path, fault) from fault


class Rows:
    """The rows of a query: iterate once, or fetch."""

    __slots__ = ("_cursor", "_path")

    def __init__(self, cursor: sqlite3.Cursor, path: Path) -> None:
        self._cursor = cursor
        self._path = path

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows as tuples; raises as `guarded` does."""
        with guarded(self._path):
            yield from self._cursor

    def fetchone(self) -> Any:  # noqa: ANN401 - a row has the shape of its query
        """Return the next row, or None."""
        with guarded(self._path):
            return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        with guarded(self._path):
            return self._cursor.fetchall()


class Link:
    """One open connection. What it raises is in `guarded`."""

    __slots__ = ("_connection", "_path")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def execute(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> Rows:
        """Run one statement."""
        with guarded(self._path):
            return Rows(self._connection.execute(sql, values), self._path)

    def executemany(self, sql: str, values: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of values."""
        with guarded(self._path):
            self._connection.executemany(sql, values)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; SQLite ends it by itself when the disk is full."""
        return self._connection.in_transaction

    def close(self) -> None:
        """Release the file."""
        self._connection.close()
