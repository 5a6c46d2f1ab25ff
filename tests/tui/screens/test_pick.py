"""The menu of sides: by number, by line, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.pick import PickScreen
from tui.rest import wait_for_idle
from tui.stage import gate_of, play


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(("2",), 2), (("enter",), 1), (("down", "enter"), 2), (("9", "escape"), None)],
)
def test_a_side_is_chosen_by_number_or_line(
    worked: Path, keys: tuple[str, ...], answer: int | None
) -> None:
    gate = gate_of(worked)
    found = gate.desks.conflicts.found("", settled=False)[0]
    answers: list[int | None] = []

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.push_screen(PickScreen(found, gate.now()), answers.append)
        await wait_for_idle()
        await pilot.press(*keys)
        await wait_for_idle()

    play(gate, scene)
    assert answers == [answer]
