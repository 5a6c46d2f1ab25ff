"""A key that does nothing says so, quietly, in every mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tui.rest import wait_for_idle
from tui.stage import gate_of, play, screen_text, toasts


@pytest.mark.parametrize("mode", "1234567")
def test_a_key_that_does_nothing_says_so_until_the_next(worked: Path, mode: str) -> None:
    said = "no such key here; ? shows the keys"

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press(mode, "escape", "J")
        await wait_for_idle()
        assert said in screen_text(app)
        assert toasts(app) == []
        await pilot.press("k")
        await wait_for_idle()
        assert said not in screen_text(app)

    play(gate_of(worked), scene)
