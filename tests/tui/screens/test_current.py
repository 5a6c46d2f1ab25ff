from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.reading import ReadingScreen
from tidegate.tui.widgets.pane import Lines, Pane
from tui.stage import gate_of, play, reading_done, screen_text


@pytest.mark.parametrize("mode", ["3", "4"])
@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_current_row_has_a_line_or_three_or_a_pane_and_opens(
    made_home: Path, mode: str, width: int
) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press(mode)
        await reading_done(app, pilot)
        await pilot.press("j")
        await pilot.pause()
        lines, pane = app.screen.query_one(Lines), app.screen.query_one(Pane)
        assert (lines.size.height, pane.size.height > 9) == (
            {80: 1, 120: 3, 160: 0}[width],
            width == 160,
        )
        assert ("acme-c2" if mode == "3" else "h2.example.com") in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ReadingScreen)

    play(gate_of(made_home, read_only=True), scene, (width, 30))
