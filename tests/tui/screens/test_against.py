"""The bench under a plan: that of a sync, one of a file, and back to the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tidegate.errors import UsageError
from tidegate.service import cases
from tidegate.service.apply import save_plan
from tidegate.service.edit import Fields, plan_add
from tidegate.service.planning import evaluate
from tidegate.service.workspace import active_feeds
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.bench import BenchScreen
from tidegate.tui.widgets.question import Question
from tui.stage import gate_of, heard, opened, play, reading_done, screen_text, toasts, until


@pytest.fixture
def said(made_home: Path, tmp_path: Path) -> Path:
    """A home whose plan brings h5 and h6."""
    return heard(made_home, tmp_path)


def bench(app: TidegateApp) -> BenchScreen:
    assert isinstance(app.screen, BenchScreen)
    return app.screen


async def asked(app: TidegateApp, pilot: Pilot[int], text: str) -> str:
    await pilot.press("f6")
    await pilot.pause()
    bench(app).query_one(Question).load_text(text)
    bench(app).query_one(Question).focus()
    await pilot.press("enter")
    await pilot.pause()
    return screen_text(app)


def test_what_is_asked_is_asked_again_under_the_plan_and_by_the_list(said: Path) -> None:
    gate = gate_of(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert "no match" in await asked(app, pilot, "h3.example.com\nh5.example.com")
        await pilot.press("t")
        await reading_done(app, pilot)
        await reading_done(app, pilot)
        text = screen_text(app)
        assert "under the plan of a sync, +2 ~1 -0: 2 answers, 1 other than by the list" in text
        lines = [line for line in text.splitlines() if "example.com" in line and line[0] in "> "]
        assert lines[0].startswith("> ≠ h5.example.com")
        assert "no match → blocked" in lines[0]
        assert "now: no match" in text
        assert "h3.example.com" in lines[1]
        assert "→" not in lines[1]
        cases.save(opened(said), "keeps", {"RemoteUrl": "h5.example.com"}, "malicious")
        await pilot.press("c")
        await pilot.pause()
        assert "1 case, 1 other than by the list" in screen_text(app)
        await pilot.press("c", "t")
        await pilot.pause()
        assert "2 answers, engines differ in 0" in screen_text(app)
        # The plan is at hand now, until the list moves on: then it says so.
        await pilot.press("t")
        await pilot.pause()
        gate.apply(plan_add(opened(said), ["192.0.2.78"], Fields(), None).plan)
        bench(app).follow()
        await pilot.pause()
        assert "under the plan of a sync, +2 ~1 -0, of an earlier list" in screen_text(app)

    play(gate, scene, (120, 30))


def test_a_plan_file_is_asked_under_and_a_file_of_events_with_it(
    said: Path, tmp_path: Path
) -> None:
    path = str(tmp_path / "monday.plan.json")
    ws = opened(said)
    save_plan(Path(path), evaluate(ws, active_feeds(ws)).plan)
    ws.close()
    events = tmp_path / "events.jsonl"
    events.write_text(
        "".join(f'{{"RemoteUrl": "http://h{n}.example.com/"}}\n' for n in (3, 5)), "utf-8"
    )

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("5", "escape")
        await pilot.pause()
        bench(app).action_against(path)
        bench(app).action_events(str(events))
        await until(pilot, lambda: app.job is None)
        assert "2 events, 1 hit" in str(toasts(app))
        app.clear_notifications()
        await pilot.pause()
        assert "under the plan monday.plan.json, +2 ~1 -0: " in screen_text(app)
        assert "≠ http://h5.example.com" in screen_text(app)
        await pilot.press("t")
        await until(pilot, lambda: app.job is None and "1 hit" in str(toasts(app)))
        assert "http://h3.example.com" in screen_text(app)  # by the list as it is
        bench(app).action_against(str(tmp_path / "none"))
        await pilot.pause()
        assert "there is no" in toasts(app)[-1]

    play(gate_of(said), scene, (160, 45))


def test_where_no_plan_can_be_made_the_list_is_asked(
    said: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_of(said)

    def fails(_: object) -> None:
        raise UsageError("the ledger is gone")

    monkeypatch.setattr(gate.desks.review, "plan", fails)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await asked(app, pilot, "h3.example.com")
        await pilot.press("t")
        await reading_done(app, pilot)
        assert "the ledger is gone" in toasts(app)[-1]
        assert "1 answer, engines differ in 0" in screen_text(app)

    play(gate, scene)
