from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import OptionList

from tidegate.tui.actions import acts, search
from tidegate.tui.app import TidegateApp
from tidegate.tui.modes import PLACES, Mode
from tidegate.tui.screens.form import FormScreen
from tidegate.tui.screens.help import placed
from tidegate.tui.screens.indicators import IndicatorsScreen
from tui.stage import FakeGate, make_row, play, screen_text


def test_typing_a_word_finds_an_action_and_enter_runs_it() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press(*"by hand".replace(" ", "_").split("_")[0], "space", *"hand")
        await pilot.pause()
        assert "add one indicator by hand" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, FormScreen)

    play(FakeGate([make_row(1)]), scene)


def test_table_actions_run_too_and_the_arrows_walk_the_list() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press(*"next row", "down", "up", "enter")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, IndicatorsScreen)
        assert screen.listing.index == 1

    play(FakeGate([make_row(1), make_row(2)]), scene)


def test_it_explains_flags_and_filters() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press(*"pinned")
        await pilot.pause()
        assert "every sync keeps it" in screen_text(app)
        assert "has:note is:pinned" in screen_text(app)
        await pilot.press("enter", "escape")
        assert app.is_running

    play(FakeGate(), scene)


def test_pages_scroll_to_the_filter_fields_and_back_and_enter_runs_only_what_is_seen() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        options = app.screen.query_one(OptionList)

        def chosen() -> int | None:
            return options.highlighted

        first = screen_text(app)
        keys = [line for line in first.splitlines() if line.rstrip(" │▁▂▃▄▅▆▇█").endswith(" mode")]
        assert len({line.rindex(" mode") for line in keys}) == 1
        assert len(keys) > 4, "where one can go is what a new hand asks first"
        assert "Filter fields" not in first

        async def page_to(text: str) -> None:
            for _ in range(10):
                if text in screen_text(app):
                    return
                await pilot.press("pagedown")
                await pilot.pause()
            raise AssertionError(text)

        await page_to("expires         expires<7d")
        assert chosen() is None
        await pilot.press("down")
        await page_to("what you see is not the exact text")
        await pilot.press(*["pageup"] * 10)
        await pilot.pause()
        assert chosen() == 0
        assert "the list of the tenant" in screen_text(app)
        await pilot.press(*["pagedown"] * 10, "enter")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert app.is_running

    play(FakeGate(), scene)


def test_what_a_mode_is_for_comes_right_after_the_modes_and_is_found_by_the_word_people_have() -> (
    None
):
    keys = [act.shown for act in sorted(acts(Mode.QUOTA), key=placed)][len(PLACES) :][:2]
    assert keys == ["Enter", "t"]
    assert [act.id for act in search("always", acts(Mode.REVIEW))] == ["reject"]


def test_a_word_that_nothing_goes_by_is_answered() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("question_mark", *"zzzz")
        await pilot.pause()
        assert "nothing here goes by that" in screen_text(app)
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1

    play(FakeGate(), scene)
