"""Opening the ledger only to look: nothing on disk is made or changed.

Refuses to write by SQLite's own means. A ledger that is missing reads as an empty one.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tidegate.errors import StoreDamaged
from tidegate.ledger.derived import DERIVED, temporary
from tidegate.ledger.link import told
from tidegate.ledger.schema import LATER, TABLES, VERSION, version_of


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open the ledger read-only.

    The first reader of a file in WAL mode leaves `-wal` and `-shm` beside it (SQLite,
    "Write-Ahead Logging", read-only databases). So a file that nobody has open is declared
    immutable; what is written meanwhile is seen by opening it again. Raises what `connect` raises.
    """
    if path.is_symlink():
        raise StoreDamaged(f"{path} is a symbolic link", "put the file itself in its place")
    if not path.exists():
        return _empty()
    written = path.with_name(path.name + "-wal").exists()
    place = f"{path.absolute().as_uri()}?mode=ro" + ("" if written else "&immutable=1")
    link = None
    try:
        link = sqlite3.connect(
            place, uri=True, timeout=30, isolation_level=None, check_same_thread=False
        )
        version = version_of(link, path)
    except sqlite3.DatabaseError as fault:
        if link is not None:
            link.close()
        raise told(path, fault) from fault
    except BaseException:
        if link is not None:
            link.close()
        raise
    if version == 0:  # a writer has made the file, and not its tables yet
        link.close()
        return _empty()
    if version < VERSION:
        link.executescript(temporary())  # until it is written to, nothing in it is evaluated
    return link


def _empty() -> sqlite3.Connection:
    link = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    link.executescript(TABLES + LATER + DERIVED)
    return link


def mark(path: Path) -> tuple[object, ...]:
    """What changes when somebody writes: sizes and times of the file and its log."""
    marks: list[object] = []
    for part in (path, path.with_name(path.name + "-wal")):
        try:
            stat = part.stat()
        except OSError:
            marks.append(None)
        else:
            marks.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return tuple(marks)
