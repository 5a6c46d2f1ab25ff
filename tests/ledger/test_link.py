"""Every fault of SQLite comes out as one of ours, with the path and what to do, reads included."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from strategies.builders import NOW, held_indicators
from tidegate.errors import ConfigError, StoreDamaged, StoreLocked, TidegateError
from tidegate.ledger import evaluation
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.link import Link, guarded, told

READS: dict[str, Callable[[Ledger], object]] = {
    "feed": lambda ledger: ledger.feed("f"),
    "count_objects": lambda ledger: ledger.count_objects("f"),
    "indicators": lambda ledger: list(held_indicators(ledger, "f")),
    "object": lambda ledger: ledger.object("f", "indicator--1"),
    "start_run": lambda ledger: ledger.start_run("f", NOW),
    "count_waiting": lambda ledger: evaluation.count_waiting(ledger, "default"),
    "waiting_for": lambda ledger: evaluation.waiting_for(ledger, "default", ["x"]),
    "candidates_for": lambda ledger: evaluation.candidates_for(ledger, "x"),
    "rejections": evaluation.rejections,
    "ended_naming": lambda ledger: evaluation.ended_naming(ledger, "x"),
}


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    run = ledger.start_run("f", NOW)
    items = [{"type": "indicator", "id": f"indicator--{n}", "x": "y" * 200} for n in range(500)]
    ledger.add_page("f", run, items, junk=0, cursor="c", whole=True, now=NOW)
    ledger.finish_run("f", run, whole=True, published=NOW, now=NOW)
    yield ledger
    ledger.close()


def damage(path: Path) -> None:
    """Overwrite every page but the first, so that the file still opens as a database."""
    with closing(sqlite3.connect(path)) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xaa" * (len(data) - 4096))


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_damage_comes_out_of_every_read_with_the_path_and_the_fix(
    ledger: Ledger, read: Callable[[Ledger], object]
) -> None:
    ledger.close()
    damage(ledger.path)
    with pytest.raises(StoreDamaged, match=r"ledger\.sqlite") as caught:
        read(Ledger(ledger.path))
    assert "sync again" in caught.value.hint
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("table", ["feed", "object", "judged", "proposal", "rejection", "waiting"])
def test_a_table_that_is_missing_is_damage(ledger: Ledger, table: str) -> None:
    ledger.link.execute(f"DROP TABLE {table}")
    with pytest.raises(StoreDamaged, match=r"ledger\.sqlite.*no such table"):  # noqa: PT012 - one of them reads it
        for read in READS.values():
            read(ledger)


def test_damage_is_found_as_late_as_the_last_row(ledger: Ledger) -> None:
    ledger.link.execute(
        "UPDATE object SET id = CAST(x'ff' AS TEXT) WHERE id = (SELECT MAX(id) FROM object)"
    )
    rows = ledger.objects_of("f", ("indicator",))
    assert len([next(rows) for _ in range(499)]) == 499
    with pytest.raises(StoreDamaged, match="UTF-8"):
        next(rows)
    for fetch in ("fetchone", "fetchall"):
        found = ledger.link.execute("SELECT id FROM object WHERE id > 'z'")
        with pytest.raises(StoreDamaged, match="UTF-8"):
            getattr(found, fetch)()


@pytest.mark.parametrize(
    ("sql", "read", "said"),
    [
        ("UPDATE object SET raw = x'7b'", READS["indicators"], "object 'indicator--0'"),
        ("UPDATE object SET raw = x'7b'", READS["object"], "object 'indicator--1'"),
        ("UPDATE feed SET published = 'last Tuesday'", READS["feed"], "time of feed f"),
    ],
)
def test_content_that_is_not_what_was_written_is_damage(
    ledger: Ledger, sql: str, read: Callable[[Ledger], object], said: str
) -> None:
    ledger.link.execute(sql)
    with pytest.raises(StoreDamaged, match=said):
        read(ledger)


def fault(code: int) -> sqlite3.DatabaseError:
    made = sqlite3.OperationalError("as SQLite says")
    made.sqlite_errorcode = code
    return made


@pytest.mark.parametrize(
    ("code", "kind", "hint"),
    [
        (sqlite3.SQLITE_BUSY, StoreLocked, "in a moment"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreLocked, "in a moment"),
        (sqlite3.SQLITE_LOCKED, StoreLocked, "in a moment"),
        (sqlite3.SQLITE_CANTOPEN, ConfigError, "read and write"),
        (sqlite3.SQLITE_READONLY, ConfigError, "read and write"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, ConfigError, "read and write"),
        (sqlite3.SQLITE_FULL, ConfigError, "disk is full"),
        (sqlite3.SQLITE_CORRUPT, StoreDamaged, "sync again"),
        (sqlite3.SQLITE_NOTADB, StoreDamaged, "sync again"),
        (sqlite3.SQLITE_IOERR_READ, ConfigError, "failing"),
    ],
)
def test_which_fault_means_what(code: int, kind: type[TidegateError], hint: str) -> None:
    error = told(Path("ledger.sqlite"), fault(code))
    assert type(error) is kind
    assert "ledger.sqlite" in error.message
    assert hint in error.hint


def test_faults_of_ours_pass_as_they_are(tmp_path: Path) -> None:
    link = Link(sqlite3.connect(":memory:"), tmp_path)
    link.close()
    with pytest.raises(sqlite3.ProgrammingError):
        link.execute("SELECT 1")
    with pytest.raises(RuntimeError), guarded(tmp_path):
        raise RuntimeError


def test_many_rows_are_guarded_too(tmp_path: Path) -> None:
    link = Link(sqlite3.connect(":memory:"), tmp_path / "x.sqlite")
    link.execute("CREATE TABLE t (n UNIQUE)")
    with pytest.raises(StoreDamaged, match=r"x\.sqlite"):
        link.executemany("INSERT INTO t VALUES (?)", [(1,), (1,)])
    link.close()
