from __future__ import annotations

from textual.events import Paste
from textual.pilot import Pilot

from tidegate.indicators.filter import FilterError
from tidegate.tui.app import TidegateApp
from tidegate.tui.widgets.filter_bar import FilterBar
from tui.stage import FakeGate, make_row, play, screen_text, type_text


def test_it_is_always_there_with_its_count() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        bar.show_count(3, 15_000)
        await pilot.pause()
        assert "3 of 15,000" in screen_text(app)
        bar.show_count(1, 1)
        await pilot.pause()
        assert "1 row " in screen_text(app)

    play(FakeGate([make_row(1)]), scene)


def test_an_error_shows_its_token_and_hint_and_goes_away() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        bar.input.value = "a [b]x:1 c"
        await pilot.pause()
        bar.show_error(FilterError("no field", 2, 6, "try type"))
        await pilot.pause()
        assert "✗ [b]x:1  no field · try type" in screen_text(app)
        bar.show_error(None)
        await pilot.pause()
        assert "no field" not in screen_text(app)

    play(FakeGate([make_row(1)]), scene)


def test_typing_after_reopening_goes_on_where_it_ended() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        await pilot.press("slash", "a", "enter", "slash", "b")
        assert bar.input.value == "ab"

    play(FakeGate([make_row(1)]), scene)


def underlined(bar: FilterBar) -> str:
    return "".join(
        segment.text
        for segment in bar.input.render_line(0)
        if segment.style is not None and segment.style.underline
    )


def test_what_cannot_be_read_is_underlined_where_it_stands() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        await pilot.press("slash")
        await type_text(pilot, "type:ip severty:1 x")
        assert underlined(bar) == "severty:1"
        assert "did you mean severity?" in screen_text(app)
        bar.input.value = "type:ip"
        await pilot.pause()
        assert underlined(bar) == ""

    play(FakeGate([make_row(1)]), scene)


def test_candidates_are_offered_and_tab_walks_through_them() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        await pilot.press("slash")
        await pilot.pause()
        assert " Tab type:  action:  sev:" in screen_text(app)
        await type_text(pilot, "ty")
        await pilot.press("tab")
        assert bar.input.value == "type:"
        await pilot.press("d")
        await pilot.pause()
        assert " Tab domain" in screen_text(app)
        await pilot.press("tab")
        await pilot.pause()
        assert bar.input.value == "type:domain"
        await pilot.press("space")
        await type_text(pilot, "feed:")
        assert "acme-c2" in screen_text(app)
        await pilot.press("tab")
        await pilot.pause()
        assert bar.input.value == "type:domain feed:acme-c2"
        await pilot.press("tab")
        await pilot.pause()
        assert bar.input.value == "type:domain feed:none"
        await pilot.press("shift+tab")
        await pilot.pause()
        assert bar.input.value == "type:domain feed:acme-c2"
        assert "1 row" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert " Tab " not in screen_text(app)

    play(FakeGate([make_row(1)]), scene)


def test_a_misspelt_field_is_mended_by_tab() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        await pilot.press("slash")
        await type_text(pilot, "severty:high")
        await pilot.press("tab")
        await pilot.pause()
        assert bar.input.value == "severity:high"
        assert "✗" not in screen_text(app)

    play(FakeGate([make_row(1)]), scene)


def test_hostile_names_are_offered_harmlessly() -> None:
    row = make_row(1, groups=("a[/red]\x1b[2J", "b\u202ec"))

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await type_text(pilot, "scope:")
        text = screen_text(app)
        assert "a[/red]␛[2J" in text
        assert "\x1b" not in text
        assert "\u202e" not in text

    play(FakeGate([row]), scene)


def test_defanged_text_is_pasted_and_found() -> None:
    row = make_row(1, value="https://evil.example.com/x")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        app.screen.query_one(FilterBar).input.post_message(Paste("hxxps[:]//evil[.]example[.]com"))
        await pilot.pause()
        await pilot.pause()
        assert "1 row " in screen_text(app)
        assert "✗" not in screen_text(app)

    play(FakeGate([row]), scene)


def test_an_open_group_is_an_error_in_place_and_keeps_the_rows_until_it_is_closed() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        bar = app.screen.query_one(FilterBar)
        bar.input.value = "/h0?1[.]/ OR h2."
        await pilot.pause()
        assert "2 of 4" in screen_text(app)
        bar.input.value = "type:ip (h1 OR"
        await pilot.pause()
        assert "the parenthesis is never closed" in screen_text(app)
        assert "2 of 4" in screen_text(app)
        assert bar.input.wrong == (8, 9)
        bar.input.value = "value:/h(1/"
        await pilot.pause()
        assert "missing )" in screen_text(app)
        assert bar.input.wrong == (7, 10)

    rows = [make_row(n, value=f"h{n}.example.com") for n in range(1, 5)]
    play(FakeGate(rows), scene)


def test_what_comes_in_one_go_is_read_at_its_end_alone() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        line = app.screen.query_one(FilterBar).input
        line.focus()
        await pilot.pause()
        for text in ("n", "no", "nos", "nosuch", "nosuch:"):
            line.value = text
        await pilot.pause()
        assert "5 rows" in screen_text(app)
        assert "nosuch" in screen_text(app)

    play(FakeGate([make_row(n) for n in range(5)]), scene)
