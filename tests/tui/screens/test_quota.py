from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from driving.homes import in_home, indicator
from tidegate.errors import UsageError
from tidegate.service.edit import Fields, plan_add
from tidegate.service.sync import sync
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.quota import QuotaScreen
from tui.stage import NOW, gate_of, opened, play, reading_done, screen_text, toasts, until


def test_who_holds_the_slots_and_the_report_card_of_a_feed(worked: Path) -> None:
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("3")
        await reading_done(app, pilot)
        assert isinstance(app.screen, QuotaScreen)
        text = screen_text(app)
        assert ">3 Quota" in text
        assert "4 of 15,000" in text.splitlines()[1]
        assert "next out  h4.example.com" in text
        assert "Forecast of 30 days: 4 rows end (0 taken by what waits: +; 4 left free: -)" in text
        assert "> A acme-c2" in text
        await pilot.press("enter")
        await pilot.pause()
        assert "REPORT CARD" in screen_text(app)
        await pilot.press("escape", "j")
        await pilot.pause()
        assert "rows that people added" in screen_text(app).splitlines()[-3]
        gate.apply(plan_add(opened(worked), ["192.0.2.78"], Fields(), None).plan)
        app.screen.follow()
        await reading_done(app, pilot)
        text = screen_text(app)
        assert "5 of 15,000" in text.splitlines()[1]
        assert "> M by hand                     1" in text

    play(gate, scene)


def test_what_waits_is_next_in_and_takes_what_frees_up(worked: Path) -> None:
    config = worked / "config.toml"
    config.write_text("limit = 5\n" + config.read_text("utf-8"), "utf-8")
    ws = opened(worked)
    in_home(worked, "acme-c2").publish([indicator(number) for number in range(1, 10)], NOW)
    sync(ws, ["acme-c2"])
    ws.close()

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("f4")
        await reading_done(app, pilot)
        text = screen_text(app)
        assert "5 of 5 FULL" in text
        assert "4 waiting" in text
        assert "next in   h" in text
        assert "4 taken by what waits: +" in text

    play(gate_of(worked), scene)


def test_what_if_is_judged_while_typed_and_worked_out_in_a_thread(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("3")
        await reading_done(app, pilot)
        await pilot.press("t", "enter")
        await pilot.pause()
        assert "type a number in one of the fields" in screen_text(app)
        await pilot.press("3", "tab", "x")
        await pilot.pause()
        assert "✗ 'x' is no number of slots" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert screen_text(app).count("✗ 'x' is no number") == 2
        await pilot.press("backspace", "tab", *"gone=2", "enter")
        await until(pilot, lambda: 'no feed "gone" is on' in screen_text(app))
        await pilot.press(*["backspace"] * 6, "enter")
        await until(pilot, lambda: "acme-c2: 4 → 3" in screen_text(app))
        text = screen_text(app)
        assert "0 rows would come in and 1 go" in text
        assert "- domain h4.example.com" in text
        assert "To keep it: limit, reserve in config.toml" in text
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, QuotaScreen)

    gate = gate_of(worked, read_only=True)
    play(gate, scene)
    assert gate.serial() == 5


def test_an_empty_home_says_where_feeds_are_and_faults_are_toasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_of(tmp_path / "home")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("3", "t")
        await reading_done(app, pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "no feed is on: 6 shows them" in screen_text(app)
        assert "nothing waits" in screen_text(app)

        def fails() -> None:
            raise UsageError("the ledger is gone", "sync again")

        monkeypatch.setattr(gate.desks.quota, "account", fails)
        await pilot.press("ctrl+r")
        await reading_done(app, pilot)
        assert "the ledger is gone (sync again)" in toasts(app)[-1]
        assert "nothing waits" in screen_text(app)

    play(gate, scene)
