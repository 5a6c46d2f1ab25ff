"""Rows that are as feeds want them are not made again, and whatever touches one is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driving import churning
from driving.homes import FeedFolder, Watch, indicator
from tidegate.allocation.merge import backed
from tidegate.indicators.kinds import Severity
from tidegate.service import edit, handing_out, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.planning import Evaluation, evaluate
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace, active_feeds

Subscribe = Callable[..., FeedFolder]
FOREVER = 'action = "Alert and block"\nseverity = "High"\nexpires = "never"\n'


@pytest.fixture(name="made")
def _made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The values of the rows that are made, as often as they are."""
    seen: list[str] = []
    real = backed

    def noting(candidates: Any, moment: Any) -> Any:  # noqa: ANN401 - passed on
        seen.append(candidates[0].value)
        return real(candidates, moment)

    monkeypatch.setattr(handing_out, "backed", noting)
    return seen


def plan(ws: Workspace) -> Evaluation:
    return evaluate(ws, active_feeds(ws))


def test_what_is_as_it_was_is_not_made_again(
    ws: Workspace, subscribe: Subscribe, watch: Watch, made: list[str]
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)], default=FOREVER)
    sync(ws)
    del made[:]
    assert plan(ws).plan.empty
    assert made == []
    feed.publish(
        [indicator(1), indicator(2, name="New", modified="2026-05-01T00:00:00Z")], watch.now
    )
    report = sync(ws)
    assert [change.row.title for change in report.plan.changes] == ["New"]


def test_what_a_person_did_is_noticed(ws: Workspace, subscribe: Subscribe, made: list[str]) -> None:
    subscribe("acme", [indicator(1), indicator(2)], default=FOREVER)
    sync(ws)
    rows = [row for row in look.rows(ws) if row.value == "h1.example.com"]
    apply(ws, edit.plan_edit(ws, rows, Fields(severity=Severity.LOW)).plan)
    del made[:]
    assert plan(ws).plan.empty
    assert made == ["h1.example.com"]
    apply(ws, plan_undo(ws))
    assert plan(ws).plan.empty


def test_a_plan_that_is_not_applied_is_not_taken_for_the_list(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(1)], default=FOREVER)
    sync(ws)
    feed.publish([indicator(1, name="New", modified="2026-05-01T00:00:00Z")], watch.now)
    sync(ws, confirm=lambda _: False)
    assert [change.row.title for change in plan(ws).plan.changes] == ["New"]
    assert look.rows(ws)[0].title != "New"


def test_without_the_memory_the_plans_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = churning.step
    plans = 0

    def checked(ws: Workspace) -> Evaluation:
        nonlocal plans
        with_it = plan(ws).plan
        known = ws.ledger.link.execute("SELECT * FROM agreed").fetchall()
        ws.ledger.link.execute("DELETE FROM agreed")
        assert plan(ws).plan == with_it
        ws.ledger.link.executemany("INSERT INTO agreed VALUES (?, ?, ?, ?, ?, ?)", known)
        plans += bool(known)
        return real(ws)

    monkeypatch.setattr(churning, "step", checked)
    monkeypatch.setattr(churning, "DAYS", 12)
    churning.live(tmp_path / "home", 3)
    assert plans >= 12
