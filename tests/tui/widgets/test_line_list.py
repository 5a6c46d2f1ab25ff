from __future__ import annotations

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.log import LogScreen, Said
from tidegate.tui.screens.paste import PasteScreen
from tidegate.tui.widgets.line_list import LineList
from tui.stage import FakeGate, play, screen_text


def test_thousands_of_lines_are_scrolled_not_rendered() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.push_screen(PasteScreen(app.gate))
        await pilot.pause(0.5)  # the sheet has judged its empty text by then
        lines = app.screen.query_one(LineList)
        lines.show([("good", f"line {number} [red]\x1b") for number in range(5_000)])
        await pilot.pause()
        assert "line 0 [red]␛" in screen_text(app)
        assert "line 4999" not in screen_text(app)
        lines.focus()
        await pilot.press("end")
        await pilot.pause(1)
        assert "line 4999 [red]␛" in screen_text(app)

    play(FakeGate(), scene)


def test_a_line_cut_at_the_width_ends_with_an_ellipsis_beside_the_scrollbar() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.push_screen(PasteScreen(app.gate))
        await pilot.pause(0.5)  # the sheet has judged its empty text by then
        lines = app.screen.query_one(LineList)
        for number in (1, 100):  # without a scrollbar, and with one
            lines.show([("bad", "x" * 200)] * number)
            await pilot.pause()
            assert "xxx…" in screen_text(app)

    play(FakeGate(), scene)


def test_lines_are_wrapped_beside_the_scrollbar_that_they_bring() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.push_screen(LogScreen([Said("12:00:00", "information", "x" * 1_500)]))
        await pilot.pause()
        lines = app.screen.query_one(LineList)
        assert lines.show_vertical_scrollbar
        assert "x…" not in screen_text(app)

    play(FakeGate(), scene, (60, 12))
