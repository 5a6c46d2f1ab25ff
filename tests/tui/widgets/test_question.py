"""The Bench's editor: what is typed replaces the question before, and the footer is true."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.widgets.question import Question
from tui.rest import wait_for_idle
from tui.stage import gate_of, play, screen_text


def test_a_second_question_takes_the_place_of_the_first(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("5", *"h3.example.com", "enter")
        await wait_for_idle()
        await pilot.press("slash", *"h4.example.com", "enter")
        await wait_for_idle()
        assert app.screen.query_one(Question).text == "h4.example.com"
        assert "blocked" in screen_text(app)
        await pilot.press("slash", "end", "ctrl+j", *"more", "ctrl+u", *"h2", "escape")
        await wait_for_idle()
        assert app.screen.query_one(Question).text == "h2"

    play(gate_of(worked), scene)


def test_while_a_question_is_typed_the_footer_names_the_keys_that_work(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("5", "6", "7")
        await wait_for_idle()
        last = screen_text(app).splitlines()[-1]
        assert all(key in last for key in ("Enter asks", "^U clears", "F2…F8 modes"))
        assert "quit" not in last
        await pilot.press("f7")  # the text's own key would select it
        await wait_for_idle()
        assert app.current_mode == "feeds"
        await pilot.press("5", "escape")
        await wait_for_idle()
        assert "/ ask" in screen_text(app).splitlines()[-1]

    play(gate_of(worked), scene)
