from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.confirm import ConfirmScreen
from tui.stage import FakeGate, play, screen_text


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["y"], True),
        (["n"], False),
        (["escape"], False),
        (["enter"], False),
        (["right", "enter"], True),
    ],
)
def test_only_a_clear_yes_is_yes(keys: list[str], answer: bool) -> None:  # noqa: FBT001
    answers: list[bool | None] = []

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.push_screen(ConfirmScreen("Remove 3?", ["a", "b"], "Remove 3"), answers.append)
        await pilot.pause()
        assert "[n] Keep" in screen_text(app)
        assert "[y] Remove 3" in screen_text(app)
        await pilot.press(*keys)
        await pilot.pause()

    play(FakeGate(), scene)
    assert answers == [answer]
