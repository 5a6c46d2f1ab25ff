from __future__ import annotations

import time

from textual.geometry import Region
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.screens.why import WhyScreen
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.table import IndicatorTable
from tui.stage import NOW, FakeGate, make_row, play, screen_text

ROWS = [make_row(number) for number in range(100)]


def table_of(app: TidegateApp) -> IndicatorTable:
    return app.screen.query_one(IndicatorTable)


def test_every_moving_key_moves_and_stays_in_view() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        table = table_of(app)
        page = table._page
        for key, index in (
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("up", 0),
            ("up", 0),
            ("pagedown", page),
            ("pageup", 0),
            ("ctrl+d", page // 2),
            ("ctrl+u", 0),
            ("G", 99),
            ("down", 99),
            ("home", 0),
            ("end", 99),
            ("g", 0),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert table.listing.index == index, key
            value = ROWS[index].value[:20]
            assert any(
                line.startswith("> ") and value in line for line in screen_text(app).splitlines()
            )

    play(FakeGate(ROWS), scene)


def test_a_cursor_move_repaints_two_lines() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        table = table_of(app)
        asked: list[Region] = []
        original = table.refresh

        def spy(*regions: Region, **options: bool) -> object:
            asked.extend(regions or [Region(0, 0, 999, 999)])
            return original(*regions, **options)

        await pilot.press("j", "k")  # whatever the start still had to paint is painted
        table.refresh = spy  # type: ignore[method-assign,assignment]
        await pilot.press("j")
        assert [region.height for region in asked] == [1, 1]

    play(FakeGate(ROWS), scene)


def test_a_click_moves_and_a_second_click_opens() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        table = table_of(app)
        await pilot.click(table, offset=(10, 4))
        assert table.listing.index == 3
        await pilot.click(table, offset=(10, 0))
        assert table.listing.index == 3
        await pilot.click(table, offset=(10, 4))
        await pilot.pause()
        assert isinstance(app.screen, WhyScreen)

    play(FakeGate(ROWS), scene)


def test_marks_are_a_sign_and_not_only_a_colour() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("space", "j")
        await pilot.pause()
        lines = screen_text(app).splitlines()
        assert lines[3].startswith(" *ip")
        assert lines[4].startswith("> domain")

    play(FakeGate(ROWS), scene)


def test_narrow_terminals_degrade_and_never_refuse() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for width, height in ((79, 24), (60, 12), (30, 6), (12, 4), (160, 45)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert app.is_running
            assert ("RANK" in screen_text(app)) is (width == 160)

    play(FakeGate(ROWS), scene)


def test_fifteen_thousand_rows_open_and_filter_without_a_stall() -> None:
    rows = [make_row(number, value=f"host{number}.example.com") for number in range(15_000)]
    rows = [make_row(n, id=f"{n:012x}", value=row.value) for n, row in enumerate(rows)]

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        bar = screen.query_one("#filter", SafeInput)
        slowest = 0.0
        for text in ("h", "ho", "host14", "type:ip", "type:ip sev:high", ""):
            start = time.perf_counter()
            bar.value = text
            screen.listing.set_filter(text, app.gate.now())
            screen.show_list()
            slowest = max(slowest, time.perf_counter() - start)
            await pilot.pause()
        # The budget is 50 ms on an idle machine; five times that still is no stall.
        assert slowest < 0.25
        assert len(table_of(app)._strips) < 600

    play(FakeGate(rows), scene, (160, 45))


def test_the_arrow_of_the_order_outlives_a_cut_head() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        table = table_of(app)
        for key, head in (("action", " AC↑ "), ("expires", " EXPIRE↑ "), ("severity", " SEV↑ ")):
            table.listing.sort(key, NOW)
            table.reshape()
            await pilot.pause()
            assert head in screen_text(app)
            assert "sorted by" not in screen_text(app)

    play(FakeGate(ROWS), scene)


def test_an_order_without_its_column_is_named_in_the_status_line() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        for arrow in ("↑", "↓"):
            screen._sorted("title")
            await pilot.pause()
            assert f"sorted by title {arrow}" in screen_text(app)
        await pilot.press("space")
        assert "1 marked" in screen_text(app)
        await pilot.resize_terminal(120, 30)
        await pilot.pause(0.2)
        assert "TITLE↓" in screen_text(app)
        assert "sorted by" not in screen_text(app)

    play(FakeGate(ROWS), scene)
