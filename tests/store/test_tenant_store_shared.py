"""Several at once over one list: each sees the others, and nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from strategies.builders import NOW, create, remove, row
from strategies.stores import apply, contents, filled
from strategies.writers import writer
from tidegate.errors import StoreLocked
from tidegate.store import journal, tenant_store
from tidegate.store.lock import exclusive
from tidegate.store.tenant_store import CHECKPOINT_EVERY, TenantStore


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants" / "default"


def test_two_stores_over_one_folder_see_each_other(folder: Path) -> None:
    ours, theirs = TenantStore(folder), TenantStore(folder)
    assert ours.by_key(NOW) == theirs.by_key(NOW) == {}
    apply(theirs, *create(row(1)))
    assert set(ours.by_key(NOW)) == {row(1).key}
    apply(ours, *remove(row(1)))
    assert theirs.by_key(NOW) == {}
    assert ours.state() is ours.state(), "nothing is read again while nothing changed"


def test_a_follower_keeps_up_over_a_checkpoint(folder: Path) -> None:
    follower = TenantStore(folder)
    follower.state()
    filled(folder)
    assert len(follower.state().rows) == CHECKPOINT_EVERY
    apply(follower, *create(row(5_000)))
    assert len(TenantStore(folder).state().rows) == CHECKPOINT_EVERY + 1


def test_a_follower_notices_that_the_folder_was_put_back(folder: Path, tmp_path: Path) -> None:
    store = filled(folder)
    shutil.copytree(folder, tmp_path / "kept")
    apply(store, *create(row(5_000)))
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "kept", folder)
    assert store.state().serial == 2
    assert row(5_000).id not in store.state().rows


def test_a_reader_may_take_its_time_while_another_thread_writes(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1), row(2), row(3)))
    reading = store.active(NOW)
    first = next(reading)
    apply(store, *create(row(4)))
    assert {first.value, *(r.value for r in reading)} == {row(n).value for n in (1, 2, 3)}


def test_two_processes_lose_nothing(folder: Path) -> None:
    with writer("adds", folder, 1_000, 50) as one, writer("adds", folder, 2_000, 50) as two:
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [one.wait(60), two.wait(60)] == [0, 0]
    store = TenantStore(folder)
    wanted = {row(first + n).value for first in (1_000, 2_000) for n in range(50)}
    assert {r.value for r in store.active(NOW)} == wanted
    entries = list(store.entries())
    assert [entry.serial for entry in entries] == list(range(1, 101))
    assert {entry.actor for entry in entries} == {"writer 1000", "writer 2000"}
    assert {entry.lineage for entry in entries} == {store.state().lineage}


def test_a_writer_that_cannot_have_the_lock_changes_nothing(folder: Path) -> None:
    store = TenantStore(folder, lock_wait=0.05)
    apply(store, *create(row(1)))
    before = contents(folder)
    with exclusive(folder), pytest.raises(StoreLocked):
        apply(store, *create(row(2)))
    assert contents(folder) == before
    apply(store, *create(row(2)))


def test_a_reader_that_missed_a_whole_journal_file_reads_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put away, begun anew and put away again: there is no file to follow either time."""
    monkeypatch.setattr(journal, "ROTATE_AT", 1)
    monkeypatch.setattr(tenant_store, "BULK", 1)
    reader, writer = TenantStore(folder), TenantStore(folder)
    apply(writer, *create(row(1)))
    assert reader.state().serial == 1
    apply(writer, *create(row(2)))
    assert reader.state().serial == 2
    apply(reader, *create(row(3)))
    assert [entry.serial for entry in TenantStore(folder).entries()] == [1, 2, 3]
