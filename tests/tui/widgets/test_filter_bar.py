from __future__ import annotations

from textual.pilot import Pilot

from tidegate.indicators.filter import FilterError
from tidegate.tui.app import TidegateApp
from tidegate.tui.widgets.filter_bar import FilterBar
from tui.stage import FakeGate, make_row, play, screen_text


def test_it_is_always_there_with_its_count() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        bar.show_count(3, 15_000)
        await pilot.pause()
        assert "3 of 15,000" in screen_text(app)
        bar.show_count(1, 1)
        await pilot.pause()
        assert "1 row " in screen_text(app)

    play(FakeGate([make_row(1)]), scene)


def test_an_error_shows_its_token_and_hint_and_goes_away() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        bar.input.value = "a [b]x:1 c"
        await pilot.pause()
        bar.show_error(FilterError("no field", 2, 6, "try type"))
        await pilot.pause()
        assert "✗ [b]x:1  no field · try type" in screen_text(app)
        bar.show_error(None)
        await pilot.pause()
        assert "no field" not in screen_text(app)

    play(FakeGate([make_row(1)]), scene)


def test_typing_after_reopening_goes_on_where_it_ended() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        await pilot.press("slash", "a", "enter", "slash", "b")
        assert bar.input.value == "ab"

    play(FakeGate([make_row(1)]), scene)
