"""Snapshots: when they are taken, how many are kept, and that a damaged one is never believed."""

from __future__ import annotations

import dataclasses
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from strategies.builders import LIMIT, NOW, create, edit, plan, row, suppression
from strategies.stores import apply, contents, flipped
from tidegate.errors import StoreDamaged, UsageError
from tidegate.indicators.plan import Change
from tidegate.store.snapshots import KEEP, KEEP_DAYS, UPGRADE, Snapshots
from tidegate.store.state import State
from tidegate.store.tenant_store import BULK, TenantStore

LINEAGE = "abcdef" + "0" * 26


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants" / "default"


@pytest.fixture(name="snapshots")
def _snapshots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Snapshots:
    # What is kept is the question here, not what reaches the disk.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return Snapshots(tmp_path / "snapshots")


def take(
    snapshots: Snapshots, serial: int, at: datetime = NOW, why: str = "x", lineage: str = LINEAGE
) -> Path:
    return snapshots.take(State(lineage=lineage, serial=serial, at=at), why, at)


# -- when ------------------------------------------------------------------------------------------


def test_the_first_change_takes_one_and_small_ones_do_not(folder: Path) -> None:
    store = TenantStore(folder)
    assert store.snapshots.all() == ()
    apply(store, *create(row(1)))
    (first,) = store.snapshots.all()
    assert (first.serial, first.rows, first.reason, first.fault) == (1, 1, "the first", "")
    assert first.lineage == store.state().lineage
    assert first.id == f"000001-{first.lineage[:6]}"
    apply(store, *create(*(row(n) for n in range(10, 10 + BULK - 1))))
    assert store.snapshots.all() == (first,)


@pytest.mark.parametrize("notes", [0, 3])
def test_a_bulk_change_keeps_the_list_as_it_was(folder: Path, notes: int) -> None:
    """Suppressions count, too."""
    store = TenantStore(folder)
    apply(store, *create(row(1)))
    apply(store, *edit(row(1), note="x"))
    before = dict(store.state().rows)
    state = store.state()
    bulk = plan(
        create(*(row(n) for n in range(10, 10 + BULK - notes))),
        serial=state.serial,
        lineage=state.lineage,
        suppressions=[Change(None, suppression(n), "") for n in range(notes)],
    )
    entry = store.apply(bulk, limit=LIMIT, now=NOW + timedelta(hours=1), actor="ana")
    assert entry is not None
    last = store.snapshots.all()[0]
    assert (last.serial, last.rows, last.at) == (2, 1, NOW + timedelta(hours=1))
    assert last.reason == "before because the test says so"
    then = store.snapshots.load(last.id)
    assert dict(then.rows) == before
    assert (then.serial, then.at, then.lineage) == (2, NOW, last.lineage)


def test_a_bulk_change_that_is_refused_takes_none(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1)))
    with pytest.raises(UsageError):
        apply(store, *create(*(row(n) for n in range(10, 10 + BULK))), limit=5)
    assert len(store.snapshots.all()) == 1


def test_no_bulk_change_without_its_snapshot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1)))
    apply(store, *edit(row(1), note="x"))
    before = contents(folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Snapshots, "take", full)
        with pytest.raises(OSError, match="No space"):
            apply(store, *create(*(row(n) for n in range(10, 10 + BULK))))
    assert contents(folder) == before
    assert store.state().serial == 2


def test_a_snapshot_is_never_written_again_and_is_for_its_owner_alone(
    snapshots: Snapshots,
) -> None:
    path = take(snapshots, 3)
    before = path.read_bytes()
    assert take(snapshots, 3, NOW + timedelta(days=1), "another reason") == path
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


# -- damage ----------------------------------------------------------------------------------------


def test_a_flip_of_any_byte_is_listed_as_a_fault_and_never_loaded(snapshots: Snapshots) -> None:
    older, path = take(snapshots, 2), take(snapshots, 3)
    for at in range(path.stat().st_size):
        with flipped(path, at, 1 << at % 8):
            damaged, good = snapshots.all()
            assert (damaged.id, damaged.serial, good.fault) == (path.stem, 3, "")
            assert damaged.fault
            last = snapshots.last_good()
            assert last is not None
            assert last.id == older.stem
            with pytest.raises(StoreDamaged):
                snapshots.load(path.stem)
    assert snapshots.all()[0].fault == ""


def test_a_damaged_one_is_replaced_when_it_is_taken_again(snapshots: Snapshots) -> None:
    path = take(snapshots, 3)
    path.write_bytes(b"")
    assert snapshots.last_good() is None
    take(snapshots, 3)
    assert [each.fault for each in snapshots.all()] == [""]


