"""Looking at a ledger without leaving a trace."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tidegate.errors import ConfigError, StoreDamaged, StoreTooNew
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.reader import connect_reader
from tidegate.ledger.schema import VERSION


def test_a_missing_ledger_is_empty_and_stays_missing(tmp_path: Path) -> None:
    looking = Ledger(tmp_path / "none" / "ledger.sqlite", read_only=True)
    assert looking.count_objects("acme") == (0, 0)
    assert looking.feed("acme").last_success is None
    looking.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_tables_yet_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch()
    with closing(connect_reader(path)) as link:
        assert link.execute("SELECT COUNT(*) FROM object").fetchone() == (0,)
    assert path.stat().st_size == 0


def test_reading_leaves_no_trace_and_cannot_write(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "led #1?.sqlite"  # signs that mean something in a URI
    writing = Ledger(path)
    writing.start_run("acme", now)
    looking = Ledger(path, read_only=True)
    assert looking.feed("acme").last_attempt == now
    looking.close()
    writing.close()
    assert list(tmp_path.iterdir()) == [path]
    looking = Ledger(path, read_only=True)
    assert looking.feed("acme").last_attempt == now
    with pytest.raises(ConfigError):
        looking.start_run("acme", now)
    looking.close()
    assert list(tmp_path.iterdir()) == [path]


def test_it_knows_when_somebody_wrote(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "ledger.sqlite"
    looking, writing = Ledger(path, read_only=True), Ledger(path)
    assert looking.outdated()
    looking.close()
    looking = Ledger(path, read_only=True)
    assert not looking.outdated()
    writing.start_run("acme", now)
    assert looking.outdated()
    assert not writing.outdated()
    looking.close()
    writing.close()


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is no database" * 500)
    with pytest.raises(StoreDamaged):
        connect_reader(path)
    newer = tmp_path / "newer.sqlite"
    with closing(sqlite3.connect(newer)) as link:
        link.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreTooNew):
        connect_reader(newer)
    (tmp_path / "link").symlink_to(newer)
    with pytest.raises(StoreDamaged, match="symbolic link"):
        connect_reader(tmp_path / "link")
