from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.preview import PreviewScreen
from tui.stage import FakeGate, play, screen_text

LINES = [("plain", f"row {number}") for number in range(3_000)]


@pytest.mark.parametrize(
    ("key", "later", "answer"),
    [
        *(("y", False, True), ("n", False, False), ("escape", False, False)),
        *(("enter", False, False), ("escape", True, None), ("enter", True, None)),
    ],
)
def test_only_a_clear_yes_is_one_and_later_is_no_answer(
    key: str,
    later: bool,  # noqa: FBT001 - both kinds of question
    answer: bool | None,  # noqa: FBT001 - what is answered
) -> None:
    answers: list[bool | None] = []

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.push_screen(PreviewScreen("Really?", LINES, "Do it", later=later), answers.append)
        await pilot.pause()
        if key == "y":
            await pilot.press("pagedown", "j")
            await pilot.pause()
            assert "row 21" in screen_text(app)
        await pilot.press(key)
        await pilot.pause()

    play(FakeGate(), scene)
    assert answers == [answer]
