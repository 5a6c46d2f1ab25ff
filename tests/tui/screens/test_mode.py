from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.errors import StoreDamaged
from tidegate.service import look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add
from tidegate.service.quota import Quota
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.mode import ModeScreen
from tui.stage import FakeGate, gate_of, make_row, opened, play, screen_text, toasts


def test_what_cannot_be_read_stands_below_and_is_told_again_to_who_asks() -> None:
    gate = FakeGate([make_row(n) for n in range(3)])

    def broken() -> Quota:
        raise StoreDamaged("the ledger is not what was written", "move it away")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert ">1" in screen_text(app).splitlines()[0]
        assert "! cannot be read (:log" in screen_text(app)
        assert len(toasts(app)) == 1
        assert isinstance(app.screen, ModeScreen)
        app.screen.follow()
        app.screen.read()
        assert len(toasts(app)) == 1
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert len(toasts(app)) == 2
        del gate.quota
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert "cannot be read" not in screen_text(app)

    gate.quota = broken  # type: ignore[method-assign]
    play(gate, scene)


def test_a_change_of_another_process_is_taken_back_only_when_asked(worked: Path) -> None:
    def values() -> set[str]:
        ws = opened(worked)
        found = {row.value for row in look.rows(ws)}
        ws.close()
        return found

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        other = opened(worked)  # the same person, at the command line
        apply(other, plan_add(other, ["192.0.2.99"], Fields()).plan)
        other.close()
        await pilot.press("u")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        text = screen_text(app)
        assert "add 192.0.2.99 (add), by ana, 2026-06-01 12:00 UTC" in text
        assert "Rows: 192.0.2.99" in text
        await pilot.press("n")
        await pilot.pause()
        assert "192.0.2.99" in values()
        await pilot.press("d", "u")  # what was done here is one key
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert "h1.example.com" in values()

    play(gate_of(worked), scene)


def test_a_session_says_once_that_it_works_by_an_older_config(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert isinstance(app.screen, ModeScreen)
        app.screen.follow()
        assert toasts(app) == []
        (worked / "config.toml").write_text("limit = 20\n", "utf-8")
        app.screen.follow()
        app.screen.follow()
        await pilot.pause()
        (said,) = toasts(app)
        assert said.startswith("config.toml has changed")

    play(gate_of(worked), scene)
