"""Order, columns and views, and what of them the next session finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from tidegate.indicators.sorting import Order
from tidegate.service.layouts import Layout
from tidegate.service.views import View
from tidegate.tui.app import TidegateApp
from tidegate.tui.gate import WorkspaceGate
from tidegate.tui.screens.columns import ColumnsScreen
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.screens.views import ViewsScreen
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.table import IndicatorTable
from tui.rest import wait_for_idle
from tui.stage import FakeGate, gate_of, make_row, play, screen_text, toasts, type_text

ROWS = [make_row(number) for number in range(40)]


@pytest.fixture(name="worked_gate")
def _worked_gate(worked: Path) -> WorkspaceGate:
    return gate_of(worked, remembering=True)


def head(app: TidegateApp) -> list[str]:
    """The titles of the columns."""
    return next(line for line in screen_text(app).splitlines() if "VALUE" in line).split()


def test_columns_are_chosen_moved_and_sized_and_the_next_session_has_them() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("C")
        await pilot.pause()
        assert isinstance(app.screen, ColumnsScreen)
        assert "[x] value" in screen_text(app)
        await pilot.press("space", "j", "K", "j", "j", "plus", "plus")
        assert "[ ] type" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert head(app)[:2] == ["VALUE", "ACT"]
        assert "action" not in gate.looks.layout.columns

    play(gate, scene)
    kept = gate.looks.layout.columns
    assert kept[0] == "value"
    assert any(":" in text for text in kept)

    async def later(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert head(app)[0] == "VALUE"
        await pilot.press("C", "r", "enter")
        await pilot.pause()
        assert head(app)[:2] == ["TYPE", "VALUE"]

    play(gate, later)
    assert gate.looks.layout.columns == ()


def test_escape_leaves_the_columns_as_they_were() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        before = head(app)
        await pilot.press("C", "space", "J", "minus", "0", "escape")
        await pilot.pause()
        assert head(app) == before
        assert app.gate.looks.layout == Layout()

    play(FakeGate(ROWS), scene)


def test_order_and_mode_are_those_of_the_last_session() -> None:
    gate = FakeGate(ROWS)

    async def scene(_app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("o", "v", "o", "v")
        await pilot.pause()

    play(gate, scene)
    assert gate.looks.layout == Layout("indicators", Order("value", down=True))

    async def later(app: TidegateApp, _pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        values = [screen.listing.rows[item].value for item in screen.listing.ids]
        assert values == sorted(values, reverse=True)
        assert "VALUE↓" in screen_text(app)

    play(gate, later)


def test_the_last_mode_opens_first_and_one_that_is_gone_does_not(
    worked_gate: WorkspaceGate,
) -> None:
    async def leave_in_quota(_app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("3")
        await pilot.pause()

    play(worked_gate, leave_in_quota)
    worked_gate.looks.layout = Layout(mode="quota")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert app.current_mode == "quota"
        await pilot.press("1")
        await pilot.pause()
        assert app.current_mode == "indicators"

    play(worked_gate, scene)
    worked_gate.looks.layout = Layout(mode="no-such-mode")

    async def usual(app: TidegateApp, _pilot: Pilot[int]) -> None:
        assert app.current_mode == "indicators"

    play(worked_gate, usual)


def test_a_view_is_saved_applied_listed_and_deleted() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("S")
        await pilot.pause()
        assert "none yet" in screen_text(app)
        await pilot.press("escape", "slash")
        await type_text(pilot, "type:ip")
        await pilot.press("enter", "o", "v", "S", "s")
        await pilot.pause()
        await type_text(pilot, "addresses")
        await pilot.press("enter")
        await pilot.pause()
        assert toasts(app)[-1] == "view addresses saved · S lists them"
        assert gate.looks.view("addresses") == View("addresses", "type:ip", Order("value"))
        await pilot.press("escape", "o", "r")
        await pilot.pause()
        assert "40 rows" in screen_text(app)
        await pilot.press("S")
        await pilot.pause()
        assert "  addresses" in screen_text(app).replace("│", " ")
        await pilot.press("enter")
        await pilot.pause()
        assert "10 of 40" in screen_text(app)
        assert "VALUE↑" in screen_text(app)
        assert app.screen.query_one("#filter", SafeInput).value == "type:ip"
        await pilot.press("S")
        await pilot.pause()
        assert ">addresses" in screen_text(app)
        await pilot.press("d")
        await pilot.pause()
        assert "Delete view addresses?" in screen_text(app)
        await pilot.press("y")
        await pilot.pause()
        assert gate.looks.views() == []

    play(gate, scene)


def test_views_are_reached_by_command_with_a_name() -> None:
    gate = FakeGate(ROWS)
    gate.looks.save(View("soon", "expires<7d", Order("expires"), ("value", "expires")))

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for text in ("views soon", "save-view again", "delete-view soon", "views soon"):
            await pilot.press("colon")
            await pilot.pause()
            app.screen.query_one("#command", SafeInput).value = text
            await pilot.press("enter")
            await pilot.pause()
        assert head(app) == ["VALUE", "EXPIRE↑"]
        assert [entry.name for entry in gate.looks.views()] == ["again"]
        assert gate.looks.view("again").filter == "expires<7d"
        assert "no view is called soon" in toasts(app)[-1]

    play(gate, scene)


def test_a_broken_view_is_shown_with_its_error_and_read_only_saves_none(
    worked_gate: WorkspaceGate,
) -> None:
    home = worked_gate._ws.home
    home.views_dir.mkdir()
    (home.views_dir / "evil.json").write_text("{[/red]\x1b[2J", "utf-8")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("S")
        await pilot.pause()
        assert isinstance(app.screen, ViewsScreen)
        assert app.screen.query_one(OptionList).option_count == 1
        assert "✗" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "is not JSON" in toasts(app)[-1]
        await pilot.press("S", "s")
        await pilot.pause()
        assert "read-only" in toasts(app)[-1]

    play(gate_of(home.root, read_only=True, remembering=True), scene)


def test_a_broken_layout_is_said_in_one_line_and_opens_as_usual(worked_gate: WorkspaceGate) -> None:
    home = worked_gate._ws.home
    home.layout_file.write_text("[/red]", "utf-8")

    async def scene(app: TidegateApp, _pilot: Pilot[int]) -> None:
        assert "put aside as layout.json.broken" in toasts(app)[-1]
        assert isinstance(app.focused, IndicatorTable)

    play(gate_of(home.root, remembering=True), scene)
    assert '"indicators"' in home.layout_file.read_text("utf-8")


def test_the_filter_comes_back_plainly_shown_and_esc_clears_it() -> None:
    gate = FakeGate([make_row(number) for number in range(8)])

    async def first(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("space", "slash", *"type:ip", "enter")
        await wait_for_idle()

    async def second(app: TidegateApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        assert screen.query_one("#filter", SafeInput).value == "type:ip"
        assert "2 of 8" in screen_text(app)
        assert screen.listing.marks == set()
        await pilot.press("escape")
        await wait_for_idle()
        assert "8 rows" in screen_text(app)

    async def marked(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("space", "slash", *"is:marked", "enter")
        await wait_for_idle()
        assert "1 of 8" in screen_text(app)

    play(gate, first)
    assert gate.looks.layout.filter == "type:ip"
    play(gate, second)
    assert gate.looks.layout.filter == ""
    play(gate, marked)
    assert gate.looks.layout.filter == ""
    gate.looks.layout = Layout(filter="tpye:ip")

    async def unreadable(app: TidegateApp, _pilot: Pilot[int]) -> None:
        text = screen_text(app)
        assert "did you mean type" in text
        assert "8 rows" in text

    play(gate, unreadable)
