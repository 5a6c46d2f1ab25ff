"""Taking back, step by step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.kinds import Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.suppressing import plan_release, plan_suppress
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
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


def test_a_row_that_moved_on_is_not_taken_back_blindly(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(ws, "h1.example.com")
    entries = list(ws.store.entries())
    apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(title="new")).plan)
    monkeypatch.setattr(ws.store, "entries", lambda: iter(entries))
    with pytest.raises(StalePlan, match="was changed again after change 1"):
        plan_undo(ws)
