"""The list: changed by plans alone, seen by everybody, and never something in between."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import Query

from strategies.builders import LIMIT, NOW, create, edit, plan, remove, row, suppression
from strategies.writers import writer
from tidegate.errors import StalePlan, StoreDamaged, StoreLocked, StoreTooNew, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change, SyncPlan, inverted
from tidegate.store.journal import Entry
from tidegate.store.lock import exclusive
from tidegate.store.storage import CheckpointStorage
from tidegate.store.tenant_store import CHECKPOINT_EVERY, TenantStore

LATER = NOW + timedelta(hours=1)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants" / "default"


def apply(
    store: TenantStore,
    *changes: Change[Indicator],
    limit: int = LIMIT,
    now: datetime = NOW,
) -> Entry:
    """Apply changes to the list as it is now."""
    state = store.state()
    entry = store.apply(
        plan(changes, serial=state.serial, lineage=state.lineage),
        limit=limit,
        now=now,
        actor="ana",
    )
    assert entry is not None
    return entry


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith("lock")}


def filled(folder: Path, number: int = CHECKPOINT_EVERY) -> TenantStore:
    """A store of that many rows, by default just enough for a checkpoint, and one edit more."""
    store = TenantStore(folder)
    apply(store, *create(*(row(n) for n in range(number))))
    apply(store, *edit(row(0), note="after the checkpoint"))
    return store


# -- reading and writing -------------------------------------------------------------------------


def test_a_new_list_is_empty_and_reading_it_writes_nothing(folder: Path) -> None:
    store = TenantStore(folder)
    assert list(store.active(NOW)) == []
    assert list(store.entries()) == []
    assert store.state().serial == 0
    assert not folder.exists()


def test_creates_edits_and_removals_are_there_for_the_next_process(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1), row(2)))
    entry = apply(store, *edit(row(1), note="mine"), *remove(row(2)), *create(row(3)))
    expected = {r.key: r for r in (row(1, note="mine"), row(3))}
    for each in (store, TenantStore(folder)):
        assert each.by_key(NOW) == expected
        assert each.state().serial == 2
        assert list(each.entries())[1] == entry
    assert (entry.actor, entry.door, entry.at) == ("ana", "test", NOW)
    assert entry.reason == "because the test says so"
    assert entry.lineage == store.state().lineage != ""


def test_an_empty_plan_changes_nothing_at_all(folder: Path) -> None:
    store = TenantStore(folder)
    assert store.apply(plan(serial=99, lineage="any"), limit=0, now=NOW, actor="ana") is None
    assert not folder.exists()


def test_the_inverse_plan_brings_back_the_list_as_it_was(folder: Path) -> None:
    store = filled(folder)
    before = dict(store.state().rows)
    entry = apply(store, *edit(row(1), title="x"), *remove(row(2)), *create(row(9_999)))
    apply(store, *inverted(entry.changes, "undo"))
    assert store.state().rows == before
    assert TenantStore(folder).state().rows == before


def test_suppressions_come_go_and_last(folder: Path) -> None:
    store = TenantStore(folder)
    kept_out = suppression(1, until=LATER)
    coming = plan(serial=0, suppressions=[Change(None, kept_out, "by hand")])
    store.apply(coming, limit=LIMIT, now=NOW, actor="ana")
    again = TenantStore(folder)
    assert again.state().suppressions == {kept_out.id: kept_out}
    going = plan(serial=1, suppressions=[Change(kept_out, None, "by hand")])
    again.apply(going, limit=LIMIT, now=NOW, actor="ana")
    assert store.state().suppressions == {}


def test_files_and_folders_are_for_their_owner_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        filled(folder)
    finally:
        os.umask(before)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()}
    assert {"tenant.json", "journal.jsonl"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


Step = tuple[str, int]


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "edit", "remove", "reopen"]), st.integers(0, 6)),
        max_size=25,
    )
)
@settings(max_examples=40, deadline=None)
def test_any_sequence_of_changes_agrees_with_a_plain_model(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("model")
    store, model, serial = TenantStore(folder), dict[str, Indicator](), 0
    for verb, number in steps:
        made = row(number)
        held = model.get(made.id)
        if verb == "reopen":
            store = TenantStore(folder)
        elif (verb == "add") == (held is not None):
            wrong = create(made) if verb == "add" else remove(made)
            with pytest.raises(StalePlan):
                apply(store, *wrong)
        else:
            after = None if verb == "remove" else dataclasses.replace(made, note=str(serial))
            apply(store, Change(held, after, verb))
            serial += 1
            model.pop(made.id, None)
            if after is not None:
                model[made.id] = after
        assert store.state().rows == model
        assert store.state().serial == serial
    assert [entry.serial for entry in store.entries()] == list(range(1, serial + 1))


# -- what a plan must fit ------------------------------------------------------------------------


def refused(store: TenantStore, wanted: SyncPlan, fault: type[Exception], says: str) -> None:
    before = contents(store.folder)
    with pytest.raises(fault, match=says):
        store.apply(wanted, limit=LIMIT, now=NOW, actor="ana")
    assert contents(store.folder) == before


def test_a_plan_made_before_another_change_is_stale(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1)))
    state = store.state()
    early = plan(create(row(2)), serial=state.serial, lineage=state.lineage)
    apply(TenantStore(folder), *create(row(3)))
    refused(store, early, StalePlan, "at change 2, the plan was made at 1")


def test_a_plan_for_another_list_is_stale(folder: Path, tmp_path: Path) -> None:
    store, other = TenantStore(folder), TenantStore(tmp_path / "other")
    apply(store, *create(row(1)))
    apply(other, *create(row(1)))
    wanted = plan(create(row(2)), serial=1, lineage=other.state().lineage)
    refused(store, wanted, StalePlan, "plan")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(create(row(1)), id="create what is there"),
        pytest.param(edit(row(1, note="other"), note="x"), id="edit another version"),
        pytest.param(remove(row(1, note="other")), id="remove another version"),
        pytest.param(remove(row(2)), id="remove what is not there"),
        pytest.param((*create(row(3)), *edit(row(2), note="x")), id="second change does not fit"),
    ],
)
def test_a_change_that_starts_from_another_row_is_stale(
    folder: Path, changes: tuple[Change[Indicator], ...]
) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1)))
    refused(store, plan(changes, serial=1), StalePlan, "changed since this plan was made")


def test_a_suppression_that_is_there_already_is_stale(folder: Path) -> None:
    store = TenantStore(folder)
    coming = [Change(None, suppression(1), "by hand")]
    store.apply(plan(serial=0, suppressions=coming), limit=LIMIT, now=NOW, actor="ana")
    refused(store, plan(serial=1, suppressions=coming), StalePlan, "changed since")


def test_the_limit_holds_and_what_does_not_grow_still_fits(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1), row(2), row(3)), limit=3)
    with pytest.raises(UsageError, match="would hold 4 of 3 indicators"):
        apply(store, *create(row(4)), limit=3)
    assert store.state().serial == 1
    apply(store, *remove(row(1)), *create(row(4)), limit=3)
    # A limit lowered below what the list holds still lets it shrink and be edited.
    apply(store, *edit(row(2), note="x"), limit=1)
    apply(store, *remove(row(3)), limit=1)
    with pytest.raises(UsageError, match="would hold 3 of 2"):
        apply(store, *create(row(5)), limit=2)


# -- expiry --------------------------------------------------------------------------------------


def test_a_row_is_gone_from_its_second_on(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1, expires=LATER), row(2)))
    just_before = LATER - timedelta(microseconds=1)
    assert {r.value for r in store.active(just_before)} == {row(1).value, row(2).value}
    assert {r.value for r in store.active(LATER)} == {row(2).value}
    assert set(store.by_key(LATER)) == {row(2).key}


def test_the_next_write_journals_expired_rows_apart_from_its_own(folder: Path) -> None:
    store = TenantStore(folder)
    short = row(1, expires=LATER)
    apply(store, *create(short, row(2)))
    own = apply(store, *create(row(3)), now=LATER)
    expiry, written = list(store.entries())[1:]
    assert written == own
    assert (own.serial, own.actor, own.changes) == (3, "ana", create(row(3)))
    assert (expiry.serial, expiry.actor, expiry.reason) == (2, "tidegate", "expired")
    assert expiry.changes == (Change(short, None, "expired"),)
    assert set(TenantStore(folder).state().rows) == {row(2).id, row(3).id}


def test_an_expired_row_frees_its_slot_and_its_identity(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(1, expires=LATER)), limit=1)
    apply(store, *create(row(1, note="again")), limit=1, now=LATER)
    assert store.by_key(LATER) == {row(1).key: row(1, note="again")}


def test_a_plan_that_edits_a_row_which_expired_meanwhile_is_stale(folder: Path) -> None:
    store = TenantStore(folder)
    short = row(1, expires=LATER)
    apply(store, *create(short))
    with pytest.raises(StalePlan):
        apply(store, *edit(short, note="x"), now=LATER)
    assert store.state().serial == 1


# -- several at once -----------------------------------------------------------------------------


def test_two_stores_over_one_folder_see_each_other(folder: Path) -> None:
    ours, theirs = TenantStore(folder), TenantStore(folder)
    ours.state()
    theirs.state()
    assert not ours.changed()
    apply(theirs, *create(row(1)))
    assert ours.changed()
    assert not theirs.changed()
    assert set(ours.by_key(NOW)) == {row(1).key}
    assert not ours.changed()
    apply(ours, *remove(row(1)))
    assert not ours.changed()
    assert theirs.changed()
    assert theirs.by_key(NOW) == {}


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
    assert store.changed()
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


# -- the checkpoint ------------------------------------------------------------------------------


def test_the_checkpoint_waits_for_many_changes_and_replay_brings_the_rest(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *create(row(0)))
    assert not (folder / "tenant.json").exists()
    apply(store, *create(*(row(n) for n in range(1, CHECKPOINT_EVERY))))
    saved = (folder / "tenant.json").read_bytes()
    apply(store, *edit(row(0), note="after"))
    assert (folder / "tenant.json").read_bytes() == saved
    opened = TenantStore(folder).state()
    assert opened.rows == store.state().rows
    assert (opened.serial, opened.lineage) == (3, store.state().lineage)
    assert opened.unsaved == 1


def test_the_database_answers_queries(folder: Path) -> None:
    store = filled(folder)
    with store.database() as database:
        table = database.table("indicators")
        (found,) = table.search(Query().value == row(7).value)
        assert found.doc_id == row(7).id
        assert len(table) == CHECKPOINT_EVERY
        assert len(database.table("suppressions")) == 0


def test_an_edit_of_a_list_with_a_checkpoint_reads_no_old_history(folder: Path) -> None:
    filled(folder)
    path = folder / "journal.jsonl"
    content = path.read_bytes()
    path.write_bytes(b"#" + content[1:])
    store = TenantStore(folder)
    assert store.state().serial == 2
    with pytest.raises(StoreDamaged):
        list(store.entries())


# -- damage --------------------------------------------------------------------------------------


def spoilt(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    path = folder / name
    path.write_bytes(change(path.read_bytes()))


def put_newer(folder: Path) -> None:
    (folder / "tenant.json").write_bytes(b'{"schema":2}')


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


# -- a full disk ---------------------------------------------------------------------------------


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_full_disk_leaves_the_old_list_and_no_entry(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    store = filled(folder)
    before, rows = contents(folder), dict(store.state().rows)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

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

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        entry = apply(store, *create(*(row(n) for n in range(CHECKPOINT_EVERY))))
    assert entry.serial == 1
    assert not (folder / "tenant.json").exists()
    assert len(TenantStore(folder).state().rows) == CHECKPOINT_EVERY
    apply(store, *create(row(5_000)))
    assert (folder / "tenant.json").exists(), "the next write tries again"
