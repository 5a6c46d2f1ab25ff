from __future__ import annotations

from textual import events
from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.paste import PasteScreen
from tidegate.tui.widgets.editors import SafeInput, SafeTextArea
from tui.stage import FakeGate, play, screen_text, toasts


def test_the_original_is_kept_and_the_mask_is_shown() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        field = app.screen.query_one("#filter", SafeInput)
        field.value = "a\x1b[2Jb"
        await pilot.pause()
        assert field.value == "a\x1b[2Jb"
        assert "a␛[2Jb" in screen_text(app)
        app.push_screen(PasteScreen(app.gate))
        await pilot.pause()
        area = app.screen.query_one(SafeTextArea)
        area.load_text("x\x1b]52;c;eA==\x07\ty")
        await pilot.pause()
        assert "x␛]52;c;eA==␇" in screen_text(app)
        assert area.text == "x\x1b]52;c;eA==\x07\ty"

    play(FakeGate(), scene)


def test_a_line_says_what_of_a_paste_it_cannot_hold() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await pilot.pause()
        app.post_message(events.Paste("h1\n\n"))
        await pilot.pause()
        assert not toasts(app)
        app.post_message(events.Paste("\n".join(f"h{n}" for n in range(1_000))))
        await pilot.pause()
        assert toasts(app) == ["one line fits here: the first of 1,000 was kept"]

    play(FakeGate(), scene)
