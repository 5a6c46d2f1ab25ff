from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.prompt import PromptScreen
from tui.rest import wait_for_idle
from tui.stage import FakeGate, gate_of, make_row, play, screen_text, toasts


def asking(app: TidegateApp) -> bool:
    return isinstance(app.screen, PromptScreen)


def test_a_case_without_a_name_is_refused_in_words_and_the_prompt_stays(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("5", *"h3.example.com", "enter")
        await wait_for_idle()
        await pilot.press("s", "enter")
        await wait_for_idle()
        assert asking(app)
        assert "✗ a name is needed; Esc leaves without one" in screen_text(app)
        await pilot.press("A")
        await wait_for_idle()
        assert "needed" not in screen_text(app)
        await pilot.press("enter")
        await wait_for_idle()
        assert "'A' is no name for a case (use a-z, 0-9 and the hyphen)" in screen_text(app)
        assert app.screen.query_one("#prompt").value == "A"  # type: ignore[attr-defined]
        await pilot.press("backspace", "a", "enter")
        await wait_for_idle()
        assert not asking(app)
        assert toasts(app)[-1].startswith("case a saved")

    play(gate_of(worked), scene)


def test_a_view_without_a_name_is_refused_in_words() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.screen.action_save_view()  # type: ignore[attr-defined]
        await wait_for_idle()
        await pilot.press("enter")
        await wait_for_idle()
        assert "✗ a name is needed" in screen_text(app)
        await pilot.press("escape")
        await wait_for_idle()
        assert not asking(app)

    play(FakeGate([make_row(1)]), scene)
