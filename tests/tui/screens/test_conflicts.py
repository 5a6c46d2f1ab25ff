from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.indicators.kinds import Action, Severity
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.conflicts import ConflictsScreen
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.screens.reading import ReadingScreen
from tidegate.tui.screens.why import WhyScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.rest import wait_for_idle
from tui.stage import gate_of, heard, play, screen_text, toasts


def test_both_sides_are_shown_and_one_is_settled_at_once(worked: Path) -> None:
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4")
        await pilot.pause()
        assert "2 conflicts" in screen_text(app)
        assert "yours Low  ·  acme-c2 wants High" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ReadingScreen)
        assert "the field is the feed's again" in screen_text(app)
        await pilot.press("escape", "w")
        await pilot.pause()
        assert isinstance(app.screen, WhyScreen)
        await pilot.press("escape", "t")
        await pilot.pause()
        assert toasts(app)[-1] == "took theirs: 1 conflict · u undo"
        assert "1 conflict" in screen_text(app)
        await pilot.press("u")
        await pilot.pause()
        assert "2 conflicts" in screen_text(app)

    play(gate, scene)
    assert {row.severity for row in gate.rows()} == {Severity.LOW, Severity.HIGH}


def test_marked_ones_are_shown_before_they_are_settled(worked: Path) -> None:
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4")
        await pilot.pause()
        await pilot.press("asterisk", "t")
        await pilot.pause()
        assert isinstance(app.screen, PreviewScreen)
        assert "Take theirs: 2 conflicts?" in screen_text(app)
        assert "severity: Low | High" in screen_text(app)
        await pilot.press("n")
        await pilot.pause()
        assert "2 conflicts" in screen_text(app)
        await pilot.press("t", "y")
        await pilot.pause()
        assert "No conflicts: what people set is what feeds want" in screen_text(app)
        await pilot.press("m")
        await pilot.pause()
        assert toasts(app)[-1] == "there is no conflict to settle"

    play(gate, scene)
    assert {row.action for row in gate.rows()} == {Action.ALERT_AND_BLOCK}


def test_what_is_kept_is_settled_and_shown_when_asked_for(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4")
        await pilot.pause()
        await pilot.press("m")
        await pilot.pause()
        assert toasts(app)[-1] == "kept yours: 1 conflict · u undo"
        assert "1 conflict" in screen_text(app)
        await pilot.press("z")
        await pilot.pause()
        assert "2 conflicts" in screen_text(app)
        assert "settled ones, too" in screen_text(app)
        screen = app.screen
        assert isinstance(screen, ConflictsScreen)
        screen.query_one("#filter", SafeInput).value = "h2"
        await pilot.pause(0.3)
        assert "1 conflict" in screen_text(app)

    play(gate_of(worked), scene)


def test_a_rule_is_always_shown_first(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4")
        await pilot.pause()
        await pilot.press("r")
        await pilot.pause()
        text = screen_text(app)
        assert "Make a rule of 1 conflict?" in text
        assert "feed acme-c2: a rule for 1 value in its feed.toml" in text
        assert "when the value is h1.example.com: Alert and block, Low, all devices" in text
        assert "[y] Make the rule" in text
        await pilot.press("y")
        await pilot.pause()
        assert toasts(app)[-1].startswith("made a rule of 1 conflict · u undo, but not the rule")

    play(gate_of(worked), scene)
    assert "h1.example.com" in (worked / "feeds" / "acme-c2" / "feed.toml").read_text("utf-8")


def test_a_rule_about_what_no_feed_lists_is_refused_by_value_and_reason(
    worked: Path, tmp_path: Path
) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4", "r")
        await wait_for_idle()
        said = "h1.example.com refused: acme-c2 no longer lists it, so a rule would decide nothing"
        assert toasts(app)[-1] == said

    play(gate_of(heard(worked, tmp_path)), scene)


def test_read_only_shows_and_refuses(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4")
        await pilot.pause()
        await pilot.press("m", "t", "r", "u")
        await pilot.pause()
        assert set(toasts(app)) == {"read-only session: nothing can be changed"}
        assert "2 conflicts" in screen_text(app)

    play(gate_of(worked, read_only=True), scene)