def test_one_under_a_foreign_name_is_a_fault(snapshots: Snapshots) -> None:
    path = take(snapshots, 3)
    for name in ("000009-abcdef.json", "000003-abcdee.json"):
        path.with_name(name).write_bytes(path.read_bytes())
    faults = {each.id: bool(each.fault) for each in snapshots.all()}
    assert faults == {"000009-abcdef": True, "000003-abcdee": True, path.stem: False}


def test_a_symlink_is_no_snapshot_and_other_files_are_left_alone(snapshots: Snapshots) -> None:
    path = take(snapshots, 3)
    real = path.with_name("elsewhere")
    path.rename(real)
    path.symlink_to(real)
    (snapshots.folder / ".000004-abcdef.json.0011.tmp").write_bytes(b"")
    (snapshots.folder / "notes.txt").write_bytes(b"")
    (only,) = snapshots.all()
    assert "symbolic link" in only.fault
    assert {p.name for p in snapshots.folder.iterdir()} == {
        *(path.name, "elsewhere", ".000004-abcdef.json.0011.tmp", "notes.txt")
    }


# -- finding ---------------------------------------------------------------------------------------


def test_one_is_found_by_its_id_a_prefix_or_its_change(snapshots: Snapshots) -> None:
    paths = {serial: take(snapshots, serial) for serial in (3, 30, 1_234_567)}
    assert snapshots.find("000003-abcdef") == paths[3]
    assert snapshots.find("000003") == snapshots.find("3") == paths[3]
    assert snapshots.find("30") == paths[30]
    assert snapshots.find("1234567") == snapshots.find("12345") == paths[1_234_567]
    for unknown in ("4", "", "abcdef", "000003-abcdee", "../snapshots/000003-abcdef"):
        with pytest.raises(UsageError, match="no snapshot is"):
            snapshots.find(unknown)
    with pytest.raises(UsageError, match="2 snapshots are '0000'"):
        snapshots.find("0000")
    other = take(snapshots, 3, lineage="1" * 32)
    with pytest.raises(UsageError, match="2 snapshots are '3'"):
        snapshots.find("3")
    assert snapshots.find("000003-1") == other


def test_the_newest_of_a_list_goes_by_its_lineage(snapshots: Snapshots) -> None:
    assert snapshots.newest(LINEAGE) == 0
    for serial in (3, 30, 7):
        take(snapshots, serial)
    take(snapshots, 99, lineage="1" * 32)
    assert (snapshots.newest(LINEAGE), snapshots.newest("1" * 32)) == (30, 99)
    assert snapshots.newest("") == snapshots.newest("2" * 32) == 0


def test_one_that_is_removed_while_somebody_looks_is_no_damage(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = take(snapshots, 3)
    monkeypatch.setattr(Snapshots, "_paths", lambda _: [path.with_name("000009-abcdef.json"), path])
    assert [each.id for each in snapshots.all()] == [path.stem]
    last = snapshots.last_good()
    assert last is not None
    assert last.id == path.stem


# -- retention -------------------------------------------------------------------------------------


def kept(snapshots: Snapshots) -> list[int]:
    return sorted(each.serial for each in snapshots.all())


def test_the_newest_are_kept_whatever_their_day(snapshots: Snapshots) -> None:
    for serial in range(1, KEEP + 6):
        take(snapshots, serial, NOW + timedelta(minutes=serial))
    assert kept(snapshots) == list(range(6, KEEP + 6))


def test_of_older_ones_the_last_of_each_day_is_kept_for_a_month(snapshots: Snapshots) -> None:
    serial = 0
    for day in range(KEEP_DAYS + 15):
        for hour in range(3):
            serial += 1
            take(snapshots, serial, NOW + timedelta(days=day, hours=hour))
    newest = range(serial - KEEP + 1, serial + 1)
    last_of_days = range(serial - 3 * (KEEP_DAYS - 1), serial + 1, 3)
    assert kept(snapshots) == sorted({*newest, *last_of_days})


def test_one_from_before_an_upgrade_and_a_damaged_one_stay(snapshots: Snapshots) -> None:
    take(snapshots, 1, NOW, UPGRADE)
    take(snapshots, 2).write_bytes(b"spoilt")
    for serial in range(3, KEEP + 10):
        take(snapshots, serial, NOW + timedelta(minutes=serial))
    assert kept(snapshots)[:2] == [1, 2]
    assert len(kept(snapshots)) == KEEP + 2


def test_a_snapshot_of_rows_and_suppressions_comes_back_whole(folder: Path) -> None:
    store = TenantStore(folder)
    kept_out = suppression(3)
    first = plan(create(row(1)), serial=0, suppressions=[Change(None, kept_out, "by hand")])
    store.apply(first, limit=LIMIT, now=NOW, actor="ana")
    state = store.snapshots.load("1")
    assert dict(state.rows) == {row(1).id: row(1)}
    assert dict(state.suppressions) == {kept_out.id: kept_out}
    assert dataclasses.asdict(state.position) == dataclasses.asdict(store.state().position)
