from __future__ import annotations

from textual.pilot import Pilot

from tidegate.errors import StoreLocked
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.base import complain
from tidegate.tui.screens.log import LogScreen
from tui.stage import FakeGate, play, screen_text


def test_errors_are_found_again_after_their_toast_is_gone_the_newest_first() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("L")
        await pilot.pause()
        assert "nothing was said yet" in screen_text(app)
        await pilot.press("escape")
        app.notify("it went well")
        complain(app, StoreLocked("somebody holds the lock", "try again"))
        app.said.extend([app.said[0]] * 600)
        complain(app, StoreLocked("once more\x1b[2J", "try again"))
        await pilot.press("L")
        await pilot.pause()
        assert isinstance(app.screen, LogScreen)
        lines = screen_text(app).splitlines()
        assert "12:00:00 ✗ once more␛[2J (try again)" in lines[2]
        assert len(app.said) == app.said.maxlen == 500

    play(FakeGate(), scene)
