"""A filter in error: the rows of an earlier text may be seen, never acted on."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.filtered import PAUSE
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.widgets.filter_bar import HALF_TYPED, FilterInput
from tidegate.tui.widgets.table import IndicatorTable
from tui.rest import wait_for_idle
from tui.stage import (
    FakeGate,
    gate_of,
    make_row,
    play,
    reading_done,
    screen_text,
    toasts,
    type_text,
    until,
)

ROWS = [make_row(number) for number in range(40)]


def dimmed(app: TidegateApp) -> bool:
    strip = app.screen.query_one(IndicatorTable).render_line(2)
    return all(segment.style is not None and bool(segment.style.dim) for segment in strip)


def test_enter_stays_in_the_filter_and_says_the_way_out() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await type_text(pilot, "acme:x severity:high")
        assert "✗ acme:" in screen_text(app)
        assert dimmed(app)
        for key in ("enter", "down"):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.focused, FilterInput)
            assert "mend it, or Esc clears it" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert not dimmed(app)
        assert "40 rows" in screen_text(app)
        await pilot.press("enter")
        assert isinstance(app.focused, IndicatorTable)

    play(FakeGate(ROWS), scene)


def test_the_table_refuses_marks_and_verbs_when_it_gets_the_focus_otherwise() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        listing = screen.listing
        await pilot.press("space", "slash")
        await type_text(pilot, "acme:x")
        screen.query_one(IndicatorTable).focus()
        for key in ("asterisk", "space", "i", "v", "d", "e", "b"):
            app.clear_notifications()
            await pilot.press(key)
            await pilot.pause()
            assert toasts(app) == ["the filter cannot be read: mend it, or Esc clears it"], key
        assert len(app.screen_stack) == 1
        assert listing.marks == {ROWS[0].id}
        assert listing.range_from is None
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("M", "d")
        await pilot.pause()
        assert len(gate.held) == 39

    play(gate, scene)
    assert set(gate.held) == {row.id for row in ROWS[1:]}


def test_half_a_field_keeps_the_rows_and_is_looked_for_once_it_is_meant() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await type_text(pilot, "-type:url severit")
        await wait_for_idle()
        kept = screen_text(app)
        assert "half typed: Enter looks for it" in kept
        assert "30 of 40" in kept
        assert dimmed(app)
        await type_text(pilot, "y:")
        await wait_for_idle()
        assert "✗ severity:" in screen_text(app)
        assert "30 of 40" in screen_text(app)
        await pilot.press("backspace", "enter")
        await wait_for_idle()
        assert isinstance(app.focused, IndicatorTable)
        assert "No indicator matches -type:url severity" in screen_text(app)

    play(FakeGate(ROWS), scene)


def test_rows_that_half_a_field_left_standing_are_not_acted_on() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        await pilot.press("slash")
        await type_text(pilot, "severit")
        await wait_for_idle()
        screen.action_remove()
        await wait_for_idle()
        assert toasts(app) == [HALF_TYPED]
        app.clear_notifications()
        screen.query_one(IndicatorTable).focus()  # as a click does
        await until(pilot, lambda: "No indicator matches severit" in screen_text(app))

    play(gate, scene)
    assert len(gate.held) == 40


def test_history_asks_nothing_for_half_a_word(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("7")
        await reading_done(app, pilot)
        await pilot.press("slash")
        await type_text(pilot, "doo")
        await pilot.pause(PAUSE)
        await reading_done(app, pilot)
        assert "half typed" in screen_text(app)
        assert "5 changes" in screen_text(app)
        await type_text(pilot, "r:undo")
        await pilot.press("enter")
        await reading_done(app, pilot)
        assert "1 of 5" in screen_text(app)

    play(gate_of(worked), scene)
