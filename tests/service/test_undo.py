"""Taking back, step by step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.kinds import Severity
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.redo import plan_redo
from tidegate.service.reversal import carry_out
from tidegate.service.snapshots import listing, plan_restore
from tidegate.service.suppressing import plan_release, plan_suppress
from tidegate.service.sync import sync
from tidegate.service.trail import Span
from tidegate.service.undo import plan_undo, plan_undo_of, plan_undos
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def add(ws: Workspace, *values: str) -> None:
    apply(ws, edit.plan_add(ws, values, Fields()).plan)


def undo(ws: Workspace) -> int | None:
    plan = plan_undo(ws)
    apply(ws, plan)
    return plan.undoes


def test_nothing_to_undo(ws: Workspace) -> None:
    with pytest.raises(UsageError, match="nothing to undo"):
        plan_undo(ws)


def test_each_undo_goes_one_step_further_back(ws: Workspace) -> None:
    before = [look.rows(ws)]
    for number in range(4):
        add(ws, f"h{number}.example.com")
        before.append(look.rows(ws))
    for serial in (4, 3):
        assert undo(ws) == serial
        assert look.rows(ws) == before[serial - 1]
    add(ws, "new.example.com")
    assert [undo(ws), undo(ws), undo(ws)] == [7, 2, 1]
    assert look.rows(ws) == ()
    with pytest.raises(UsageError):
        plan_undo(ws)


def test_a_bulk_edit_is_one_step(ws: Workspace) -> None:
    add(ws, *(f"h{n}.example.com" for n in range(5)))
    before = look.rows(ws)
    apply(ws, edit.plan_edit(ws, before, Fields(severity=Severity.HIGH)).plan)
    undo(ws)
    assert look.rows(ws) == before


def test_undoing_a_sync_leaves_suppressions_and_undoing_a_removal_lifts_them(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    before = look.rows(ws)
    apply(ws, edit.plan_remove(ws, before[:1]).plan)
    undo(ws)
    assert look.rows(ws) == before
    assert not ws.store.state().suppressions
    undo(ws)
    assert look.rows(ws) == ()
    assert len(ws.store.state().suppressions) == 2
    assert sync(ws).plan.counts.suppressed == 2


def test_undoing_a_restore_keeps_no_feed_out(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2), indicator(3)])
    sync(ws)
    apply(ws, edit.plan_remove(ws, look.rows(ws)[:1]).plan)
    kept_out = dict(ws.store.state().suppressions)
    feed.publish([indicator(3)], watch.now)
    sync(ws)
    left = look.rows(ws)
    *_, first = listing(ws)
    apply(ws, plan_restore(ws, first.id).plan)
    assert (len(look.rows(ws)), len(ws.store.state().suppressions)) == (3, 0)
    undo(ws)
    assert look.rows(ws) == left
    assert ws.store.state().suppressions == kept_out
    feed.publish([indicator(1), indicator(2), indicator(3)], watch.now)
    sync(ws)
    assert len(look.rows(ws)) == 2


def test_undoing_a_feeds_update_gives_the_old_row_back(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    feed.publish([indicator(1, name="Renamed")], watch.now)
    sync(ws)
    undo(ws)
    assert not ws.store.state().suppressions
    for _ in range(2):
        (row,) = look.rows(ws)
        assert row.title == "Sample 1"
        assert dict(row.owned) == {"title": "Renamed"}
        assert sync(ws).plan.empty


def test_a_row_that_a_sync_removed_stays_once_a_person_brought_it_back(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    feed.publish([indicator(1)], watch.now)
    sync(ws)
    undo(ws)
    assert sync(ws).plan.empty
    assert {row.value: row.pinned for row in look.rows(ws)} == {
        "h1.example.com": False,
        "h2.example.com": True,
    }


def test_suppressions_are_taken_back_too(ws: Workspace) -> None:
    apply(ws, plan_suppress(ws, "h1.example.com", (), "why", None))
    apply(ws, plan_release(ws, ["h1.example.com"]))
    undo(ws)
    assert len(ws.store.state().suppressions) == 1
    undo(ws)
    assert not ws.store.state().suppressions


def test_what_expired_meanwhile_is_passed_over(ws: Workspace, watch: Watch) -> None:
    add(ws, "h1.example.com")
    watch.turn(days=91)
    add(ws, "h2.example.com")
    undo(ws)
    with pytest.raises(UsageError, match="nothing to undo"):
        plan_undo(ws)


def test_an_earlier_expiry_that_has_passed_is_not_brought_back(ws: Workspace, watch: Watch) -> None:
    add(ws, "h1.example.com")
    apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(expires=None)).plan)
    watch.turn(days=91)
    with pytest.raises(StalePlan, match="would be expired"):
        plan_undo(ws)
    assert len(look.rows(ws)) == 1


def test_a_row_that_moved_on_is_not_taken_back_blindly(ws: Workspace) -> None:
    add(ws, "h1.example.com", "h2.example.com")
    apply(ws, edit.plan_edit(ws, look.rows(ws)[:1], Fields(title="new")).plan)
    with pytest.raises(StalePlan) as caught:
        plan_undo_of(ws, Span(1, 1))
    assert caught.value.message == (
        "h1.example.com was changed again after change 1, by change 2 (edit h1.example.com)"
    )
    assert len(look.rows(ws)) == 2


def test_any_step_that_still_fits_can_be_taken_back(ws: Workspace) -> None:
    for number in range(4):
        add(ws, f"h{number}.example.com")
    (found,) = plan_undo_of(ws, Span(2, 2))
    carry_out(ws, [found])
    assert {row.value for row in look.rows(ws)} == {f"h{n}.example.com" for n in (0, 2, 3)}
    assert undo(ws) == 4
    with pytest.raises(UsageError, match="taken back by change 5 already"):
        plan_undo_of(ws, Span(2, 2))


def test_a_range_goes_back_newest_first_and_passes_over_what_was_taken_back(
    ws: Workspace,
) -> None:
    add(ws, "h0.example.com")
    before = look.rows(ws)
    for title in ("one", "two", "three"):
        apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(title=title)).plan)
    assert undo(ws) == 4
    found = plan_undo_of(ws, Span(2, None))
    assert [reversal.plan.undoes for reversal in found] == [3, 2]
    assert [done.serial for done in carry_out(ws, found)] == [6, 7]
    assert look.rows(ws) == before
    with pytest.raises(UsageError, match="nothing is left to take back of changes 2 to 4"):
        plan_undo_of(ws, Span(2, 4))


def test_a_range_fits_whole_or_nothing_is_done(ws: Workspace) -> None:
    for number in range(3):
        add(ws, f"h{number}.example.com")
    chosen = [row for row in look.rows(ws) if row.value == "h0.example.com"]
    apply(ws, edit.plan_edit(ws, chosen, Fields(title="new")).plan)
    with pytest.raises(StalePlan, match=r"h0\.example\.com was changed again after change 1"):
        plan_undo_of(ws, Span(1, 3))
    with pytest.raises(UsageError, match="only 4 changes can be undone, not 5"):
        plan_undos(ws, 5)
    assert len(look.rows(ws)) == 3
    assert len(plan_undo_of(ws, Span(1, None))) == 4


def test_a_suppression_that_somebody_set_anew_is_not_lifted_blindly(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    apply(ws, edit.plan_remove(ws, look.rows(ws)).plan)
    (note,) = ws.store.state().suppressions.values()
    later = dataclasses.replace(note, reason="another", until=watch.now + timedelta(days=9))
    state = ws.store.state()
    changes = (Change(note, later, "later"),)
    apply(ws, SyncPlan(state.lineage, state.serial, "suppress", "x", suppressions=changes))
    with pytest.raises(StalePlan, match="suppressed or released again after change 2, by change 3"):
        plan_undo_of(ws, Span(2, 2))
    # One that is gone already is no obstacle: that is what the undo would have done.
    undo(ws)
    apply(ws, plan_release(ws, ["h1.example.com"]))
    (found,) = plan_undo_of(ws, Span(2, 2))
    assert (len(found.plan.changes), found.plan.suppressions) == (1, ())


def test_a_time_limited_suppression_comes_back_with_the_redo(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)])
    until = watch.now + timedelta(days=1)
    apply(ws, plan_suppress(ws, "h1.example.com", ("servers",), "for now", until))
    sync(ws)
    before = dict(ws.store.state().suppressions)
    undo(ws)
    assert len(ws.store.state().suppressions) == 2
    apply(ws, plan_redo(ws))
    assert dict(ws.store.state().suppressions) == before
