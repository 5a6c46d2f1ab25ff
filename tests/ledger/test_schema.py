"""The ledger's file: private, made once, and refused when it is not ours to read."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from strategies.writers import environment
from tidegate.errors import ConfigError, StoreDamaged, StoreLocked, StoreTooNew
from tidegate.ledger.schema import VERSION, connect


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def test_a_new_ledger_is_for_its_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(connect(path)) as link:
            link.execute("INSERT INTO feed (id) VALUES ('f')")
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert path.name in modes
    assert set(modes.values()) == {0o600}


def test_it_keeps_its_content_and_its_settings(path: Path) -> None:
    with closing(connect(path)) as link:
        link.execute("INSERT INTO feed (id) VALUES ('f')")
    with closing(connect(path)) as link:
        assert link.execute("SELECT id FROM feed").fetchall() == [("f",)]
        assert link.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert link.execute("PRAGMA page_size").fetchone() == (16384,)
        assert link.execute("PRAGMA user_version").fetchone() == (VERSION,)


@pytest.mark.parametrize("content", [b"not a database, but long enough to tell" * 40, b"{}"])
def test_a_file_that_is_no_ledger_is_refused_untouched(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"ledger\.sqlite") as caught:
        connect(path)
    assert "sync again" in caught.value.hint
    assert path.read_bytes() == content


def test_a_newer_ledger_is_refused_untouched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as link:
        link.execute("CREATE TABLE later (x)")
        link.execute(f"PRAGMA user_version = {VERSION + 1}")
        link.commit()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=f"version {VERSION + 1}"):
        connect(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_symlink_is_refused(path: Path, tmp_path: Path) -> None:
    connect(tmp_path / "real").close()
    before = (tmp_path / "real").read_bytes()
    path.symlink_to(tmp_path / "real")
    with pytest.raises(StoreDamaged, match="symbolic link"):
        connect(path)
    assert (tmp_path / "real").read_bytes() == before


def test_what_cannot_be_opened_is_for_the_operator_to_settle(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing.*No such file") as caught:
        connect(path.parent / "missing" / path.name)
    assert caught.value.hint
    path.mkdir()
    with pytest.raises(ConfigError, match=r"ledger\.sqlite.*unable to open") as caught:
        connect(path)
    assert caught.value.hint


def test_a_ledger_that_another_process_is_making_is_busy_not_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect

    def impatient(where: Path, **options: object) -> sqlite3.Connection:
        return real(where, timeout=0.05, isolation_level=None)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", impatient)
        with pytest.raises(StoreLocked):
            connect(path)


def test_who_finds_a_new_ledger_made_meanwhile_keeps_what_is_there(path: Path) -> None:
    with closing(connect(path)) as link:
        link.execute("INSERT INTO feed (id) VALUES ('f')")
        link.execute("PRAGMA user_version = 0")  # what the slower of two processes has read
    with closing(connect(path)) as link:
        assert link.execute("SELECT id FROM feed").fetchall() == [("f",)]
        assert link.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_processes_that_open_a_new_ledger_at_once_all_get_it(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tidegate.ledger.schema import connect; "
        "sys.stdin.readline(); link = connect(Path(sys.argv[1])); "
        "print(link.execute('SELECT COUNT(*) FROM object').fetchone()[0])"
    )
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for _ in range(4)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("go\n")
        opener.stdin.flush()
    assert [opener.communicate(timeout=60) for opener in openers] == [("0\n", "")] * 4


def test_a_ledger_of_an_older_version_gets_the_table_that_came_later(path: Path) -> None:
    with closing(connect(path)) as link:
        link.execute("INSERT INTO feed (id) VALUES ('f')")
        link.execute("DROP TABLE wish")
    with closing(connect(path)) as link:
        assert link.execute("SELECT COUNT(*) FROM wish").fetchone() == (0,)
        assert link.execute("SELECT id FROM feed").fetchall() == [("f",)]


def test_opening_a_ledger_waits_for_nobody_who_writes(path: Path) -> None:
    with closing(connect(path)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        with closing(connect(path)) as link:
            assert link.execute("SELECT COUNT(*) FROM wish").fetchone() == (0,)
        writing.execute("ROLLBACK")
