from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from driving.homes import in_home, indicator
from tidegate.tui.app import TidegateApp
from tidegate.tui.desks.feeds import FeedDesk
from tidegate.tui.screens.check import CheckScreen
from tidegate.tui.screens.feeds import FeedsScreen
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.screens.review import ReviewScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import NOW, gate_of, play, reading_done, screen_text, toasts, until


def feeds(app: TidegateApp) -> FeedsScreen:
    assert isinstance(app.screen, FeedsScreen)
    return app.screen


def test_health_details_and_check(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        assert "acme-c2" in screen_text(app).splitlines()[2]
        assert "4 candidates  1 rejected" in screen_text(app).replace(",", " ").replace("   ", " ")
        await pilot.press("enter")
        await pilot.pause()
        text = screen_text(app)
        assert "LAST RUNS" in text
        assert "otherwise → Alert and block, High  4 in the last sync" in text
        await pilot.press("escape", "c")
        await until(pilot, lambda: "it answers: s syncs it" in screen_text(app))
        assert isinstance(app.screen, CheckScreen)
        assert "✓ policy" in screen_text(app)

    play(gate_of(worked), scene)


def test_a_sync_runs_in_the_background_and_waits_for_its_answer(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_of(worked)
    monkeypatch.setattr(FeedDesk, "mark", lambda _: ())  # the last look was in the midst of it
    in_home(worked, "acme-c2").publish([indicator(n) for n in range(1, 8)], NOW)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        await pilot.press("s")
        await until(pilot, lambda: app.job is not None and app.job.plan is not None)
        feeds(app).follow()
        await pilot.pause()
        assert "7 indicators" in screen_text(app), (
            "what was read is told before its plan is answered"
        )
        assert "sync acme-c2: plan ready, 2 shows it" in screen_text(app).splitlines()[0]
        assert "p plan…  ^X cancel" in screen_text(app).splitlines()[-1]
        await pilot.press("S")
        await pilot.pause()
        assert "waits for an answer: 2 shows its plan" in toasts(app)[-1]
        await pilot.press("1", "colon", *"plan", "enter")
        await pilot.pause()
        assert "the plan of the sync that waits: +3 ~0 -0" in screen_text(app)
        assert "A apply…  ^X cancel" in screen_text(app).splitlines()[-1]
        await pilot.press("A")
        await pilot.pause()
        assert isinstance(app.screen, PreviewScreen)
        assert "Apply this plan? +3 ~0 -0" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.job is not None
        await pilot.press("6", "p")
        await pilot.pause()
        await pilot.press("A", "y")
        await until(pilot, lambda: app.job is None)
        assert toasts(app)[-1] == "synced 1 feed: 3 added · u undo"
        assert isinstance(app.screen, ReviewScreen)
        app.screen.follow()
        await reading_done(app, pilot)
        assert "A sync would change nothing" in screen_text(app)

    play(gate, scene)
    assert len(gate.rows()) == 7


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+q"])
def test_a_sync_is_ended_and_nothing_is_applied(worked: Path, key: str) -> None:
    gate = gate_of(worked)
    in_home(worked, "acme-c2").publish([indicator(n) for n in range(1, 8)], NOW)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        await pilot.press("S")
        await until(pilot, lambda: app.job is not None and app.job.plan is not None)
        await pilot.press("q")
        await pilot.pause()
        assert "Leave without applying the plan?" in screen_text(app)
        await pilot.press("n")
        await pilot.press(key)
        if key == "ctrl+x":
            await until(pilot, lambda: app.job is None)
            assert "the plan was not applied" in toasts(app)[-1]

    play(gate, scene)
    assert gate.serial() == 5


def test_a_feed_that_fails_is_a_toast_and_stays_in_the_log(worked: Path) -> None:
    (worked / "feeds" / "acme-c2" / "feed.bundle.json").write_text("{", "utf-8")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6", "s")
        await until(pilot, lambda: app.job is None and bool(app.said))
        assert any("feed acme-c2 failed" in toast for toast in toasts(app))
        await pilot.press("L")
        await pilot.pause()
        assert "✗ feed acme-c2 failed" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "FAILED" in screen_text(app)

    play(gate_of(worked), scene)


def test_switching_rewinding_and_what_is_off(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        await pilot.press("R", *"soon", "enter")
        await pilot.pause()
        assert "soon" in toasts(app)[-1]
        await pilot.press("R", "enter")
        await pilot.pause()
        assert "Rewind acme-c2 to its beginning?" in screen_text(app)
        await pilot.press("y")
        await pilot.pause()
        assert "acme-c2" in toasts(app)[-1]
        await pilot.press("d")
        await pilot.pause()
        assert "is off; its rows stay" in toasts(app)[-1]
        assert "no feed is on: e switches one on" in screen_text(app)
        await pilot.press("s")
        await pilot.pause()
        assert toasts(app)[-1] == "acme-c2: not on, e switches on what can be"
        await pilot.press("e")
        await pilot.pause()
        assert "is on: s syncs it" in toasts(app)[-1]

    play(gate_of(worked), scene)


def test_an_edited_policy_is_judged_and_a_broken_one_says_where(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusts = iter(["60", '"lots"'])

    def write(_app: object, path: Path) -> None:
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"trust = .*", f"trust = {next(trusts)}", text), "utf-8")

    monkeypatch.setattr("tidegate.tui.screens.feeds.edit", write)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        await pilot.press("E")
        await pilot.pause()
        assert "nothing odd" in toasts(app)[-1]
        await pilot.press("E")
        await pilot.pause()
        assert "`trust`" in toasts(app)[-1]
        assert "broken" in screen_text(app)
        await pilot.press("j", "E")
        await pilot.pause()
        assert "is not of this home yet" in toasts(app)[-1]

    play(gate_of(worked), scene)


def test_read_only_shows_and_refuses(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        await pilot.press("s", "S", "e", "d", "R", "E", "colon", *"sync", "enter")
        await pilot.pause()
        assert set(toasts(app)) == {"read-only session: nothing can be changed"}
        assert app.job is None

    play(gate_of(worked, read_only=True), scene)


def test_without_a_single_feed_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_of(tmp_path / "home")
    monkeypatch.setattr(gate.desks.feeds, "overview", tuple)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        assert "tidegate feeds add DIR" in screen_text(app)
        await pilot.press("enter", "s", "e", "c", "R", "E")
        await pilot.pause()
        assert app.is_running

    play(gate, scene)


def test_a_feed_that_is_switched_on_stays_under_the_cursor_and_a_sample_says_what_it_lacks(
    worked: Path,
) -> None:
    (worked / "config.toml").write_text("", "utf-8")  # as in a real home, samples are refused

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        picking = feeds(app).picking
        before, at = picking.ids, picking.ids.index("sample-malware")
        picking.move_to(at)
        await pilot.press("e")
        await pilot.pause()
        assert "tidegate demo" in toasts(app)[-1]
        assert "[guards]" in toasts(app)[-1]
        await pilot.press("j", "e")
        await pilot.pause()
        assert picking.ids == before
        on = [ident for ident in before if picking.rows[ident].state == "on"]
        assert set(before[at : at + 2]) < set(on)
        assert len(on) == 3

    play(gate_of(worked), scene)


def test_a_feed_that_was_never_read_counts_nothing(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6", "G", "enter")
        await pilot.pause()
        assert "never" in screen_text(app)
        assert "of them 0 indicators" not in screen_text(app)

    play(gate_of(worked), scene)


def test_a_feed_that_is_not_there_is_said_before_anything_begins(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("colon")
        await pilot.pause()
        app.screen.query_one("#command", SafeInput).value = "sync nosuch"
        await pilot.press("enter")
        await pilot.pause()
        assert app.job is None
        (said,) = toasts(app)
        assert "nosuch" in said
        assert "begins" not in said

    play(gate_of(worked), scene)
