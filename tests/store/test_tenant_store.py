"""The list: changed by plans alone, and never something in between."""

from __future__ import annotations

import dataclasses
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.builders import LIMIT, NOW, create, edit, plan, remove, row, suppression
from strategies.stores import apply, contents, filled
from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change, SyncPlan, inverted
from tidegate.store.tenant_store import TenantStore

LATER = NOW + timedelta(hours=1)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants" / "default"


# -- reading and writing ------------------------------------------------------------------------


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
    found = (folder.parent, folder, *folder.rglob("*"))
    modes = {p.name: (p.is_dir(), stat.S_IMODE(p.stat().st_mode)) for p in found}
    assert {"tenants", "default", "tenant.json", "journal.jsonl", "snapshots"} <= set(modes)
    assert any(p.parent.name == "snapshots" for p in found)
    assert set(modes.values()) == {(True, 0o700), (False, 0o600)}


Step = tuple[str, int]


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "edit", "remove", "reopen"]), st.integers(0, 6)),
        max_size=25,
    )
)
@settings(max_examples=40)
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


# -- what a plan must fit -----------------------------------------------------------------------


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


# -- expiry -------------------------------------------------------------------------------------


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
