"""Bringing back a damaged list: all that can be read, wherever it can be read, and nothing else."""

from __future__ import annotations

import dataclasses
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from strategies.builders import LIMIT, NOW, create, edit, plan, remove, row, suppression
from strategies.stores import apply, contents
from tidegate.errors import StoreDamaged, StoreLocked, StoreTooNew, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change
from tidegate.store import journal, tenant_store
from tidegate.store.entry import RECOVERY
from tidegate.store.lock import exclusive
from tidegate.store.recovery import Recovered, Recovery
from tidegate.store.tenant_store import BULK, TenantStore

LATER = NOW + timedelta(days=1)
Rows = dict[str, Indicator]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reaches the disk is tested elsewhere."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants" / "default"


def grown(folder: Path) -> list[Rows]:
    """A list of eight changes and what it was after each: snapshots at 1 and 5, checkpoint at 6."""
    store = TenantStore(folder)
    states: list[Rows] = [{}]
    for changes in (
        create(row(1), row(2)),
        edit(row(1), note="two"),
        edit(row(2), note="three"),
        create(row(3)),
        edit(row(3), note="five"),
        create(*(row(n) for n in range(100, 100 + BULK))),
        (*remove(row(100)), *edit(row(101), note="seven")),
        create(row(4)),
    ):
        apply(store, *changes)
        states.append(rows(folder))
    assert [each.serial for each in store.snapshots.all()] == [5, 1]
    assert store.state().unsaved == 3
    return states


def rows(folder: Path) -> Rows:
    return dict(TenantStore(folder).state().rows)


def lines(folder: Path) -> list[bytes]:
    return (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)


def spoil(folder: Path, *serials: int, name: str = "journal.jsonl") -> None:
    """Damage the records of these changes."""
    found = (folder / name).read_bytes().splitlines(keepends=True)
    for number, line in enumerate(found):
        if any(b'"serial":%d,' % serial in line for serial in serials):
            found[number] = line.replace(b'"actor":"ana"', b'"actor":"eve"')
    (folder / name).write_bytes(b"".join(found))


def recover(folder: Path, ident: str = "", *, force: bool = False) -> Recovered:
    """Recover, and check what holds after any recovery: list, history and files agree again."""
    before = contents(folder)
    last = TenantStore(folder).snapshots.last_good()
    ident = ident or (last.id if last else "")
    done = Recovery(folder).recover(ident, LATER, "bob", force=force)
    assert Recovery(folder).fault() is None
    store = TenantStore(folder)
    state = store.state()
    assert (done.serial, done.rows) == (state.serial, len(state.rows))
    replayed: Rows = {}
    for entry in store.entries():
        for change in entry.changes:
            if change.before is not None:
                assert replayed.pop(change.before.id) == change.before
        replayed |= {c.after.id: c.after for c in entry.changes if c.after is not None}
    assert replayed == dict(state.rows)
    assert entry.serial == state.serial
    assert contents(done.kept) == {
        name: data for name, data in before.items() if "/" not in name and data is not None
    }
    return done


def last_entry(folder: Path) -> tuple[str, str, int]:
    *_, entry = TenantStore(folder).entries()
    return entry.door, entry.actor, len(entry.changes)


# -- the checkpoint alone --------------------------------------------------------------------------


@pytest.mark.parametrize("fate", ["emptied", "flipped", "newer shape"])
def test_a_damaged_checkpoint_costs_nothing_and_leaves_no_record(folder: Path, fate: str) -> None:
    states = grown(folder)
    path = folder / "tenant.json"
    data = path.read_bytes()
    path.write_bytes({"emptied": b"", "flipped": data.replace(b"seven", b"Seven")}.get(fate, b"[]"))
    if fate == "flipped":
        path.write_bytes(data[:-9] + b"#" + data[-8:])
    assert Recovery(folder).fault() is not None
    before = lines(folder)
    done = recover(folder)
    assert rows(folder) == states[8]
    assert lines(folder) == before
    assert (done.serial, done.unread, done.replayed) == (8, 0, 3)


def test_a_missing_checkpoint_is_no_damage(folder: Path) -> None:
    states = grown(folder)
    (folder / "tenant.json").unlink()
    assert Recovery(folder).fault() is None
    assert rows(folder) == states[8]
    apply(TenantStore(folder), *create(row(5)))
    assert (folder / "tenant.json").exists()


# -- the journal -----------------------------------------------------------------------------------


