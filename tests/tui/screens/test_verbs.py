from __future__ import annotations

from textual.pilot import Pilot

from tidegate.errors import StoreLocked
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.widgets.editors import SafeInput, SafeTextArea
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
        assert toasts(app)[-1] == "took back change 1 (remove by hand): 1 row is back"
        await pilot.press("U")
        await pilot.pause()
        assert ROWS[1].id not in gate.held
        assert toasts(app)[-1] == "redid change 1 (remove by hand): 1 row is gone"
        await pilot.press("U")
        await pilot.pause()
        assert toasts(app)[-1].startswith("nothing to redo")
        await pilot.press("u", "u")
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


def test_undo_asks_before_it_takes_back_a_feed_s_change_of_somebody_else() -> None:
    gate = FakeGate(ROWS)
    gate.author = "cron"
    changes = tuple(Change(None, row, "sync") for row in ROWS[:3])
    gate.journal.append(SyncPlan("fake", 0, "sync", "sync of acme-c2", changes))

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("u")
        await pilot.pause()
        text = screen_text(app)
        assert isinstance(app.screen, ConfirmScreen)
        assert "Take back change 1?" in text
        assert "sync of acme-c2 (sync), by cron, 2026-06-01 12:00 UTC" in text
        assert "It was: 3 added" in text
        assert "Now: 3 rows are gone" in text
        await pilot.press("enter")
        await pilot.pause()
        assert len(gate.held) == 8
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert len(gate.held) == 5
        assert toasts(app)[-1] == "took back change 1 (sync of acme-c2): 3 rows are gone"
        await pilot.press("U")
        await pilot.pause()
        assert "Redo change 1?" in screen_text(app)
        assert "undo of change 1: sync of acme-c2 (undo), by cron" in screen_text(app)
        await pilot.press("y")
        await pilot.pause()
        assert len(gate.held) == 8
        assert toasts(app)[-1] == "redid change 1 (sync of acme-c2): 3 rows are back"

    play(gate, scene)


def test_the_cursor_goes_to_the_first_new_row_that_the_filter_shows() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        listing = screen.listing
        await pilot.press("p")
        await pilot.pause()
        app.screen.query_one(SafeTextArea).load_text("one.example.com two.example.com")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert listing.current is not None
        assert listing.current.value == "one.example.com"
        screen.query_one("#filter", SafeInput).value = "type:ip"
        await pilot.pause()
        await pilot.press("a")
        await pilot.pause()
        app.screen.query_one("#value", SafeInput).value = "three.example.com"
        await pilot.press("enter")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert listing.current is not None
        assert listing.current.type is IndicatorType.IP_ADDRESS

    play(gate, scene)
