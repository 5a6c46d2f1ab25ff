from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.entry import EntryScreen
from tidegate.tui.screens.history import HistoryScreen
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import FakeGate, gate_of, play, reading_done, screen_text, toasts


def history(app: TidegateApp) -> HistoryScreen:
    assert isinstance(app.screen, HistoryScreen)
    return app.screen


def test_it_lists_who_did_what_when_and_what_of_it_stands(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("7")
        await reading_done(app, pilot)
        text = screen_text(app)
        assert ">7 Hist" in text.splitlines()[0]
        assert "5 changes" in text
        assert "26-06-01 12:00 ana" in text
        assert "undone 5" in text
        await pilot.press("j", "enter")
        await reading_done(app, pilot)
        assert isinstance(app.screen, EntryScreen)
        assert "+ ip" in screen_text(app)
        assert "192.0.2.77" in screen_text(app)

    play(gate_of(worked), scene)


def test_its_filter_knows_who_when_and_how_and_keeps_what_cannot_be_read(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("f8")
        await reading_done(app, pilot)
        bar = history(app).query_one("#filter", SafeInput)
        for text, shown in (
            ("door:edit", "2 of 5"),
            ("by:bob", "No change matches by:bob"),
            ("change:2..4 h1", "1 of 5"),
        ):
            bar.value = text
            await pilot.pause(0.3)
            await reading_done(app, pilot)
            assert shown in screen_text(app)
        bar.value = "(h1 OR h2) by:an"
        bar.cursor_position = len(bar.value)
        bar.focus()
        await pilot.press("tab")
        assert bar.value == "(h1 OR h2) by:ana"
        bar.value = "by:ana OR h1"
        await pilot.pause(0.3)
        assert "counts for the whole filter" in screen_text(app)
        bar.value = "change:2..4 h1"
        await pilot.pause(0.3)
        await reading_done(app, pilot)
        app.screen.query_one("#table").focus()
        bar.value = "since:soon"
        await pilot.pause(0.3)
        assert "'soon' is no time" in screen_text(app)
        assert "1 of 5" in screen_text(app)
        await pilot.press("u")
        await reading_done(app, pilot)
        assert toasts(app)[-1].startswith("the filter cannot be read")
        await pilot.press("escape")
        await pilot.pause(0.3)
        await reading_done(app, pilot)
        assert "5 changes" in screen_text(app)

    play(gate_of(worked), scene)


def test_one_change_in_the_middle_is_taken_back_and_done_again(worked: Path) -> None:
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("7")
        await reading_done(app, pilot)
        await pilot.press("j", "j", "j", "u")
        await reading_done(app, pilot)
        assert toasts(app)[-1] == "took back change 2: 1 row is as before"
        current = history(app).picking.current
        assert current is not None
        assert (current.entry.serial, current.undone_by) == (2, 6)
        await pilot.press("u")
        await reading_done(app, pilot)
        assert "taken back by change 6 already" in toasts(app)[-1]
        await pilot.press("U")
        await reading_done(app, pilot)
        assert toasts(app)[-1].startswith("redid change 2")

    play(gate, scene)
    assert gate.serial() == 7


def test_a_marked_range_is_shown_before_it_is_taken_back(worked: Path) -> None:
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("7")
        await reading_done(app, pilot)
        await pilot.press("j", "j", "space", "j", "j", "space", "u")
        await reading_done(app, pilot)
        assert toasts(app)[-1].startswith("the marks have gaps")
        await pilot.press("M", "v", "k", "k", "v", "u")
        await reading_done(app, pilot)
        assert isinstance(app.screen, PreviewScreen)
        text = screen_text(app)
        assert "Take back 3 changes, newest first?" in text
        assert "change 1  sync of acme-c2 (sync), by ana" in text
        assert "4 rows stay away from now on" in text
        await pilot.press("enter")
        await reading_done(app, pilot)
        assert gate.serial() == 5
        await pilot.press("u")
        await reading_done(app, pilot)
        await pilot.press("y")
        await reading_done(app, pilot)
        assert toasts(app)[-1] == "took back 3 changes"
        assert not history(app).picking.marks

    play(gate, scene)
    assert gate.rows() == ()


def test_read_only_shows_and_refuses(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("7")
        await reading_done(app, pilot)
        assert "undo" not in screen_text(app).splitlines()[-1]
        await pilot.press("u", "U")
        await reading_done(app, pilot)
        assert set(toasts(app)) == {"read-only session: nothing can be changed"}

    play(gate_of(worked, read_only=True), scene)


def test_a_new_home_is_told_what_will_be_here(tmp_path: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("7")
        await reading_done(app, pilot)
        assert "Nothing has been changed yet." in screen_text(app)
        await pilot.press("u", "enter", "j")
        await reading_done(app, pilot)
        assert app.is_running

    play(gate_of(tmp_path / "home"), scene)
    assert FakeGate().serial() == 0
