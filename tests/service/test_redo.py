"""Doing again what an undo took back, and taking that back again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.kinds import Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.redo import plan_redo, plan_redo_of, plan_redos
from tidegate.service.reversal import carry_out
from tidegate.service.suppressing import plan_release
from tidegate.service.sync import sync
from tidegate.service.trail import Span
from tidegate.service.undo import plan_undo, plan_undos
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def add(ws: Workspace, *values: str) -> None:
    apply(ws, edit.plan_add(ws, values, Fields()).plan)


def picture(ws: Workspace) -> tuple[object, object]:
    """Rows and suppressions, in every field."""
    state = ws.store.state()
    return dict(state.rows), dict(state.suppressions)


def undo(ws: Workspace) -> None:
    apply(ws, plan_undo(ws))


def redo(ws: Workspace) -> int | None:
    plan = plan_redo(ws)
    apply(ws, plan)
    return plan.undoes


def test_nothing_to_redo(ws: Workspace) -> None:
    with pytest.raises(UsageError, match="nothing to redo"):
        plan_redo(ws)
    add(ws, "h1.example.com")
    with pytest.raises(UsageError, match="nothing to redo"):
        plan_redo(ws)


def test_back_and_forth_as_often_as_one_likes(ws: Workspace) -> None:
    pictures = [picture(ws)]
    for number in range(3):
        add(ws, f"h{number}.example.com")
        pictures.append(picture(ws))
    apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(severity=Severity.HIGH)).plan)
    pictures.append(picture(ws))
    for _ in range(3):
        for place in (3, 2, 1, 0):
            undo(ws)
            assert picture(ws) == pictures[place]
        for place in (1, 2, 3, 4):
            redo(ws)
            assert picture(ws) == pictures[place]
    with pytest.raises(UsageError, match="nothing to redo"):
        plan_redo(ws)


def test_it_holds_across_restarts(home: Home, watch: Watch) -> None:
    def fresh() -> Workspace:
        return Workspace.open(home, clock=watch)

    add(fresh(), "h1.example.com")
    undo(fresh())
    assert look.rows(fresh()) == ()
    redo(fresh())
    undo(fresh())
    redo(fresh())
    assert len(look.rows(fresh())) == 1
    assert [entry.undoes for entry in fresh().store.entries()] == [None, 1, 2, 1, 4]


def test_what_an_undo_left_for_the_feeds_goes_again(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    feed.publish([indicator(1, name="Renamed")], watch.now)
    sync(ws)
    after = picture(ws)
    undo(ws)  # one row is pinned, one owns its title
    assert picture(ws) != after
    redo(ws)
    assert picture(ws) == after
    undo(ws)
    undo(ws)  # two suppressions
    assert len(ws.store.state().suppressions) == 2
    redo(ws)
    redo(ws)
    assert picture(ws) == after
    assert sync(ws).plan.empty


def test_a_removal_done_again_suppresses_again(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    apply(ws, edit.plan_remove(ws, look.rows(ws)).plan)
    after = picture(ws)
    undo(ws)
    assert sync(ws).plan.empty
    redo(ws)
    assert picture(ws) == after
    assert sync(ws).plan.counts.suppressed == 1


def test_an_undo_whose_rows_moved_on_is_not_redone(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    undo(ws)
    apply(ws, plan_release(ws, ["h1.example.com"]))
    sync(ws)
    with pytest.raises(StalePlan) as caught:
        plan_redo(ws)
    assert "h1.example.com was changed again after change 2, by change 4 (" in caught.value.message
    assert len(look.rows(ws)) == 1


def test_redo_does_not_reach_past_an_undo_that_does_not_fit(ws: Workspace) -> None:
    add(ws, "h1.example.com")
    add(ws, "h2.example.com")
    undo(ws)
    undo(ws)
    add(ws, "h1.example.com")
    with pytest.raises(StalePlan, match=r"h1\.example\.com was changed again"):
        plan_redo(ws)
    (other,) = plan_redo_of(ws, Span(2, 2))
    carry_out(ws, [other])
    assert {row.value for row in look.rows(ws)} == {"h1.example.com", "h2.example.com"}


def test_a_span_names_changes_or_undos(ws: Workspace) -> None:
    for number in range(3):
        add(ws, f"h{number}.example.com")
    carry_out(ws, plan_undos(ws, 3))
    assert [found.plan.undoes for found in plan_redo_of(ws, Span(4, 5))] == [5, 4]
    assert [found.plan.undoes for found in plan_redo_of(ws, Span(1, 2))] == [6, 5]
    assert [found.plan.undoes for found in plan_redos(ws, 2)] == [6, 5]
    with pytest.raises(UsageError, match="only 3 changes can be redone, not 4"):
        plan_redos(ws, 4)
    (found,) = plan_redo_of(ws, Span(2, 2))
    assert found.plan.reason == "redo of change 2: add h1.example.com"
    carry_out(ws, [found])
    with pytest.raises(UsageError, match="nothing is left to redo of changes 7 to the newest"):
        plan_redo_of(ws, Span(7, None))
    with pytest.raises(UsageError, match="there is no change 9, the newest is 7"):
        plan_redo_of(ws, Span(6, 9))


def test_a_row_that_ran_out_meanwhile_is_not_brought_back(ws: Workspace, watch: Watch) -> None:
    add(ws, "h1.example.com")
    undo(ws)
    watch.turn(days=91)
    with pytest.raises(UsageError, match="nothing to redo"):
        plan_redo(ws)