@pytest.mark.parametrize("serial", [1, 2, 4, 6])
def test_damage_that_the_checkpoint_covers_costs_nothing_of_the_list(
    folder: Path, serial: int
) -> None:
    states = grown(folder)
    spoil(folder, serial)
    done = recover(folder)
    assert rows(folder) == states[8]
    *_, entry = TenantStore(folder).entries()
    assert (entry.door, entry.actor, entry.at, entry.serial) == (RECOVERY, "bob", LATER, 9)
    assert done.kept.name in entry.reason
    assert "change 8" in entry.reason
    # The history before the fault is still told change by change.
    told = [each.serial for each in TenantStore(folder).entries()]
    assert told == [*range(1, serial), 9]
    apply(TenantStore(folder), *create(row(5)))
    assert TenantStore(folder).state().serial == 10


def test_damage_behind_the_checkpoint_costs_that_change_alone(folder: Path) -> None:
    states = grown(folder)
    spoil(folder, 7)
    done = recover(folder)
    assert rows(folder) == {**states[6], row(4).id: row(4)}
    assert (done.serial, done.unread) == (9, 1)
    assert last_entry(folder) == (RECOVERY, "bob", 1)


def test_damage_before_the_snapshot_without_a_checkpoint(folder: Path) -> None:
    """The snapshot, and every later change, whose chain begins in it."""
    states = grown(folder)
    spoil(folder, 3)
    (folder / "tenant.json").write_bytes(b"")
    recover(folder)
    assert rows(folder) == states[8]
    assert [e.serial for e in TenantStore(folder).entries()] == [1, 2, 9]


def test_damage_on_both_sides_of_the_snapshot_without_a_checkpoint(folder: Path) -> None:
    states = grown(folder)
    spoil(folder, 3, 7)
    (folder / "tenant.json").write_bytes(b"")
    recover(folder)
    assert rows(folder) == {**states[6], row(4).id: row(4)}


def test_nothing_but_snapshots_is_left(folder: Path) -> None:
    states = grown(folder)
    (folder / "tenant.json").unlink()
    (folder / "journal.jsonl").unlink()
    with pytest.raises(StoreDamaged, match="snapshots are left"):
        TenantStore(folder).state()
    done = recover(folder)
    assert rows(folder) == states[5]
    assert (done.serial, done.replayed) == (6, 0)


@pytest.mark.parametrize("checkpoint", [True, False])
def test_a_journal_shorter_than_a_snapshot_remembers(folder: Path, *, checkpoint: bool) -> None:
    """Also when the checkpoint, which would remember, is gone or older."""
    states = grown(folder)
    (folder / "journal.jsonl").write_bytes(b"".join(lines(folder)[:3]))
    if not checkpoint:
        (folder / "tenant.json").unlink()
    with pytest.raises(StoreDamaged, match="is shorter than"):
        TenantStore(folder).state()
    assert Recovery(folder).fault() is not None
    recover(folder)
    assert rows(folder) == states[6 if checkpoint else 5]


def test_a_checkpoint_of_another_journal_is_noticed(folder: Path, tmp_path: Path) -> None:
    """Both are sound, each by itself."""
    grown(folder)
    shutil.copytree(folder, tmp_path / "other")
    apply(TenantStore(tmp_path / "other"), *edit(row(4), note="them"))
    apply(TenantStore(folder), *edit(row(4), note="ours"))
    for each in (folder, tmp_path / "other"):
        apply(TenantStore(each), *create(*(row(n) for n in range(200, 200 + BULK))))
    wanted = rows(folder)
    shutil.copy(tmp_path / "other" / "tenant.json", folder / "tenant.json")
    with pytest.raises(StoreDamaged, match="not the journal that the list remembers"):
        TenantStore(folder).state()
    assert "not the journal" in str(Recovery(folder).fault())
    recover(folder)
    assert rows(folder) == wanted


# -- files that were put away ----------------------------------------------------------------------


@pytest.fixture(name="rotated")
def _rotated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Rows]:
    """The same list over several files, the growing one beginning with change 7 or later."""
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 2)
    monkeypatch.setattr(journal, "ROTATE_AT", 1_000)
    store = TenantStore(folder)
    states: list[Rows] = [{}]
    for number in range(1, 11):
        apply(store, *create(row(number)))
        states.append(rows(folder))
    assert len(store.journal.archives()) >= 3
    assert store.journal.size()
    return states


