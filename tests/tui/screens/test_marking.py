from __future__ import annotations

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.mode import ModeScreen
from tui.stage import FakeGate, make_row, play, screen_text, toasts

ROWS = [make_row(number) for number in range(8)]


def test_marks_change_the_status_and_the_keys_that_are_named() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert isinstance(app.screen, ModeScreen)
        await pilot.press("space")
        await pilot.pause()
        lines = screen_text(app).splitlines()
        assert "1 marked, 0 hidden" in lines[-2]
        assert "M no marks" in lines[-1]
        await pilot.press("v")
        await pilot.pause()
        assert "range: v marks to here" in screen_text(app).splitlines()[-2]
        await pilot.press("escape", "M")
        await pilot.pause()
        assert not screen_text(app).splitlines()[-2].strip()
        await pilot.press("ctrl+x")
        await pilot.pause()
        assert toasts(app) == ["nothing runs in the background"]

    play(FakeGate(ROWS), scene)
