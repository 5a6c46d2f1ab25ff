"""The checkpoint: a TinyDB database that is what was written, or refused."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
import stat
from pathlib import Path

import orjson
import pytest
from tinydb import Query

from strategies.builders import NOW, row
from strategies.stores import flipped
from tidegate.clock import stamp
from tidegate.errors import ExitCode, StoreDamaged, StoreTooNew, UsageError
from tidegate.store.entry import SCHEMA
from tidegate.store.journal import Position
from tidegate.store.records import indicator_record
from tidegate.store.storage import CheckpointStorage, Envelope, Tables, TenantDB

ENVELOPE = Envelope("ab" * 16, 7, Position(1234, "cd" * 32), NOW)
TABLES: Tables = {
    "indicators": {r.id: indicator_record(r) for r in (row(1), row(2, title="ü “two”\n"))},
    "suppressions": {},
}


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    path = tmp_path / "tenant.json"
    storage = CheckpointStorage(path)
    storage.envelope = ENVELOPE
    storage.write(TABLES)
    return path


def resealed(content: bytes) -> bytes:
    """The same content with a checksum that fits."""
    rest = content[content.index(b",") + 1 :]
    return b'{"sha256":"' + hashlib.sha256(rest).hexdigest().encode() + b'",' + rest


def test_tables_and_envelope_come_back(path: Path) -> None:
    storage = CheckpointStorage(path)
    assert storage.read() == TABLES
    assert storage.envelope == ENVELOPE


def test_no_file_is_an_empty_database(tmp_path: Path) -> None:
    assert CheckpointStorage(tmp_path / "absent").read() is None
    assert not (tmp_path / "absent").exists()


def test_it_is_for_its_owner_alone_and_json_with_one_row_a_line(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    assert orjson.loads(content)["schema"] == SCHEMA
    assert [line for line in content.splitlines() if b"h1.example.com" in line] == [
        orjson.dumps(row(1).id) + b":" + orjson.dumps(indicator_record(row(1))) + b","
    ]


def test_the_same_tables_give_the_same_bytes(path: Path) -> None:
    before = path.read_bytes()
    storage = CheckpointStorage(path)
    storage.write(storage.read() or {})
    assert path.read_bytes() == before


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
def test_a_flip_of_any_byte_is_refused_and_left_alone(path: Path, mask: int) -> None:
    for at in range(path.stat().st_size):
        with flipped(path, at, mask):
            spoilt = path.read_bytes()
            storage = CheckpointStorage(path)
            with pytest.raises(StoreDamaged, match=r"tenant\.json") as caught:
                storage.read()
            assert not isinstance(caught.value, StoreTooNew), "a digit of the schema, too"
            assert path.read_bytes() == spoilt
            assert storage.envelope == Envelope(), "nothing of a damaged file is believed"


def test_every_cut_is_refused_even_the_one_to_nothing(path: Path) -> None:
    for size in range(path.stat().st_size - 1, -1, -1):
        os.truncate(path, size)
        with pytest.raises(StoreDamaged):
            CheckpointStorage(path).read()


@pytest.mark.parametrize("content", [b"[]", b"null", b"{}", b'{"schema":1}', b"\0" * 4096])
def test_what_is_no_list_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match="not a list of Tidegate") as caught:
        CheckpointStorage(path).read()
    assert caught.value.exit_code is ExitCode.DAMAGED


def test_a_newer_schema_is_refused_untouched(path: Path) -> None:
    newer = resealed(path.read_bytes().replace(b'"schema":3,', b'"schema":4,'))
    path.write_bytes(newer)
    with pytest.raises(StoreTooNew, match="schema 4"):
        CheckpointStorage(path).read()
    assert path.read_bytes() == newer


def test_a_newer_file_of_another_shape_is_still_called_newer(path: Path) -> None:
    path.write_bytes(b'{"schema":4,"shards":[]}')
    with pytest.raises(StoreTooNew):
        CheckpointStorage(path).read()


def test_a_symlink_is_neither_read_nor_replaced(path: Path) -> None:
    real = path.with_name("real")
    path.rename(real)
    path.symlink_to(real)
    before = real.read_bytes()
    storage = CheckpointStorage(path)
    with pytest.raises(StoreDamaged, match="symbolic link"):
        storage.read()
    with pytest.raises(StoreDamaged, match="symbolic link"):
        storage.write(TABLES)
    assert real.read_bytes() == before


def test_a_write_that_fails_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        CheckpointStorage(path).write({"indicators": {}})
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["tenant.json"]


def test_a_snapshot_says_when_and_why_and_a_checkpoint_does_not(path: Path) -> None:
    assert b'"taken"' not in path.read_bytes()
    storage = CheckpointStorage(path)
    storage.envelope = dataclasses.replace(ENVELOPE, taken=NOW, reason="before “it”")
    storage.write(TABLES)
    again = CheckpointStorage(path)
    assert again.read() == TABLES
    assert again.envelope == storage.envelope


def test_schema_2_is_read_and_says_so(path: Path) -> None:
    path.write_bytes(resealed(path.read_bytes().replace(b'"schema":3,', b'"schema":2,')))
    storage = CheckpointStorage(path)
    assert storage.read() == TABLES
    assert storage.envelope == dataclasses.replace(ENVELOPE, schema=2)


def test_schema_1_is_read_and_says_so(path: Path) -> None:
    """It knew no `at`, and rows had no `settled`."""
    at = f'"at":"{stamp(NOW)}",'.encode()
    older = path.read_bytes().replace(b'"schema":3,', b'"schema":1,')
    assert at in older
    path.write_bytes(resealed(older.replace(at, b"")))
    storage = CheckpointStorage(path)
    assert storage.read() == TABLES
    assert storage.envelope == dataclasses.replace(ENVELOPE, at=None, schema=1)


def test_the_database_for_questions_takes_no_rows(path: Path) -> None:
    before = path.read_bytes()
    with TenantDB(path) as database:
        table = database.table("indicators")
        for change in (
            table.truncate,
            lambda: table.insert({"value": "h9.example.com"}),
            lambda: table.update({"title": "x"}),
            lambda: table.remove(Query().value == "h1.example.com"),
            lambda: table.upsert({"value": "h1.example.com"}, Query().value == "h1.example.com"),
            lambda: database.drop_table("indicators"),
        ):
            with pytest.raises(UsageError, match="applying plans"):
                change()
        with pytest.raises(UsageError, match="applying plans"):
            database.drop_tables()
    assert path.read_bytes() == before


def test_tinydb_finds_rows_by_our_ids_and_by_field(path: Path) -> None:
    table = TenantDB(path).table("indicators")
    assert len(table) == 2
    (found,) = table.search(Query().value == "h1.example.com")
    assert found["title"] == "row 1"
    # TinyDB types ids as int; ours are text.
    assert {str(r.doc_id): r["title"] for r in table.all()} == {
        row(1).id: "row 1",
        row(2).id: "ü “two”\n",
    }
