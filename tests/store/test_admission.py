"""What a plan must fit: the list it was made from, or one on which nobody touched its rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from strategies.builders import LIMIT, NOW, create, edit, plan, remove, row, suppression
from strategies.stores import apply, contents
from tidegate.errors import StalePlan, StoreDamaged, UsageError
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.store import journal
from tidegate.store.entry import Entry
from tidegate.store.tenant_store import TenantStore

LATER = NOW + timedelta(hours=1)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> TenantStore:
    store = TenantStore(tmp_path / "tenants" / "default")
    apply(store, *create(row(1), row(2), row(3, expires=LATER)))
    return store


def made_now(
    store: TenantStore,
    *changes: Change[Indicator],
    suppressions: Iterable[Change[Suppression]] = (),
) -> SyncPlan:
    state = store.state()
    return plan(changes, serial=state.serial, lineage=state.lineage, suppressions=suppressions)


def rebased(
    store: TenantStore, wanted: SyncPlan, *, limit: int = LIMIT, rebase: bool = True
) -> Entry | None:
    return store.apply(wanted, limit=limit, now=NOW, actor="bob", rebase=rebase)


def stale(store: TenantStore, wanted: SyncPlan, *, rebase: bool = True) -> StalePlan:
    """The refusal of a plan that changes nothing at all."""
    before = contents(store.folder)
    with pytest.raises(StalePlan) as caught:
        rebased(store, wanted, rebase=rebase)
    assert contents(store.folder) == before
    return caught.value


# -- a list that moved on --------------------------------------------------------------------------


def test_a_plan_that_nobody_touched_is_applied_to_the_list_as_it_is(store: TenantStore) -> None:
    wanted = made_now(store, *edit(row(1), note="mine"), *create(row(9)))
    apply(store, *edit(row(2), note="theirs"), *create(row(4)))
    entry = rebased(TenantStore(store.folder), wanted)
    assert entry is not None
    assert (entry.serial, entry.changes) == (3, wanted.changes)
    notes = {each.value: each.note for each in store.active(NOW)}
    assert notes[row(1).value] == "mine"
    assert notes[row(2).value] == "theirs"
    assert {row(4).value, row(9).value} <= set(notes)


def test_without_rebase_it_is_refused_with_what_changed_since_and_how_to_go_on(
    store: TenantStore,
) -> None:
    wanted = made_now(store, *edit(row(1), note="mine"))
    apply(store, *edit(row(2), note="theirs"))
    fault = stale(store, wanted, rebase=False)
    assert fault.message.startswith("the list is at change 2, the plan was made at 1; since then:")
    assert "2 ana: because the test says so" in fault.message
    assert "--rebase" in fault.hint


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param(edit(row(1), note="theirs"), id="edited"),
        pytest.param(remove(row(1)), id="removed"),
        pytest.param(create(row(1, groups=("a",), id="other")), id="the value elsewhere"),
        pytest.param(edit(row(2), value=row(1).value, groups=("b",)), id="the value moved to"),
    ],
)
def test_a_value_that_somebody_touched_makes_the_plan_stale(
    store: TenantStore, theirs: tuple[Change[Indicator], ...]
) -> None:
    wanted = made_now(store, *edit(row(1), note="mine"), *create(row(9)))
    apply(store, *theirs)
    for rebase in (True, False):
        fault = stale(store, wanted, rebase=rebase)
        assert "2 ana: because the test says so" in fault.message
        assert row(1).value in fault.hint
        assert row(9).value not in fault.hint
        assert "--rebase" not in fault.hint


def test_touched_and_put_back_is_still_touched(store: TenantStore) -> None:
    wanted = made_now(store, *edit(row(1), note="mine"))
    apply(store, *edit(row(1), note="theirs"))
    apply(store, *edit(row(1, note="theirs"), note=""))
    assert row(1).value in stale(store, wanted).hint


def test_a_value_that_somebody_suppressed_makes_the_plan_stale(store: TenantStore) -> None:
    wanted = made_now(store, *create(row(9)))
    kept_out = made_now(store, suppressions=[Change(None, suppression(9), "by hand")])
    rebased(store, kept_out)
    assert row(9).value in stale(store, wanted).hint


def test_a_suppression_of_a_value_that_somebody_touched_is_stale(store: TenantStore) -> None:
    wanted = made_now(store, suppressions=[Change(None, suppression(1), "by hand")])
    apply(store, *edit(row(1), note="theirs"))
    assert row(1).value in stale(store, wanted).hint


def test_a_row_that_expired_meanwhile_makes_the_plan_stale(store: TenantStore) -> None:
    held = row(3, expires=LATER)
    wanted = made_now(store, *edit(held, note="mine"))
    apply(store, *create(row(9)), now=LATER)
    fault = stale(store, wanted)
    assert "2 tidegate: expired" in fault.message
    assert held.value in fault.hint


def test_many_changes_are_told_newest_first_and_not_all(store: TenantStore) -> None:
    wanted = made_now(store, *(edit(row(1), note="x")), *create(*(row(n) for n in range(10, 16))))
    for number in range(10, 16):
        apply(store, *create(row(number)))
    fault = stale(store, wanted)
    assert "since then: 7 ana" in fault.message
    assert fault.message.endswith("; and 3 before")
    assert "and 3 more" in fault.hint


def test_a_plan_of_another_list_or_of_the_future_is_stale(
    store: TenantStore, tmp_path: Path
) -> None:
    other = TenantStore(tmp_path / "other")
    apply(other, *create(row(1)))
    for rebase in (True, False):
        theirs = made_now(other, *create(row(9)))
        assert "another list" in stale(store, theirs, rebase=rebase).message
        early = plan(create(row(9)), serial=5, lineage=store.state().lineage)
        assert "the plan was made at 5" in stale(store, early, rebase=rebase).message


def test_the_changes_since_are_found_in_files_that_were_put_away(
    store: TenantStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ROTATE_AT", 1)
    ours = made_now(store, *edit(row(1), note="mine"))
    free = made_now(store, *create(row(99)))
    apply(store, *edit(row(1), note="theirs"))
    for number in range(3):
        apply(store, *create(*(row(number * 20 + n) for n in range(20, 40))))
    assert len(store.journal.archives()) > 2
    assert row(1).value in stale(store, ours).hint
    assert rebased(store, free) is not None


def test_changes_since_that_cannot_be_read_are_damage(
    store: TenantStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ROTATE_AT", 1)
    wanted = made_now(store, *create(row(99)))
    apply(store, *create(*(row(n) for n in range(20, 40))))
    (path,) = store.journal.archives()
    path.write_bytes(path.read_bytes().replace(b'"changes"', b'"change'))
    with pytest.raises(StoreDamaged, match=path.name):
        rebased(store, wanted)


def test_a_list_that_filled_up_meanwhile_makes_the_plan_stale(store: TenantStore) -> None:
    wanted = made_now(store, *create(row(9)))
    apply(store, *create(row(4)), limit=4)
    with pytest.raises(StalePlan, match="filled up"):
        rebased(store, wanted, limit=4)
    with pytest.raises(UsageError, match="would hold 5 of 4"):
        rebased(store, made_now(store, *create(row(9))), limit=4)
    assert rebased(store, wanted, limit=5) is not None


def test_many_plans_made_of_an_empty_home_are_applied_one_after_the_other(tmp_path: Path) -> None:
    store = TenantStore(tmp_path / "new")
    plans = [made_now(store, *create(row(number))) for number in range(3)]
    for each in plans:
        assert rebased(TenantStore(store.folder), each) is not None
    assert store.count(NOW) == 3


# -- rows that would be lost -----------------------------------------------------------------------


def test_two_rows_may_swap_their_identities(store: TenantStore) -> None:
    swap = (*edit(row(1), value=row(2).value), *edit(row(2), value=row(1).value))
    apply(store, *swap)
    for each in (store, TenantStore(store.folder)):
        held = each.at(row(1).key, NOW)
        assert held is not None
        assert held.id == row(2).id
        assert each.count(NOW) == 3


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(edit(row(1), value=row(2).value), id="moves to a taken identity"),
        pytest.param(
            (*edit(row(1), value=row(2).value), *edit(row(2), note="x")), id="its owner stays"
        ),
        pytest.param(
            (*edit(row(2), note="x"), *edit(row(1), value=row(2).value)), id="its owner stayed"
        ),
        pytest.param(create(row(2, id="new")), id="a new row with a taken identity"),
        pytest.param(create(row(8, id="new"), row(8, id="newer")), id="two new rows as one"),
        pytest.param(edit(row(1), id=row(2).id), id="moves to a taken id"),
        pytest.param(create(row(8, id="new"), row(9, id="new")), id="two new rows with one id"),
    ],
)
def test_a_plan_under_which_a_row_would_be_lost_is_refused(
    store: TenantStore, changes: tuple[Change[Indicator], ...]
) -> None:
    assert "another row" in stale(store, made_now(store, *changes)).message


def test_a_plan_that_changes_a_row_twice_is_refused(store: TenantStore) -> None:
    for changes in ((*edit(row(1), note="x"), *edit(row(1), note="y")), remove(row(1), row(1))):
        with pytest.raises(UsageError, match="a row twice"):
            rebased(store, made_now(store, *changes))
    assert store.state().serial == 1
