from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Button

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.paste import PasteScreen
from tidegate.tui.widgets.editors import SafeTextArea
from tui.stage import FakeGate, play, screen_text, toasts

MAIL = "one.example.com\nbad-thing\ntwo.example.com"


def test_a_mail_is_judged_by_line_and_applied_on_enter() -> None:
    gate = FakeGate()

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("p")
        await pilot.pause()
        assert app.screen.query_one("#save", Button).disabled
        app.screen.query_one(SafeTextArea).load_text(MAIL)
        await pilot.pause(0.5)
        text = screen_text(app)
        assert "2 add, 1 refused" in text
        assert "2 refused                bad-thing  no value: bad-thing" in text
        assert "documentation" in text
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert toasts(app) == ["2 added · u undo"]

    play(gate, scene)
    assert {row.value for row in gate.held.values()} == {"one.example.com", "two.example.com"}


def test_what_is_there_already_is_a_duplicate_and_changes_nothing() -> None:
    gate = FakeGate()

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for _ in range(2):
            await pilot.press("p")
            await pilot.pause()
            app.screen.query_one(SafeTextArea).load_text("one.example.com")
            await pilot.press("ctrl+s")
            await pilot.pause()
        assert isinstance(app.screen, PasteScreen)
        assert "1 duplicate" in screen_text(app)
        assert toasts(app)[-1] == "nothing to add: 1 value found"

    play(gate, scene)
    assert len(gate.journal) == 1


def test_enter_in_the_text_is_a_line_break() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("a", "enter", "b")
        assert app.screen.query_one(SafeTextArea).text == "a\nb"
        await pilot.press("escape", "y")
        await pilot.pause()
        assert len(app.screen_stack) == 1

    play(FakeGate(), scene)


def test_a_pasted_text_is_not_thrown_away_unasked() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("p")
        await pilot.pause()
        app.screen.query_one(SafeTextArea).text = "a.example\nb.example\n"
        await pilot.press("escape")
        await pilot.pause()
        assert "Discard what you typed?" in screen_text(app)
        assert "2 lines" in screen_text(app)
        await pilot.press("n")
        await pilot.pause()
        assert app.screen.query_one(SafeTextArea).text.startswith("a.example")

    play(FakeGate(), scene)
