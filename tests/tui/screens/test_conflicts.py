from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.indicators.kinds import Action, Severity
from tidegate.service.edit import Fields
from tidegate.tui.app import TidegateApp
from tidegate.tui.gate import WorkspaceGate
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
        assert "yours Alert only  ·  acme-c2 wants Alert and block" in screen_text(app)
        await pilot.press("j", "j")
        await pilot.pause()
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
        line = next(line for line in screen_text(app).splitlines() if "h2.example" in line)
        assert line.startswith(("> ✓ ", "  ✓ "))  # the state finds no room at this width
        screen.query_one("#filter", SafeInput).value = "h2"
        await pilot.pause(0.3)
        assert "1 conflict" in screen_text(app)

    play(gate_of(worked), scene)


def test_a_rule_is_always_shown_first(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4")
        await pilot.pause()
        await pilot.press("j", "j", "r")
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
        await pilot.press("4", "j", "j", "r")
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


LOGIN = "https://h3.example.com/login"


def overlapping(worked: Path) -> WorkspaceGate:
    """A gate whose list has a URL that a person allows, on a name that a feed blocks."""
    gate = gate_of(worked)
    gate.apply(gate.plan_add([LOGIN], Fields(action=Action.ALLOW)).plan)
    return gate


def test_rows_that_overlap_stand_under_their_group_with_what_decides(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4")
        await wait_for_idle()
        lines = screen_text(app).splitlines()
        heads = [line for line in lines if "▾" in line]
        assert [" ".join(line.split()) for line in heads] == [
            "▾ allow against block 1",
            "▾ different actions 1",
            "▾ other fields 1",
        ]
        assert "3 conflicts" in screen_text(app)
        row = next(line for line in lines if line.startswith("> "))
        assert "ALW a person" in row
        assert "ALW a person decides over BLK acme-c2: network, the closer name" in lines[-3]
        await pilot.press("t")
        await wait_for_idle()
        assert toasts(app)[-1].startswith("rows that overlap have no yours and theirs")
        await pilot.press("enter")
        await wait_for_idle()
        assert isinstance(app.screen, ReadingScreen)
        text = screen_text(app)
        assert all(
            head in text for head in ("SOURCE", "ACT", "SCOPE", "CONF", "AGE", "1 ✓ a person")
        )

    play(overlapping(worked), scene)


def test_a_side_is_picked_by_its_number_and_shown_before_rows_leave(worked: Path) -> None:
    gate = overlapping(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4", "p")
        await wait_for_idle()
        assert "What decides https://h3.example.com/login?" in screen_text(app)
        await pilot.press("1")
        await wait_for_idle()
        assert toasts(app)[-1] == f"{LOGIN}: kept as it is decided · u undo"
        assert "2 conflicts" in screen_text(app)
        await pilot.press("u", "g", "j", "p", "2")
        await wait_for_idle()
        assert isinstance(app.screen, PreviewScreen)
        assert f"- {LOGIN}" in screen_text(app)
        await pilot.press("y")
        await wait_for_idle()
        assert "h3.example.com: its row is to decide" in toasts(app)[-1]
        assert LOGIN not in {row.value for row in gate.rows()}
        # Of a conflict: the second side is the feed's.
        await pilot.press("g", "j", "p", "2")
        await wait_for_idle()
        assert toasts(app)[-1] == "took theirs: 1 conflict · u undo"
        await pilot.press("g", "p")
        await wait_for_idle()
        assert toasts(app)[-1].startswith("go to a line of the group")

    play(gate, scene)


def test_a_heading_stands_for_all_under_it_and_bears_no_mark(worked: Path) -> None:
    gate = overlapping(worked)
    gate.apply(gate.plan_add([f"{LOGIN}/b"], Fields(action=Action.WARN)).plan)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("4", "g", "space")
        await wait_for_idle()
        assert isinstance(app.screen, ConflictsScreen)
        under = app.screen.picking.current
        assert under is not None
        assert app.screen.picking.marks == {it.id for it in under.members}
        await pilot.press("space", "asterisk")
        await wait_for_idle()
        assert not any(it.heading for it in app.screen.picking.targets())
        await pilot.press("m")
        await wait_for_idle()
        assert toasts(app)[-1].startswith("rows that overlap are among them")
        await pilot.press("M", "g", "m")
        await wait_for_idle()
        assert isinstance(app.screen, PreviewScreen)
        await pilot.press("y")
        await wait_for_idle()
        assert "kept as it is decided" in toasts(app)[-1]
        assert "allow against block" not in screen_text(app)

    play(gate, scene)
