from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.modes import Mode
from tidegate.tui.widgets.footer import Footer
from tui.stage import FakeGate, make_row, play, screen_text


@pytest.mark.parametrize("width", [20, 40, 80, 160])
def test_it_fits_any_width_and_always_ends_with_help(width: int) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        last = screen_text(app).splitlines()[-1]
        assert last.rstrip().endswith("? help")
        app.screen.query_one(Footer).show(
            Mode.INDICATORS, empty=False, marked=True, read_only=False
        )
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].rstrip().endswith("? help")

    play(FakeGate([make_row(1)]), scene, (width, 12))


def test_at_80_columns_undo_is_among_the_keys() -> None:
    async def scene(app: TidegateApp, _pilot: Pilot[int]) -> None:
        assert "u undo" in screen_text(app).splitlines()[-1]

    play(FakeGate([make_row(1)]), scene)


def test_while_a_filter_is_typed_letters_are_no_verbs() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await pilot.pause()
        last = screen_text(app).splitlines()[-1]
        assert "Esc clears, then leaves" in last
        assert "mark" not in last
        await pilot.press("escape")
        await pilot.pause()
        assert "? help" in screen_text(app).splitlines()[-1]

    play(FakeGate([make_row(1)]), scene)
