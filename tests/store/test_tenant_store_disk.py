"""The list on disk: its checkpoint, damage that is refused, and a disk that is full."""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tinydb import Query

from strategies.builders import LIMIT, NOW, create, edit, plan, row
from strategies.stores import apply, contents, filled, flipped
from tidegate.errors import StoreDamaged, StoreTooNew
from tidegate.store import journal
from tidegate.store.storage import CheckpointStorage
from tidegate.store.tenant_store import BULK, CHECKPOINT_EVERY, TenantStore


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants" / "default"


# -- the checkpoint -----------------------------------------------------------------------------


def test_the_checkpoint_waits_for_many_changes_and_replay_brings_the_rest(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(0)))
    first = (folder / "tenant.json").read_bytes()
    for number in range(1, CHECKPOINT_EVERY, 8):
        assert (folder / "tenant.json").read_bytes() == first
        apply(store, *create(*(row(n) for n in range(number, number + 8))))
    saved = (folder / "tenant.json").read_bytes()
    assert saved != first
    apply(store, *edit(row(1), note="after"))
    assert (folder / "tenant.json").read_bytes() == saved
    opened = TenantStore(folder).state()
    assert opened.rows == store.state().rows
    assert (opened.serial, opened.lineage) == (store.state().serial, store.state().lineage)
    assert opened.unsaved == 1


def test_a_bulk_change_renews_the_checkpoint_at_once(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(0)))
    apply(store, *create(*(row(n) for n in range(1, BULK))))
    assert store.state().unsaved == BULK - 1
    apply(store, *create(*(row(n) for n in range(BULK, 2 * BULK))))
    assert (store.state().unsaved, TenantStore(folder).state().unsaved) == (0, 0)


