from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Select

from tidegate.indicators.kinds import Action, Severity
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_edit
from tidegate.service.look import find
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.bulk import BulkScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import FakeGate, gate_of, make_row, opened, play, screen_text, toasts

ROWS = [make_row(number) for number in range(40)]


def test_it_touches_marks_that_can_be_seen_and_says_how_many_are_not() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("asterisk")
        app.screen.query_one("#filter", SafeInput).value = "type:ip"
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(app.screen, BulkScreen)
        assert "Change 10 marked rows (30 hidden marks excluded)" in screen_text(app)
        assert "198.51.100.0" in screen_text(app)
        app.screen.query_one("#field-action", Select).value = "Allow"
        await pilot.pause(0.5)
        text = screen_text(app)
        assert "Alert and block → Allow  6×" in text
        assert "Alert only → Allow  4×" in text
        assert "10 change" in text
        assert "Apply ^S" in text
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Let 10 rows pass?" in screen_text(app)
        await pilot.press("n")
        await pilot.pause()
        assert gate.journal == []
        await pilot.press("ctrl+s", "y")
        await pilot.pause()
        assert toasts(app)[-1] == "10 changed · u undo"
        await pilot.press("u")
        await pilot.pause()

    play(gate, scene)
    assert {row.id: row for row in ROWS} == gate.held


def test_hidden_rows_stay_as_they_were() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("asterisk")
        app.screen.query_one("#filter", SafeInput).value = "type:ip"
        await pilot.pause()
        await pilot.press("b")
        await pilot.pause()
        app.screen.query_one("#field-action", Select).value = "Allow"
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()

    play(gate, scene)
    changed = {row.type.value for row in gate.held.values() if row.action is Action.ALLOW}
    assert changed == {"IpAddress"}
    assert len(gate.journal) == 1, "one change, so one undo takes it back"


def test_nothing_filled_in_changes_nothing() -> None:
    gate = FakeGate(ROWS)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("space", "b")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, BulkScreen)
        assert "Fill in what should change" in screen_text(app)

    play(gate, scene)
    assert gate.journal == []


def test_refusals_are_counted() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("asterisk", "b")
        await pilot.pause()
        app.screen.query_one("#field-action", Select).value = "Warn"
        await pilot.pause(0.5)
        assert "✗ no Warn here (40×)" in screen_text(app)
        assert "40 refused" in screen_text(app)

    play(FakeGate(ROWS), scene)


def test_it_needs_marks() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("b")
        await pilot.pause()
        assert "mark rows first" in toasts(app)[-1]

    play(FakeGate(ROWS), scene)


def test_all_marks_hidden_is_said_and_nothing_opens() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("space")
        app.screen.query_one("#filter", SafeInput).value = "type:domain"
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        assert "hidden by the filter" in toasts(app)[-1]
        assert len(app.screen_stack) == 1

    play(FakeGate(ROWS), scene)


def test_what_a_colleague_changed_meanwhile_is_named_before_it_is_written_over(
    worked: Path,
) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("asterisk", "b")
        await pilot.pause()
        app.screen.query_one("#field-severity", Select).value = "Low"
        ws = opened(worked)
        theirs = Fields(severity=Severity.MEDIUM)
        apply(ws, plan_edit(ws, [find(ws, "h3.example.com")], theirs).plan)
        ws.close()
        await pilot.press("ctrl+s")
        await pilot.pause(0.4)
        text = screen_text(app)
        assert "! h3.example.com meanwhile: severity was 'High', is 'Medium'" in text
        assert "! ^S again writes over it" in text
        await pilot.press("ctrl+s")
        await pilot.pause()
        # h1 was Low by this person's hand before: nothing of it changes.
        assert toasts(app)[-1] == "3 changed · u undo"

    play(gate_of(worked), scene)
