from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from driving.homes import in_home, indicator
from tidegate.errors import UsageError
from tidegate.indicators.plan import SyncPlan
from tidegate.service.edit import Fields, plan_add
from tidegate.service.suppressing import suppressions
from tidegate.tui.app import TidegateApp
from tidegate.tui.gate import Gate
from tidegate.tui.screens.review import ReviewScreen
from tui.rest import wait_for_idle
from tui.stage import NOW, gate_of, heard, opened, play, screen_text, toasts, until


@pytest.fixture
def said(made_home: Path, tmp_path: Path) -> Path:
    """A home of one's own whose feed has said something new."""
    return heard(made_home, tmp_path)


def review(app: TidegateApp) -> ReviewScreen:
    assert isinstance(app.screen, ReviewScreen)
    return app.screen


async def planned(app: TidegateApp, pilot: Pilot[int]) -> str:
    """Look at the review once its plan is there."""
    await pilot.pause()
    screen = review(app)
    screen.follow()
    await until(pilot, lambda: not screen._planning)
    return screen_text(app)


def values(gate: Gate) -> set[str]:
    return {row.value.partition(".")[0] for row in gate.rows()}


def test_what_a_sync_would_do_is_shown_by_feed_and_applied_after_a_question(said: Path) -> None:
    gate = gate_of(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        text = await planned(app, pilot)
        assert "what a sync would apply now: +2 ~1 -0 !2  after: 6" in text
        assert "! held: 2 of 4 feed rows would go" in text
        assert "▾ feed   acme-c2                   +2 ~1" in text
        assert "▾        acme-c2: 2 rows to add    +2" in text
        assert "~ domain h4.example.com" in text
        assert "!- domain h1.example.com" in text
        await pilot.press("j", "j", "j", "j", "enter")
        await pilot.pause()
        assert "→ Renamed" in screen_text(app)
        await pilot.press("escape", "w")
        await pilot.pause()
        assert "h4.example.com" in screen_text(app)
        await pilot.press("escape", "A")
        await pilot.pause()
        assert "Apply this plan? +2 ~1 -0" in screen_text(app)
        await pilot.press("n", "A", "y")
        await until(pilot, lambda: app.job is None and "2 added, 1 changed" in str(toasts(app)))
        text = await planned(app, pilot)
        assert "what a sync would apply now: +0 ~0 -0 !2  after: 6" in text
        await pilot.press("A")
        await pilot.pause()
        assert toasts(app)[-1] == "there is nothing to apply: h lets held rows through"

    play(gate, scene)
    assert values(gate) == {"h1", "h2", "h3", "h4", "h5", "h6"}


def test_rows_are_rejected_with_a_reason_and_an_end_and_it_is_planned_anew(said: Path) -> None:
    gate = gate_of(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("f3")
        await planned(app, pilot)
        await pilot.press("asterisk", "r")
        await pilot.pause()
        text = screen_text(app)
        assert "Keep 3 rows out?" in text
        assert "! 1 row on the list now would leave" in text
        assert "! not meant: 2 rows that would leave anyway" in text
        await pilot.press("escape", "M", "j", "j", "r", "enter")
        await pilot.pause()
        assert "✗ a reason is needed" in screen_text(app)
        await pilot.press(*"scanner", "tab", "x", "enter")
        await pilot.pause()
        assert "✗ 'x' is not an expiry" in screen_text(app)
        await pilot.press("backspace", *"always")
        await wait_for_idle()
        assert "= always: no feed brings it back" in screen_text(app)
        assert "Until: 30d, 12h, 2026-12-31, or always" in screen_text(app)
        await pilot.press(*["backspace"] * 5, "x")
        await pilot.press("backspace", "backspace", *"30d", "enter")
        text = await planned(app, pilot)
        assert toasts(app)[-1] == "1 value kept out until 2026-07-01 · u undo"
        assert "+1 ~1 -0 !2" in text
        assert "1 suppressed" in text
        await pilot.press("u")
        await planned(app, pilot)
        assert "+2 ~1 -0 !2" in await planned(app, pilot)
        await pilot.press("G", "r")
        await pilot.pause()
        assert "these rows leave" in toasts(app)[-1]

    play(gate, scene)
    assert suppressions(opened(said)) == ()


def test_held_rows_are_let_through_by_feed(said: Path) -> None:
    gate = gate_of(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await planned(app, pilot)
        await pilot.press("G", "h")
        await pilot.pause()
        assert "Let 2 held changes of acme-c2 through?" in screen_text(app)
        await pilot.press("n", "h", "y")
        text = await planned(app, pilot)
        assert toasts(app)[-1] == "let through: 2 removed · u undo"
        assert "+2 ~1 -0  after: 4" in text
        await pilot.press("h")
        await pilot.pause()
        assert toasts(app)[-1] == "the brake holds nothing"

    play(gate, scene)
    assert values(gate) == {"h3", "h4"}


def test_a_change_underneath_is_planned_anew_and_never_applied_unseen(said: Path) -> None:
    gate = gate_of(said)
    other = opened(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await planned(app, pilot)
        await pilot.press("A")
        await pilot.pause()
        gate.apply(plan_add(other, ["192.0.2.78"], Fields(), None).plan)
        await pilot.press("y")
        text = await planned(app, pilot)
        assert "the list has changed: it is planned anew, look again" in toasts(app)
        assert "after: 7" in text
        gate.apply(plan_add(other, ["192.0.2.79"], Fields(), None).plan)
        assert "after: 8" in await planned(app, pilot)
        assert app.job is None

    play(gate, scene)
    assert len(gate.rows()) == 6


def test_the_plan_of_a_sync_that_waits_is_rejected_from_and_answered(worked: Path) -> None:
    gate = gate_of(worked)
    in_home(worked, "acme-c2").publish([indicator(number) for number in range(1, 8)], NOW)

    def plan(app: TidegateApp) -> SyncPlan | None:
        return None if app.job is None else app.job.plan

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("colon", *"sync", "enter")
        await pilot.press("2")
        await until(pilot, lambda: plan(app) is not None)
        assert "the plan of the sync that waits: +3 ~0 -0" in await planned(app, pilot)
        first = plan(app)
        await pilot.press("j", "r", *"no", "enter")
        await until(pilot, lambda: plan(app) not in (None, first))
        text = await planned(app, pilot)
        assert "the plan of the sync that waits: +2 ~0 -0" in text
        assert "1 suppressed" in text
        await pilot.press("A")
        below = app.screen_stack[0]
        assert isinstance(below, ReviewScreen)
        gate.apply(plan_add(opened(worked), ["192.0.2.78"], Fields(), None).plan)
        second = plan(app)
        await until(pilot, lambda: plan(app) not in (None, second))
        await until(pilot, lambda: below._plan is plan(app))
        await pilot.press("y")
        await pilot.pause()
        assert toasts(app)[-1] == "that plan is gone: look at the one that took its place"
        await planned(app, pilot)
        await pilot.press("A", "y")
        await until(pilot, lambda: app.job is None)
        assert toasts(app)[-1] == "synced 1 feed: 2 added · u undo"

    play(gate, scene)
    assert values(gate) == {"192", "h1", "h2", "h3", "h4", "h6", "h7"}


def test_a_no_ends_the_sync_and_its_plan_stays_to_be_looked_at(worked: Path) -> None:
    gate = gate_of(worked)
    in_home(worked, "acme-c2").publish([indicator(number) for number in range(1, 8)], NOW)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await planned(app, pilot)
        await pilot.press("colon", *"sync", "enter")
        await until(pilot, lambda: app.job is not None and app.job.plan is not None)
        await planned(app, pilot)
        await pilot.press("A", "n")
        await until(pilot, lambda: app.job is None)
        assert "the plan was not applied" in toasts(app)[-1]
        assert "what a sync would apply now: +3 ~0 -0" in await planned(app, pilot)

    play(gate, scene)
    assert gate.serial() == 5


def test_read_only_plans_and_refuses(said: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = gate_of(said, read_only=True)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        assert "+2 ~1 -0 !2" in await planned(app, pilot)
        await pilot.press("A", "r", "h")
        await pilot.pause()
        assert set(toasts(app)) == {"read-only session: nothing can be changed"}

        def fails(_progress: object) -> None:
            raise UsageError("the ledger is gone", "sync again")

        monkeypatch.setattr(gate.desks.review, "plan", fails)
        await pilot.press("p")
        assert "there is no plan: p tries again" in await planned(app, pilot)
        assert "the ledger is gone (sync again)" in toasts(app)[-1]

    play(gate, scene)


def test_without_feeds_it_says_how_a_plan_comes(tmp_path: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        text = await planned(app, pilot)
        assert "A sync would change nothing by what the feeds said last." in text
        await pilot.press("enter", "r", "h", "A", "w")
        await pilot.pause()
        assert "there is nothing to apply" in toasts(app)
        assert app.is_running

    play(gate_of(tmp_path / "home"), scene)
