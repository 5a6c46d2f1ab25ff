from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.modes import BY_MODE, PLACES, Mode
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import gate_of, play, reading_done, screen_text


def test_every_mode_has_one_place_with_keys_of_its_own() -> None:
    assert set(BY_MODE) == set(Mode)
    assert len({place.key for place in PLACES}) == len(PLACES)


def test_a_mode_stays_as_it_was_while_one_is_elsewhere(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.screen.query_one("#filter", SafeInput).value = "h3"
        await pilot.pause()
        await pilot.press("7")
        await reading_done(app, pilot)
        await pilot.press("j", "space", "f2")
        await pilot.pause()
        text = screen_text(app)
        assert ">1 List" in text.splitlines()[0]
        assert "1 of 4" in text
        await pilot.press("slash", "7")
        assert app.screen.query_one("#filter", SafeInput).value == "h37"
        await pilot.press("f8")
        await pilot.pause()
        assert ">*" in screen_text(app)
        assert "1 marked, 0 hidden" in screen_text(app)
        await pilot.resize_terminal(160, 45)
        await pilot.pause()
        first = screen_text(app).splitlines()[0]
        assert "1 Indicators  2 Sync  3 Quota  4 Conflicts  5 Bench  6 Feeds  >7 History" in first

    play(gate_of(worked), scene)
