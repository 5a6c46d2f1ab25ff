"""Values to the clipboard and to the Bench."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.modes import Mode
from tidegate.tui.screens.bench import BenchScreen
from tidegate.tui.screens.taking import MOST_ASKED, MOST_BYTES, NO_VALUE
from tui.rest import wait_for_idle
from tui.stage import (
    FakeGate,
    gate_of,
    heard,
    make_row,
    play,
    reading_done,
    screen_text,
    toasts,
    type_text,
    until,
)


def listen(app: TidegateApp, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the terminal is told to copy."""
    told: list[str] = []
    write = app._driver.write  # type: ignore[union-attr]

    def heard_of(text: str) -> None:
        if text.startswith("\x1b]52;c;"):
            told.append(base64.b64decode(text[7:-1]).decode())
        write(text)

    monkeypatch.setattr(app._driver, "write", heard_of)
    return told


def test_a_value_is_copied_by_osc_52_and_for_our_own_fields(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        told = listen(app, monkeypatch)
        await pilot.press("j", "y")
        await wait_for_idle()
        assert told == ["h2.example.com"]
        assert toasts(app)[-1].startswith("copied h2.example.com · ^V in here")
        await pilot.press("slash", "ctrl+v")
        await wait_for_idle()
        assert "1 of 4" in screen_text(app)
        await pilot.press("escape", "enter", "g", "space", "G", "space", "y")
        await wait_for_idle()
        assert told[1:] == ["h1.example.com\nh4.example.com"]
        assert toasts(app)[-1].startswith("copied 2 values")

    rows = [make_row(n, value=f"h{n}.example.com") for n in range(1, 5)]
    play(FakeGate(rows), scene)


def test_too_much_for_a_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        told = listen(app, monkeypatch)
        await pilot.press("asterisk", "y")
        await wait_for_idle()
        assert told == []
        assert "more than a clipboard takes" in toasts(app)[-1]
        await pilot.press("t")
        await wait_for_idle()
        assert "too many to ask at once" in toasts(app)[-1]
        assert app.current_mode == Mode.INDICATORS

    most = MOST_ASKED + 1
    rows = [make_row(n, value=f"{'x' * (MOST_BYTES // most)}{n}.example.com") for n in range(most)]
    play(FakeGate(rows), scene)


def test_no_row_has_no_value() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for key in ("y", "t"):
            app.clear_notifications()
            await pilot.press(key)
            await wait_for_idle()
            assert toasts(app) == [NO_VALUE]

    play(FakeGate([]), scene)


def test_a_row_of_the_list_is_asked_about_on_the_bench(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await type_text(pilot, "h3")
        await pilot.press("enter", "t")
        await wait_for_idle()
        assert isinstance(app.screen, BenchScreen)
        assert [row.answer.label for row in app.screen.picking.rows.values()] == ["h3.example.com"]
        assert "1 answer" in screen_text(app)
        assert app.focused is app.screen.query_one("#table")

    play(gate_of(worked), scene)


def test_the_command_takes_a_value(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("colon", *"test", "space", *"h1.example.com", "enter")
        await wait_for_idle()
        assert isinstance(app.screen, BenchScreen)
        assert app.screen.asked == "h1.example.com"

    play(gate_of(worked), scene)


def test_the_other_modes_copy_their_values(
    worked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        told = listen(app, monkeypatch)
        await pilot.press("2")
        await until(pilot, lambda: "▾" in screen_text(app))
        await pilot.press("j", "j", "y")
        await wait_for_idle()
        row = app.screen.picking.current.changes[0].row.value  # type: ignore[attr-defined]
        assert told == [row]
        await pilot.press("4", "y")
        await wait_for_idle()
        assert told[1:] == ["h2.example.com"]
        await pilot.press("5", *"h4.example.com", "enter", "y")
        await wait_for_idle()
        assert told[2:] == ["h4.example.com"]
        await pilot.press("c", "y")
        await wait_for_idle()
        assert toasts(app)[-1] == NO_VALUE
        await pilot.press("7")
        await reading_done(app, pilot)
        await pilot.press("y")
        await wait_for_idle()
        assert told[3:] == ["192.0.2.77"]
        await pilot.press("enter")
        await reading_done(app, pilot)
        await pilot.press("y", "escape")
        await wait_for_idle()
        assert told[4:] == ["192.0.2.77"]
        await pilot.press("2", "t")
        await wait_for_idle()
        assert isinstance(app.screen, BenchScreen)
        assert app.screen.asked == row

    play(gate_of(heard(worked, tmp_path)), scene)
