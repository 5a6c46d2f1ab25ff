from __future__ import annotations

from textual.pilot import Pilot

from tidegate.indicators.sorting import SORTS
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.screens.sort import LETTERS
from tui.stage import FakeGate, make_row, play, screen_text

ROWS = [make_row(number) for number in range(8)]


def test_every_order_has_one_letter() -> None:
    assert sorted(LETTERS.values()) == sorted(SORTS)


def test_a_letter_orders_the_list_and_the_cursor_keeps_its_record() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        await pilot.press("j", "j")
        record = screen.listing.cursor
        await pilot.press("o")
        await pilot.pause()
        assert "rank  ↑ now" in screen_text(app)
        await pilot.press("v")
        await pilot.pause()
        values = [screen.listing.rows[item].value for item in screen.listing.ids]
        assert values == sorted(values)
        assert screen.listing.cursor == record
        assert "VALUE↑" in screen_text(app)
        await pilot.press("o")
        await pilot.pause()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "VALUE↓" in screen_text(app)

    play(FakeGate(ROWS), scene)