def test_damage_in_a_file_that_was_put_away_is_found_and_costs_nothing_of_the_list(
    folder: Path, rotated: list[Rows]
) -> None:
    first, second, *_ = TenantStore(folder).journal.archives()
    spoil(folder, 3, 4, name=second.name)
    assert rows(folder) == rotated[-1], "opening does not read it"
    fault = Recovery(folder).fault()
    assert fault is not None
    assert second.name in fault.message
    with pytest.raises(StoreDamaged, match="tidegate restore"):
        list(TenantStore(folder).entries())
    recover(folder)
    assert rows(folder) == rotated[-1]
    assert TenantStore(folder).journal.archives() == [first]
    apply(TenantStore(folder), *create(row(20)))
    assert rows(folder) == {**rotated[-1], row(20).id: row(20)}


def test_a_file_that_was_put_away_and_is_gone(folder: Path, rotated: list[Rows]) -> None:
    archives = TenantStore(folder).journal.archives()
    archives[1].unlink()
    assert Recovery(folder).fault() is not None
    recover(folder)
    assert rows(folder) == rotated[-1]


def test_the_last_file_put_away_cut_short(folder: Path, rotated: list[Rows]) -> None:
    path = TenantStore(folder).journal.archives()[-1]
    os.truncate(path, path.stat().st_size - 5)
    with pytest.raises(StoreDamaged):
        list(TenantStore(folder).entries())
    recover(folder)
    assert rows(folder) == rotated[-1]


# -- links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tenant.json", "journal.jsonl", "both"])
def test_links_are_replaced_and_what_they_lead_to_is_kept_and_left_alone(
    folder: Path, tmp_path: Path, name: str
) -> None:
    states = grown(folder)
    names = ["tenant.json", "journal.jsonl"] if name == "both" else [name]
    before = {each: (folder / each).read_bytes() for each in names}
    for each in names:
        (folder / each).rename(tmp_path / each)
        (folder / each).symlink_to(tmp_path / each)
    assert "symbolic link" in str(Recovery(folder).fault())
    done = recover(folder)
    for each in names:
        assert not (folder / each).is_symlink()
        assert (tmp_path / each).read_bytes() == before[each] == (done.kept / each).read_bytes()
    reached = {"tenant.json": 8, "journal.jsonl": 6, "both": 5}[name]
    assert rows(folder) == states[reached]


# -- snapshots -------------------------------------------------------------------------------------


def test_an_older_snapshot_brings_back_no_less_when_the_rest_can_be_read(folder: Path) -> None:
    states = grown(folder)
    spoil(folder, 4)
    recover(folder, "1")
    assert rows(folder) == states[8], "the checkpoint knows more"


def test_a_damaged_snapshot_is_refused_and_the_next_one_is_named(folder: Path) -> None:
    states = grown(folder)
    newest, older = TenantStore(folder).snapshots.all()
    newest.path.write_bytes(newest.path.read_bytes()[:-3])
    (folder / "tenant.json").write_bytes(b"")
    before = contents(folder)
    with pytest.raises(StoreDamaged) as caught:
        TenantStore(folder).state()
    assert f"`tidegate restore {older.id}`" in caught.value.hint
    with pytest.raises(StoreDamaged, match=newest.id):
        Recovery(folder).recover(newest.id, LATER, "bob")
    assert contents(folder) == before
    recover(folder, older.id)
    assert rows(folder) == states[8]


def test_a_number_that_any_snapshot_has_is_never_used_again(folder: Path) -> None:
    """Else a later change would find its snapshot taken: of another list."""
    states = grown(folder)
    (folder / "tenant.json").unlink()
    (folder / "journal.jsonl").unlink()
    done = recover(folder, "1")
    assert rows(folder) == states[1]
    assert done.serial == 6


def test_an_unknown_snapshot_changes_nothing(folder: Path) -> None:
    grown(folder)
    spoil(folder, 7)
    before = contents(folder)
    with pytest.raises(UsageError, match="no snapshot is"):
        Recovery(folder).recover("77", LATER, "bob")
    assert contents(folder) == before


def foreign(folder: Path, tmp_path: Path, serial: int) -> tuple[str, Rows]:
    """A snapshot of another list among ours, of its change 1 or 13; its id and rows."""
    other = TenantStore(tmp_path / "other")
    apply(other, *create(*(row(n) for n in range(50, 53))))
    for number in range(12):
        apply(other, *create(row(60 + number)))
    apply(other, *create(*(row(n) for n in range(80, 80 + BULK))))
    path = other.snapshots.find(str(serial))
    shutil.copy(path, folder / "snapshots" / path.name)
    return path.stem, dict(other.snapshots.load(path.stem).rows)


