"""Rows in an editor: one step, a preview first, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens import editing
from tidegate.tui.screens.confirm import ConfirmScreen
from tui.stage import gate_of, play, screen_text, toasts

Write = Callable[[str], str]


def editor_that(monkeypatch: pytest.MonkeyPatch, *writes: Write) -> list[Path]:
    """An editor that rewrites the file, another time each time it is opened."""
    opened: list[Path] = []

    def edit(_app: App[int], path: Path) -> None:
        text = writes[len(opened)](path.read_text("utf-8"))
        path.write_text(text, "utf-8")
        opened.append(path)

    monkeypatch.setattr(editing, "edit", edit)
    return opened


def test_a_typing_error_opens_the_text_again_then_all_is_one_step(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = editor_that(
        monkeypatch,
        lambda text: text.replace('severity = "High"', 'severity = "Grave"'),
        lambda text: text.replace('severity = "Grave"', 'severity = "Medium"'),
    )
    gate = gate_of(worked)
    serial = gate.serial()

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("asterisk", "E")
        await pilot.pause()
        assert "severity: unknown severity 'Grave'" in screen_text(app)
        await pilot.press("y")
        await pilot.pause()
        text = screen_text(app)
        assert "Apply what you edited?" in text
        assert "High → Medium  3×" in text
        await pilot.press("y")
        await pilot.pause()
        assert toasts(app)[-1] == "3 changed · u undo"

    play(gate, scene)
    assert gate.serial() == serial + 1
    assert files[0] == files[1]
    assert not files[0].exists()


def test_what_is_not_wanted_after_all_stays_in_its_file(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = editor_that(monkeypatch, lambda text: text + "broken", lambda text: text)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("E")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("n")
        await pilot.pause()
        assert str(files[0]) in toasts(app)[-1]
        assert files[0].read_text("utf-8").endswith("broken")
        await pilot.press("E")
        await pilot.pause()
        assert toasts(app)[-1] == "nothing was changed"

    play(gate_of(worked), scene)
    files[0].unlink()
    assert not files[1].exists()


def test_a_terminal_that_cannot_be_handed_over_is_said(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("E")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert "edit ITEM --editor" in toasts(app)[-1]

    play(gate_of(worked), scene)
