from __future__ import annotations

import dataclasses

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tidegate.errors import StoreDamaged
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.help import HelpScreen
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.screens.why import WhyScreen
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.table import IndicatorTable
from tui.rest import wait_for_idle
from tui.stage import FakeGate, make_row, play, screen_text, toasts, type_text

ROWS = [make_row(number) for number in range(40)]


def home(app: TidegateApp) -> IndicatorsScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, IndicatorsScreen)
    return screen


def test_it_opens_on_the_list_with_quota_keys_and_details() -> None:
    async def scene(app: TidegateApp, _pilot: Pilot[int]) -> None:
        text = screen_text(app)
        assert text.lstrip().startswith("contoso")
        assert "READ-ONLY" not in text
        assert "quota 40/15,000" in text.splitlines()[0]
        assert "40 rows" in text
        assert "host1.example.com" in text
        assert '"Wave 0"' in text
        assert "? help" in text.splitlines()[-1]
        assert isinstance(app.focused, IndicatorTable)

    play(FakeGate(ROWS), scene)


def test_typing_filters_and_escape_gives_everything_back() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("j", "j", "j")
        record = home(app).listing.cursor
        await pilot.press("slash")
        await type_text(pilot, "type:ip")
        assert "10 of 40" in screen_text(app)
        await pilot.press("enter")
        assert isinstance(app.focused, IndicatorTable)
        await pilot.press("slash")
        assert app.screen.query_one("#filter", SafeInput).value == "type:ip"
        await pilot.press("escape")
        await pilot.pause()
        assert "40 rows" in screen_text(app)
        assert home(app).listing.cursor == record
        await pilot.press("escape")
        assert isinstance(app.focused, IndicatorTable)

    play(FakeGate(ROWS), scene)


def test_a_filter_error_names_its_token_and_keeps_the_last_good_result() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await type_text(pilot, "type:ip")
        app.screen.query_one("#filter", SafeInput).value = "type:ip severty:1"
        await pilot.pause()
        text = screen_text(app)
        assert "✗ severty:1" in text
        assert "severity" in text
        assert "10 of 40" in text
        await pilot.press("escape")
        await pilot.pause()
        assert "✗" not in screen_text(app)

    play(FakeGate(ROWS), scene)


def test_an_empty_result_says_so_and_names_the_way_out() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await type_text(pilot, "zzz")
        await pilot.press("down")
        await pilot.pause()
        assert "No indicator matches zzz" in screen_text(app)
        assert "Esc clears the filter" in screen_text(app)
        await pilot.press("d")
        await pilot.pause()
        assert "no row to act on" in toasts(app)[-1]
        await pilot.press("escape")
        await pilot.pause()
        assert "40 rows" in screen_text(app)

    play(FakeGate(ROWS), scene)


def test_an_empty_list_teaches() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        text = screen_text(app)
        for lesson in ("tidegate demo", "tidegate feeds add DIR", "add one", "paste a mail"):
            assert lesson in text
        await pilot.press("w", "space", "e", "asterisk", "v")
        assert app.is_running

    play(FakeGate(), scene)


def test_marks_and_ranges_are_counted_and_escape_takes_one_layer_at_a_time() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        listing = home(app).listing
        await pilot.press("space", "j", "j", "v", "j", "j", "v")
        assert len(listing.marks) == 4
        assert "4 marked, 0 hidden" in screen_text(app)
        await pilot.press("i")
        assert len(listing.marks) == 36
        await pilot.press("M", "asterisk")
        assert len(listing.marks) == 40
        await pilot.press("slash")
        await type_text(pilot, "type:ip")
        await pilot.press("enter", "v")
        await pilot.pause()
        assert "40 marked, 30 hidden" in screen_text(app)
        await pilot.press("escape")
        assert listing.range_from is None
        await pilot.press("escape")
        await pilot.pause()
        assert not listing.filter.text
        assert len(listing.marks) == 40
        await pilot.press("escape")
        assert not listing.marks

    play(FakeGate(ROWS), scene)


