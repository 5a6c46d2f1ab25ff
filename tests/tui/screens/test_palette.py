from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.modes import Mode
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.screens.palette import PaletteScreen
from tidegate.tui.screens.why import WhyScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import gate_of, play, screen_text


async def command(app: TidegateApp, pilot: Pilot[int], text: str) -> None:
    await pilot.press("colon")
    await pilot.pause()
    app.screen.query_one("#command", SafeInput).value = text
    await pilot.press("enter")
    await pilot.pause()


def mode_of(app: TidegateApp) -> Mode:
    assert isinstance(app.screen, ModeScreen)
    return app.screen.MODE


def test_a_command_its_beginning_or_words_run_and_what_follows_is_handed_on(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await command(app, pilot, "who changed what")
        assert mode_of(app) is Mode.HISTORY
        await command(app, pilot, ":confl")
        assert mode_of(app) is Mode.CONFLICTS
        await command(app, pilot, "why h9.example.com")
        assert isinstance(app.screen, WhyScreen)
        assert "h9.example.com" in screen_text(app)
        await pilot.press("escape")
        await command(app, pilot, "no such command")
        assert isinstance(app.screen, PaletteScreen)
        await pilot.press("escape", "ctrl+p")
        await pilot.pause()
        app.screen.query_one("#command", SafeInput).value = "sy"
        await pilot.press("tab")
        await pilot.pause()
        assert app.screen.query_one("#command", SafeInput).value == "sync "

    play(gate_of(worked), scene)


def test_what_is_no_command_is_said(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("colon", *"doctor")
        await pilot.pause()
        assert "no such command here" in screen_text(app)
        assert "tidegate --help" in screen_text(app)

    play(gate_of(worked), scene)
