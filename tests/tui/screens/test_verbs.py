from __future__ import annotations

from textual.pilot import Pilot

from tidegate.errors import StoreLocked
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import FakeGate, make_row, play, screen_text, toasts

ROWS = [make_row(number) for number in range(8)]


def test_one_row_is_removed_at_once_and_undo_says_what_it_took_back() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("j", "d")
        await pilot.pause()
        assert ROWS[1].id not in gate.held
        assert toasts(app)[-1] == "1 removed · u undo"
        await pilot.press("u")
        await pilot.pause()
        assert toasts(app)[-1] == "undo of change 1: remove by hand: 1 added"
        await pilot.press("u")
        await pilot.pause()
        assert toasts(app)[-1].startswith("nothing to undo")

    play(gate, scene)
    assert gate.held == {row.id: row for row in ROWS}


def test_marked_rows_are_removed_after_a_question_with_the_focus_on_no() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("asterisk")
        app.screen.query_one("#filter", SafeInput).value = "type:ip"
        await pilot.pause()
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        assert "Remove 2 marked rows?" in screen_text(app)
        assert "6 hidden marks excluded" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert len(gate.held) == 8
        await pilot.press("d")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert len(gate.held) == 6

    play(gate, scene)


def test_a_lock_is_one_line_and_nothing_changes() -> None:
    gate = FakeGate(ROWS)
    gate.broken = StoreLocked("another process holds the lock", "try again in a moment")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("d")
        await pilot.pause()
        assert toasts(app) == ["another process holds the lock (try again in a moment)"]
        assert len(gate.held) == 8

    play(gate, scene)