def test_it_follows_other_processes_without_losing_its_place() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        listing = home(app).listing
        await pilot.press("G", "space")
        record = listing.cursor
        home(app).query_one("#filter", SafeInput).value = "type:sha256"
        await pilot.pause()
        gone = ROWS[0].id
        del gate.held[gone]
        gate.held["new"] = make_row(43, id="new")
        gate.stirred = True
        home(app).follow()
        await pilot.pause()
        assert gone not in listing.rows
        assert "new" in listing.ids
        assert listing.cursor == record
        assert listing.marks == {record}
        assert listing.filter.text == "type:sha256"

    play(gate, scene)


def test_a_damaged_list_is_a_toast_and_the_last_state_stays() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        def broken() -> bool:
            raise StoreDamaged("tenant.json is not what was written", "run tidegate doctor")

        gate.changed = broken  # type: ignore[method-assign]
        home(app).follow()
        await pilot.pause()
        assert toasts(app) == ["tenant.json is not what was written (run tidegate doctor)"]
        assert "40 rows" in screen_text(app)

    play(gate, scene)


def test_the_pane_of_a_wide_terminal_tells_why() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.pause(0.6)
        text = screen_text(app)
        assert "WHY  IN THE TENANT" in text
        assert "✓ feed" in text
        assert "✗ score" in text
        await pilot.press("j", "j", "j", "j")
        await pilot.pause(0.6)
        assert "Wave 4 says so" in screen_text(app)
        assert len(gate.asked) == 2, "held keys ask nothing"

    play(gate, scene, (160, 45))


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (40, 10)])
def test_narrower_terminals_have_no_pane_and_ask_nothing(size: tuple[int, int]) -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("j")
        await pilot.pause(0.6)
        assert not app.screen.query_one("#pane").display
        assert gate.asked == []

    play(gate, scene, size)


def test_resizing_brings_the_pane_and_takes_it_away() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.resize_terminal(160, 45)
        await pilot.pause(0.6)
        assert "WHY" in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0.2)
        assert "WHY" not in screen_text(app)

    play(FakeGate(ROWS), scene)


def test_why_and_help_open_everywhere_and_quit_ends_with_zero() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("w")
        assert isinstance(app.screen, WhyScreen)
        await pilot.press("escape")
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        await pilot.press("ctrl+r")
        assert toasts(app) == ["40 rows"]
        await pilot.press("q")

    assert play(FakeGate(ROWS), scene).return_code == 0


def test_a_read_only_session_says_so_and_changes_nothing() -> None:
    gate = FakeGate(ROWS, read_only=True)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert "READ-ONLY" in screen_text(app)
        for key in ("e", "a", "p", "d", "b", "u"):
            await pilot.press(key)
        assert len(app.screen_stack) == 1
        assert set(toasts(app)) == {"read-only session: nothing can be changed"}
        assert len(gate.held) == 40

    play(gate, scene)


def test_an_expired_row_leaves_within_the_second() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        listing = home(app).listing
        soon = min((row for row in ROWS if row.expires), key=lambda row: str(row.expires))
        assert soon.expires is not None
        later = soon.expires
        gate.now = lambda: later  # type: ignore[method-assign]
        gate.held = {i: row for i, row in gate.held.items() if row.active(later)}
        home(app).follow()
        await pilot.pause()
        assert soon.id not in listing.rows

    play(gate, scene)


def test_from_100_columns_on_details_are_three_lines() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("j")
        await pilot.pause()
        assert app.screen.query_one("#line", Static).region.height == 3
        assert "seen in a campaign" in screen_text(app)

    play(FakeGate(ROWS), scene, (120, 30))


def test_details_below_100_columns_are_one_line() -> None:
    row = dataclasses.replace(ROWS[0], tlp="amber", note="ask Ana")

    async def scene(app: TidegateApp, _pilot: Pilot[int]) -> None:
        line = app.screen.query_one("#line", Static)
        assert line.region.height == 1
        assert "TLP amber" in screen_text(app)

    play(FakeGate([row]), scene)


def test_the_filter_knows_marks_and_follows_them() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        await pilot.press("space", "j", "space", "slash", *"is:mark", "tab", "enter")
        await wait_for_idle()
        assert "is:marked" in screen_text(app)
        assert len(screen.listing.ids) == 2
        await pilot.press("M")
        await wait_for_idle()
        assert screen.listing.ids == []

    play(FakeGate([make_row(number) for number in range(5)]), scene)
