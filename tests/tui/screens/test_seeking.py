"""The filter off and on, from hit to hit; columns that find no room."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tidegate.indicators.kinds import Severity
from tidegate.tui.app import TidegateApp
from tidegate.tui.columns import COLUMNS
from tidegate.tui.screens.bulk import BulkScreen
from tidegate.tui.screens.indicators import IndicatorsScreen
from tui.rest import wait_for_idle
from tui.stage import FakeGate, make_row, play, screen_text, toasts

ROWS = [make_row(number) for number in range(12)]


def indicators(app: TidegateApp) -> IndicatorsScreen:
    assert isinstance(app.screen, IndicatorsScreen)
    return app.screen


def test_the_filter_is_turned_off_and_on_and_its_hits_are_found_meanwhile() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("n", "backslash")
        await wait_for_idle()
        assert toasts(app)[-2:] == ["there is no filter: / types one"] * 2
        await pilot.press("slash", *"type:url", "enter", "backslash")
        await wait_for_idle()
        assert "filter off" in screen_text(app)
        assert "12 rows" in screen_text(app)
        listing = indicators(app).listing
        await pilot.press("g", "n", "n")
        await wait_for_idle()
        assert listing.index == 6
        await pilot.press("N", "N")
        await wait_for_idle()
        assert (listing.index, toasts(app)[-1]) == (2, "no row above matches the filter")
        await pilot.press("backslash", "n")
        await wait_for_idle()
        assert "3 of 12" in screen_text(app)
        assert (listing.index, "filter off" in screen_text(app)) == (1, False)
        # Whoever types goes on with a filter that is on; the next session gets it either way.
        await pilot.press("backslash", "slash", "end", *" rank>3", "enter")
        await wait_for_idle()
        assert "2 of 12" in screen_text(app)
        await pilot.press("backslash")

    gate = FakeGate(ROWS)
    play(gate, scene)
    assert gate.looks.layout.filter == "type:url rank>3"


def test_columns_that_find_no_room_are_reached() -> None:
    def heads(app: TidegateApp) -> list[str]:
        line = next(line for line in screen_text(app).splitlines() if "VALUE" in line)
        return [word.rstrip("↑") for word in line.split()]

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        first, seen = heads(app), set[str]()
        assert "SCOPE" not in first
        for _ in range(len(COLUMNS)):
            seen |= set(heads(app))
            if toasts(app):
                break
            await pilot.press("l")
            await wait_for_idle()
        assert {"TITLE", "SCOPE", "CONF"} <= seen
        assert "VALUE" in heads(app)
        assert toasts(app)[-1] == "no further columns: C chooses them"
        await pilot.press(*"h" * len(COLUMNS))
        await wait_for_idle()
        assert toasts(app)[-1] == "these are the first columns"
        app.clear_notifications()
        await wait_for_idle()
        assert heads(app) == first

    play(FakeGate(ROWS), scene)


@pytest.mark.parametrize(
    ("key", "field"), [("A", "action"), ("s", "severity"), ("x", "expires"), ("c", "groups")]
)
def test_a_quick_edit_begins_at_its_field(key: str, field: str) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press(key)
        await wait_for_idle()
        assert isinstance(app.screen, BulkScreen)
        assert app.focused is app.screen.query_one(f"#field-{field}")
        assert "Change 1 row" in screen_text(app)
        await pilot.press("escape", "space", "j", "space", key)
        await wait_for_idle()
        assert "Change 2 marked rows" in screen_text(app)

    play(FakeGate(ROWS), scene)


def test_a_quick_edit_is_refused_in_a_read_only_session() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await wait_for_idle()
        assert toasts(app)[-1] == "read-only session: nothing can be changed"

    gate = FakeGate(ROWS, read_only=True)
    play(gate, scene)
    assert {row.severity for row in gate.rows()} == set(Severity)
