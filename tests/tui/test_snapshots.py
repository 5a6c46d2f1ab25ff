"""What the screens look like: SVG snapshots at the two sizes everything must work at.

After a change of looks that is meant: `pytest tests/tui/test_snapshots.py --snapshot-update`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.form import FormScreen
from tidegate.tui.screens.paste import PasteScreen
from tidegate.tui.widgets.editors import SafeInput, SafeTextArea
from tui.stage import FakeGate, make_row

Compare = Callable[..., bool]
SIZES = [(80, 24), (160, 45)]
ROWS = [make_row(number) for number in range(60)]


def still(*keys: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    """Press keys, stop every cursor from blinking and wait until the pane has its story."""

    async def act(pilot: Pilot[int]) -> None:
        await pilot.press(*keys)
        await pilot.pause(0.6)
        for field in pilot.app.screen.query(SafeInput):
            field.cursor_blink = False
        for area in pilot.app.screen.query(SafeTextArea):
            area.cursor_blink = False
        await pilot.pause()

    return act


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_list(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))
    assert snap_compare(app, terminal_size=size, run_before=still("j", "space", "j", "j"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_form(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))

    async def act(pilot: Pilot[int]) -> None:
        await still("j", "e")(pilot)
        assert isinstance(app.screen, FormScreen)
        app.screen.query_one("#field-expires", SafeInput).value = "30d"
        app.screen.query_one("#field-title", SafeInput).value = ""
        await pilot.pause(0.4)

    assert snap_compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_paste(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))

    async def act(pilot: Pilot[int]) -> None:
        await still("p")(pilot)
        assert isinstance(app.screen, PasteScreen)
        area = app.screen.query_one(SafeTextArea)
        area.load_text("one.example.com\nbad-thing\nhost1.example.com")
        await pilot.press("tab")
        await pilot.pause(0.6)

    assert snap_compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_empty(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(TidegateApp(FakeGate()), terminal_size=size, run_before=still())


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_bulk(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))
    assert snap_compare(app, terminal_size=size, run_before=still("asterisk", "b"))