@pytest.mark.parametrize("serial", [1, 13])
def test_a_snapshot_of_another_list_is_refused_unless_forced(
    folder: Path, tmp_path: Path, serial: int
) -> None:
    grown(folder)
    ident, theirs = foreign(folder, tmp_path, serial)
    spoil(folder, 7)
    before = contents(folder)
    with pytest.raises(StoreDamaged, match="of another list") as caught:
        Recovery(folder).recover(ident, LATER, "bob")
    assert "--force-lineage" in caught.value.hint
    assert contents(folder) == before
    done = recover(folder, ident, force=True)
    assert rows(folder) == theirs
    state = TenantStore(folder).state()
    assert state.lineage[:6] == ident[-6:]
    assert done.serial == max(serial, 8) + 1
    last = TenantStore(folder).snapshots.last_good()
    assert last is not None
    assert last.lineage == state.lineage, "the next hint names one of this list"
    assert [e.door for e in TenantStore(folder).entries()] == [RECOVERY]


def test_force_costs_nothing_when_the_snapshot_is_of_this_list(folder: Path) -> None:
    states = grown(folder)
    spoil(folder, 4)
    recover(folder, force=True)
    assert rows(folder) == states[8]


# -- again and again -------------------------------------------------------------------------------


def test_recovering_twice_keeps_both_findings_apart(folder: Path) -> None:
    states = grown(folder)
    spoil(folder, 7)
    damaged = (folder / "journal.jsonl").read_bytes()
    first = recover(folder)
    (folder / "tenant.json").write_bytes(b"spoilt again")
    second = recover(folder)
    assert first.kept != second.kept
    assert (first.kept / "journal.jsonl").read_bytes() == damaged
    assert (second.kept / "tenant.json").read_bytes() == b"spoilt again"
    assert rows(folder) == {**states[6], row(4).id: row(4)}


def test_recovering_a_list_that_is_well_changes_nothing_of_it(folder: Path) -> None:
    states = grown(folder)
    before = lines(folder)
    recover(folder)
    assert rows(folder) == states[8]
    assert lines(folder) == before


def test_a_torn_end_is_cut_by_the_next_write_after_a_recovery(folder: Path) -> None:
    states = grown(folder)
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"sum":"0123')
    (folder / "tenant.json").write_bytes(b"")
    recover(folder)
    store = TenantStore(folder)
    assert store.state().rows == states[8]
    apply(store, *create(row(5)))
    assert store.repaired == 12
    assert Recovery(folder).fault() is None


def test_suppressions_are_brought_back_too(folder: Path) -> None:
    grown(folder)
    kept_out = [Change(None, suppression(n), "by hand") for n in range(BULK)]
    state = TenantStore(folder).state()
    wanted = plan(serial=8, lineage=state.lineage, suppressions=kept_out)
    TenantStore(folder).apply(wanted, limit=LIMIT, now=NOW, actor="ana")
    spoil(folder, 2)
    recover(folder)
    assert len(TenantStore(folder).state().suppressions) == BULK
    *_, entry = TenantStore(folder).entries()
    assert len(entry.suppressions) == BULK


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tenant.json", "snapshot"])
def test_files_of_a_newer_version_are_not_recovered(folder: Path, name: str) -> None:
    grown(folder)
    if name == "tenant.json":
        (folder / name).write_bytes(b'{"schema":9}')
    else:
        newest = TenantStore(folder).snapshots.all()[0]
        newest.path.write_bytes(b'{"schema":9}')
    before = contents(folder)
    with pytest.raises(StoreTooNew):
        Recovery(folder).recover("5", LATER, "bob")
    assert {k: v for k, v in contents(folder).items() if k in before} == before


def test_a_list_in_use_is_not_recovered(folder: Path) -> None:
    grown(folder)
    spoil(folder, 7)
    before = contents(folder)
    with exclusive(folder), pytest.raises(StoreLocked):
        Recovery(folder, lock_wait=0.05).recover("5", LATER, "bob")
    assert contents(folder) == before


def test_what_was_recovered_goes_on_as_a_list_like_any_other(folder: Path) -> None:
    """A follower that had the damaged list open reads the new one."""
    follower = TenantStore(folder)
    states = grown(folder)
    follower.state()
    spoil(folder, 8)
    recover(folder)
    assert follower.state().rows == states[7]
    held = states[7][row(3).id]
    apply(follower, *edit(held, note="x"))
    assert rows(folder)[row(3).id] == dataclasses.replace(held, note="x")