def test_a_first_checkpoint_that_failed_is_tried_again_at_the_next_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a checkpoint covers some of it, nobody would miss the growing journal."""
    store = TenantStore(folder)
    apply(store, *create(*(row(n) for n in range(BULK))))
    monkeypatch.setattr(journal, "ROTATE_AT", 1)
    apply(store, *create(*(row(n) for n in range(BULK, 2 * BULK))))
    monkeypatch.undo()
    assert store.journal.size() == 0, "just put away"
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointStorage, "write", full)
        apply(store, *edit(row(0), note="x"))
    for each in (store, TenantStore(folder)):
        assert each.state().covered == 0
    apply(store, *edit(row(1), note="x"))
    (folder / "journal.jsonl").unlink()
    with pytest.raises(StoreDamaged, match="shorter than the list remembers"):
        TenantStore(folder).state()


@pytest.mark.parametrize("fate", ["gone", "emptied"])
def test_a_journal_that_went_missing_is_noticed_from_the_first_change_on(
    folder: Path, fate: str
) -> None:
    apply(TenantStore(folder), *create(row(0)))
    journal = folder / "journal.jsonl"
    if fate == "gone":
        journal.unlink()
    else:
        journal.write_bytes(b"")
    with pytest.raises(StoreDamaged, match="shorter than the list remembers"):
        TenantStore(folder).state()


def test_the_database_answers_queries(folder: Path) -> None:
    store = filled(folder)
    table = store.database.table("indicators")
    (found,) = table.search(Query().value == row(7).value)
    assert str(found.doc_id) == row(7).id
    assert len(table) == CHECKPOINT_EVERY
    assert len(store.database.table("suppressions")) == 0


def test_an_edit_reads_no_history_that_was_put_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ROTATE_AT", 1)
    filled(folder)
    path = TenantStore(folder).journal.archives()[0]
    with flipped(path, 0, 1):
        store = TenantStore(folder)
        assert store.state().serial == 2
        apply(store, *edit(row(1), note="x"))
        with pytest.raises(StoreDamaged, match=r"no checksum.*tidegate restore"):
            list(store.entries())


# -- damage -------------------------------------------------------------------------------------


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def spoilt(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    path = folder / name
    path.write_bytes(change(path.read_bytes()))


def put_newer(folder: Path) -> None:
    (folder / "tenant.json").write_bytes(b'{"schema":4}')


def link_away(name: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        (folder / name).rename(folder / "elsewhere")
        (folder / name).symlink_to(folder / "elsewhere")

    return act


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        pytest.param(
            lambda f: spoilt(f, "tenant.json", lambda c: c.replace(b"row 7", b"row 8")),
            StoreDamaged,
            id="row of the list edited",
        ),
        pytest.param(
            lambda f: spoilt(f, "tenant.json", lambda c: c.replace(b'"serial":1', b'"serial":0')),
            StoreDamaged,
            id="serial of the list edited",
        ),
        pytest.param(
            lambda f: spoilt(f, "tenant.json", lambda _: b""), StoreDamaged, id="list emptied"
        ),
        pytest.param(
            lambda f: spoilt(f, "tenant.json", lambda c: c[: len(c) // 2]),
            StoreDamaged,
            id="list torn",
        ),
        pytest.param(put_newer, StoreTooNew, id="list newer"),
        pytest.param(link_away("tenant.json"), StoreDamaged, id="list a symlink"),
        pytest.param(link_away("journal.jsonl"), StoreDamaged, id="journal a symlink"),
        pytest.param(
            lambda f: spoilt(f, "journal.jsonl", lambda _: b""), StoreDamaged, id="journal emptied"
        ),
        pytest.param(lambda f: (f / "journal.jsonl").unlink(), StoreDamaged, id="journal removed"),
        pytest.param(
            lambda f: spoilt(f, "journal.jsonl", lambda c: c[: c.index(b"\n")]),
            StoreDamaged,
            id="journal shorter than the list remembers",
        ),
        pytest.param(
            lambda f: spoilt(f, "journal.jsonl", lambda c: c[:-9] + b"#" + c[-8:]),
            StoreDamaged,
            id="last record edited",
        ),
        pytest.param(
            lambda f: spoilt(f, "journal.jsonl", lambda c: c[:-1] + b"#"),
            StoreDamaged,
            id="last line end edited",
        ),
    ],
)
def test_damage_is_refused_and_left_as_it_is(
    folder: Path, damage: Callable[[Path], None], fault: type[StoreDamaged]
) -> None:
    filled(folder)
    damage(folder)
    before = contents(folder)
    with pytest.raises(fault):
        TenantStore(folder).state()
    wanted = plan(create(row(9_999)), serial=2)
    with pytest.raises(fault):
        TenantStore(folder).apply(wanted, limit=LIMIT, now=NOW, actor="ana")
    assert contents(folder) == before


def test_a_list_that_was_already_open_notices_a_journal_cut_short(folder: Path) -> None:
    store = filled(folder)
    spoilt(folder, "journal.jsonl", lambda c: c[: c.index(b"\n")])
    with pytest.raises(StoreDamaged, match="shorter than the list remembers"):
        store.state()


def test_a_torn_last_record_is_the_list_before_it_and_the_next_write_repairs(
    folder: Path,
) -> None:
    store = filled(folder)
    before = dict(store.state().rows)
    apply(store, *create(row(5_000)))
    spoilt(folder, "journal.jsonl", lambda c: c[:-25])
    opened = TenantStore(folder)
    assert opened.state().rows == before
    apply(opened, *create(row(6_000)))
    assert [e.serial for e in TenantStore(folder).entries()] == [1, 2, 3]
    # The store that had read the lost record follows the one that took its place.
    assert store.state().rows == opened.state().rows == before | {row(6_000).id: row(6_000)}


def test_a_gap_between_list_and_journal_is_refused(folder: Path) -> None:
    store = filled(folder)
    storage = CheckpointStorage(folder / "tenant.json")
    tables = storage.read()
    storage.envelope = dataclasses.replace(storage.envelope, serial=0)
    storage.write(tables or {})
    with pytest.raises(StoreDamaged, match="change 2 follows 0"):
        TenantStore(folder).state()
    assert store.state().serial == 2


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("kept", [0, 1])
def test_a_history_that_ends_before_the_list_does_is_not_taken_for_whole(
    folder: Path, kept: int, *, opened: bool
) -> None:
    store = filled(folder)
    apply(store, *create(*(row(n) for n in range(1_000, 1_000 + BULK))))
    store.confirm(3)
    if not opened:
        store = TenantStore(folder)
        store.confirm(3)
    spoilt(folder, "journal.jsonl", lambda c: b"".join(c.splitlines(keepends=True)[:kept]))
    assert len(list(store.entries())) == kept
    with pytest.raises(StoreDamaged, match="tidegate restore"):
        store.confirm(kept)


def test_a_history_that_somebody_has_just_added_to_is_whole(folder: Path) -> None:
    store = filled(folder)
    store.state()
    reached = len(list(store.entries()))
    apply(TenantStore(folder), *create(row(5_000)))
    store.state()
    store.confirm(reached)


def test_a_history_stays_readable_when_the_list_is_not(folder: Path) -> None:
    filled(folder)
    spoilt(folder, "tenant.json", lambda _: b"")
    store = TenantStore(folder)
    reached = len(list(store.entries()))
    assert reached == 2
    store.confirm(reached)


# -- a full disk --------------------------------------------------------------------------------


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_full_disk_leaves_the_old_list_and_no_entry(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    store = filled(folder)
    before, rows = contents(folder), dict(store.state().rows)
    with monkeypatch.context() as patch:
        patch.setattr(os, failing, full)
        with pytest.raises(OSError, match="No space"):
            apply(store, *create(row(5_000)))
    assert contents(folder) == before
    for each in (store, TenantStore(folder)):
        assert each.state().rows == rows
        assert each.state().serial == 2
    apply(store, *create(row(5_000)))
    assert row(5_000).id in TenantStore(folder).state().rows


def test_a_checkpoint_that_cannot_be_written_costs_no_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TenantStore(folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        entry = apply(store, *create(*(row(n) for n in range(CHECKPOINT_EVERY))))
    assert entry.serial == 1
    assert not (folder / "tenant.json").exists()
    assert len(TenantStore(folder).state().rows) == CHECKPOINT_EVERY
    apply(store, *create(row(5_000)))
    assert (folder / "tenant.json").exists(), "the next write tries again"
