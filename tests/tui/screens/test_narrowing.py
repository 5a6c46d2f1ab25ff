"""Facets beside the list and over it."""

from __future__ import annotations

import dataclasses

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.facets import FacetsScreen
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.facet_grid import FacetGrid
from tidegate.tui.widgets.table import IndicatorTable
from tui.stage import FakeGate, make_row, play, screen_text

ROWS = [make_row(number) for number in range(40)]
WIDE = (160, 45)


def filter_text(app: TidegateApp) -> str:
    return app.screen_stack[0].query_one("#filter", SafeInput).value


def test_in_a_wide_terminal_they_stand_beside_the_list_and_narrow_it() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert "FACETS" not in screen_text(app)
        await pilot.press("f")
        await pilot.pause()
        assert isinstance(app.focused, FacetGrid)
        text = screen_text(app)
        assert "FACETS" in text
        assert "acme-c2" in text
        await pilot.press("enter")
        await pilot.pause()
        assert filter_text(app) == "type:sha256"
        assert "10 of 40" in screen_text(app)
        assert isinstance(app.focused, FacetGrid)
        await pilot.press("enter")
        await pilot.pause()
        assert filter_text(app) == ""
        await pilot.press("j", "minus")
        await pilot.pause()
        assert "30 of 40" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.focused, IndicatorTable)
        assert "FACETS" in screen_text(app)
        await pilot.press("f", "f")
        await pilot.pause()
        assert "FACETS" not in screen_text(app)
        assert isinstance(app.focused, IndicatorTable)
        await pilot.press("f")
        await pilot.pause()

    play(gate, scene, WIDE)
    assert gate.looks.layout.facets

    async def later(app: TidegateApp, _pilot: Pilot[int]) -> None:
        assert "FACETS" in screen_text(app)
        assert isinstance(app.focused, IndicatorTable)

    play(gate, later, WIDE)


def test_keys_that_change_rows_do_nothing_while_the_eye_is_on_the_facets() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("f")
        await pilot.pause()
        await pilot.press("d", "delete", "a", "p", "e", "u", "w", "asterisk", "i", "v", "b")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        assert not screen.listing.marks
        assert len(gate.held) == 40
        assert not gate.journal
        await pilot.press("slash")
        await pilot.pause()
        assert app.focused is screen.query_one("#filter")

    play(gate, scene, WIDE)


def test_in_a_narrow_terminal_they_open_over_the_list() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("f")
        await pilot.pause()
        assert isinstance(app.screen, FacetsScreen)
        await pilot.press("enter")
        await pilot.pause()
        assert filter_text(app) == "type:sha256"
        assert "10 of 40" in screen_text(app)
        await pilot.press("f", "minus")
        await pilot.pause()
        assert filter_text(app) == "-type:sha256"
        await pilot.press("f", "escape")
        await pilot.pause()
        assert "30 of 40" in screen_text(app)

    play(FakeGate(ROWS), scene)


def test_hostile_names_are_shown_and_chosen_like_any_other() -> None:
    evil = "a[/red]\x1b[2J\u202e"
    rows = [dataclasses.replace(make_row(n), groups=(evil,)) for n in range(3)]

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("f")
        await pilot.pause()
        grid = app.screen.query_one(FacetGrid)
        place = next(i for i, item in enumerate(grid.picking.ids) if item.startswith("scope"))
        grid.move_to(place)
        await pilot.press("enter")
        await pilot.pause()
        text = screen_text(app)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "a[/red]␛[2J" in text
        assert "3 rows" in text

    play(FakeGate(rows), scene, WIDE)
