"""Suppressions by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.errors import InvalidValue, UsageError
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.suppressing import (
    plan_reject,
    plan_release,
    plan_suppress,
    record,
    suppressions,
)
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.why import explain
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def test_a_suppression_keeps_a_value_out_until_its_end(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    until = watch.now + timedelta(days=3)
    apply(ws, plan_suppress(ws, "H1[.]example.com", (), "scanner", until))
    assert sync(ws).plan.counts.suppressed == 1
    watch.turn(days=3)
    assert sync(ws).plan.counts.suppressed == 0
    assert len(look.rows(ws)) == 2


def test_rows_are_rejected_together_and_come_back_together(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(number) for number in range(1, 31)])
    sync(ws)
    rows = [look.find(ws, f"h{number}.example.com") for number in (1, 2)]
    until = watch.now + timedelta(days=3)
    plan = plan_reject(ws, [*rows, rows[0]], "scanner", until)
    assert plan.reason == "reject 2 values"
    apply(ws, plan)
    assert {(note.value, note.until) for note in suppressions(ws)} == {
        (row.value, until) for row in rows
    }
    assert plan_reject(ws, rows[:1], "again", None).suppressions[0].before == suppressions(ws)[0]
    assert sync(ws).plan.counts.suppressed == 2
    assert {row.value for row in rows}.isdisjoint(row.value for row in look.rows(ws))
    assert len(look.rows(ws)) == 28
    apply(ws, plan_undo(ws))
    apply(ws, plan_undo(ws))
    assert suppressions(ws) == ()


def test_a_pinned_row_is_not_rejected(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    row = look.find(ws, "h1.example.com")
    apply(ws, edit.plan_pin(ws, [row], pinned=True).plan)
    with pytest.raises(UsageError, match="is pinned, so it would stay"):
        plan_reject(ws, [row], "no", None)


def test_a_suppression_of_one_scope_leaves_the_others(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    apply(ws, plan_suppress(ws, "h1.example.com", ("servers",), "there only", None))
    assert sync(ws).plan.counts.suppressed == 0
    assert suppressions(ws)[0].groups == ("servers",)


def test_suppressing_again_replaces_the_reason(ws: Workspace) -> None:
    for reason in ("first", "second"):
        apply(ws, plan_suppress(ws, "h1.example.com", (), reason, None))
    assert [note.reason for note in suppressions(ws)] == ["second"]
    assert record(suppressions(ws)[0])["reason"] == "second"


def test_release_lifts_every_scope_of_a_value(ws: Workspace) -> None:
    for groups in ((), ("a",), ("b",)):
        apply(ws, plan_suppress(ws, "h1.example.com", groups, "x", None))
    apply(ws, plan_suppress(ws, "h2.example.com", (), "x", None))
    apply(ws, plan_release(ws, ["h1[.]example[.]com"]))
    assert [note.value for note in suppressions(ws)] == ["h2.example.com"]


def test_bad_values_and_unknown_ones_are_named(ws: Workspace) -> None:
    with pytest.raises(InvalidValue):
        plan_suppress(ws, "what?", (), "x", None)
    with pytest.raises(UsageError, match=r"h1\.example\.com is not suppressed"):
        plan_release(ws, ["h1.example.com"])


def test_a_pinned_row_is_not_suppressed_behind_its_owners_back(ws: Workspace) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields()).plan)
    (row,) = look.rows(ws)
    apply(ws, edit.plan_pin(ws, [row], pinned=True).plan)
    with pytest.raises(UsageError, match="is pinned") as refused:
        plan_suppress(ws, "h1.example.com", (), "why", None)
    assert f"unpin {row.id}" in refused.value.hint


def test_a_suppression_whose_time_is_over_gives_way_to_a_new_one(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)])
    apply(ws, plan_suppress(ws, "h1.example.com", (), "for now", watch.now + timedelta(hours=1)))
    assert not sync(ws).plan.changes
    watch.turn(days=1)
    sync(ws)
    apply(ws, edit.plan_remove(ws, look.rows(ws)).plan)
    assert sync(ws).plan.counts.suppressed == 1
    assert look.rows(ws) == ()


@pytest.mark.parametrize("groups", ["", 'groups = ["lab"]\n'])
def test_a_removed_row_stays_away_whatever_its_feed_says_of_it(
    ws: Workspace, subscribe: Subscribe, watch: Watch, groups: str
) -> None:
    policy = f'action = "Alert only"\nexpires = "30d"\n{groups}'
    feed = subscribe("acme", [indicator(1), indicator(2)], default=policy)
    sync(ws)
    (gone,) = look.select(ws, "value:h1")
    apply(ws, edit.plan_remove(ws, [gone], "our scanner").plan)
    for name in ("Sample 1", "Renamed", "Renamed again"):
        watch.turn(days=10)
        feed.publish([indicator(1, name=name), indicator(2)], watch.now)
        assert sync(ws).plan.counts.suppressed == 1
        assert [row.value for row in look.rows(ws)] == ["h2.example.com"]
    trace = explain(ws, "h1.example.com")
    assert "suppressed" in trace.headline
    assert any(step.stage == "suppression" and "our scanner" in step.text for step in trace.steps)
    apply(ws, plan_release(ws, ["h1.example.com"]))
    sync(ws)
    assert look.find(ws, "h1.example.com").title == "Renamed again"
