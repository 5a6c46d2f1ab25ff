"""What people do across modes, from beginning to end, with keys alone.

The flows of one mode stand in the tests of its screen; here are those that lead through several:
the first run, a value that is not on the list, an undo after a restart, and typing while elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from driving.homes import DOCUMENTATION, in_home, indicator
from tidegate.config import Home
from tidegate.service.apply import apply
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import gather, sync
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.tui.app import TidegateApp
from tidegate.tui.gate import WorkspaceGate
from tidegate.tui.screens.bench import BenchScreen
from tidegate.tui.screens.feeds import FeedsScreen
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.screens.review import ReviewScreen
from tidegate.tui.screens.why import WhyScreen
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.question import Question
from tui.stage import NOW, gate_of, opened, play, reading_done, screen_text, toasts, until


def test_a_first_run_leads_from_nothing_to_a_reviewed_list(tmp_path: Path) -> None:
    """The empty list names the feeds' mode; there a sample is switched on, synced and applied."""
    home = Home(tmp_path / "home")
    home.ensure()
    home.config_file.write_text(DOCUMENTATION, "utf-8")
    gate = WorkspaceGate(Workspace.open(home, "contoso"))  # today: the samples are of late

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.pause()
        text = screen_text(app)
        assert "The list is empty." in text
        assert "6 feeds" in text
        await pilot.press("6")
        await reading_done(app, pilot)
        assert "e switches one on, s syncs it; `tidegate demo` shows" in screen_text(app)
        screen = app.screen
        assert isinstance(screen, FeedsScreen)
        screen.picking.move_to(screen.picking.ids.index("sample-c2"))
        await pilot.press("e", "s")
        await until(pilot, lambda: app.job is not None and app.job.plan is not None)
        await pilot.press("p")
        await pilot.pause()
        review = app.screen
        assert isinstance(review, ReviewScreen)
        review.follow()
        await pilot.pause()
        assert "the plan of the sync that waits: +" in screen_text(app)
        await pilot.press("n", "+", "A", "y")
        await until(pilot, lambda: app.job is None)
        assert "synced 1 feed: 1 added · u undo" in toasts(app)
        review.follow()
        await reading_done(app, pilot)
        assert "what a sync would apply now: +" in screen_text(app)
        await pilot.press("A", "y")
        await until(pilot, lambda: app.job is None and len(gate.rows()) > 1)
        await pilot.press("1")
        await pilot.pause(0.6)
        assert "sample" in screen_text(app)

    play(gate, scene)
    assert [entry.door for entry in (gate.step(1), gate.step(2))] == ["sync", "sync"]


def test_an_undo_is_there_after_a_restart_and_so_is_its_redo(worked: Path) -> None:
    async def remove(_app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("d")
        await pilot.pause()

    async def take_back(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("u", "y")  # another session made it, so it is asked about
        await pilot.pause()
        assert "took back change 6" in toasts(app)[-1]

    async def again(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("U", "y")
        await pilot.pause()
        assert "change 6" in toasts(app)[-1]

    before = len(gate_of(worked).rows())
    for scene, rows in ((remove, before - 1), (take_back, before), (again, before - 1)):
        gate = gate_of(worked)
        play(gate, scene)
        assert len(gate.rows()) == rows


def test_why_tells_of_values_that_are_not_on_the_list(worked: Path) -> None:
    """Never seen, kept out by hand, waiting for a slot, covered: each says so, from any mode."""
    config = worked / "config.toml"
    config.write_text(f"limit = 5\n{config.read_text('utf-8')}", "utf-8")
    ws = opened(worked)
    apply(ws, plan_suppress(ws, "h9.example.com", (), "our scanner", None))
    said = [*(indicator(n) for n in range(1, 5)), indicator(9)]
    said += [indicator(n, confidence=1) for n in (20, 21)]
    said.append(indicator(30, "[domain-name:value = 'a.h1.example.com']"))
    in_home(worked, "acme-c2").publish(said, NOW)
    sync(ws)
    ws.close()
    ends = {
        "nobody.example.org": "NOT IN THE TENANT",
        "h9.example.com": "our scanner",
        "h21.example.com": "the list is full",
        "h1.example.com": "IN THE TENANT",
    }

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6", "colon", *"why h9.example.com", "enter")
        await pilot.pause()
        assert "our scanner" in screen_text(app)
        await pilot.press("escape", "3")
        await reading_done(app, pilot)
        mode = app.screen
        assert isinstance(mode, ModeScreen)
        for value, told in ends.items():
            mode.action_why(value)
            await pilot.pause()
            assert isinstance(app.screen, WhyScreen), value
            assert told in screen_text(app), value
            await pilot.press("escape")
            await pilot.pause()

    play(gate_of(worked), scene, (100, 60))


def test_each_mode_keeps_what_was_typed_and_f_keys_lead_elsewhere_while_typing(
    worked: Path,
) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("slash", *"type", "colon", *"domain", "f8")
        await pilot.pause()
        await pilot.press("slash", *"door", "colon", *"edit", "f6")
        await pilot.pause()
        bench = app.screen
        assert isinstance(bench, BenchScreen)
        await pilot.press(*"12", "f2")
        await pilot.pause()
        assert app.screen.query_one("#filter", SafeInput).value == "type:domain"
        await pilot.press("f8")
        await pilot.pause()
        assert app.screen.query_one("#filter", SafeInput).value == "door:edit"
        await pilot.press("f6")
        await pilot.pause()
        assert bench.query_one(Question).text == "12"  # digits are text here

    play(gate_of(worked), scene)


def test_what_the_bench_shows_and_a_rejection_in_the_review_fit_together(worked: Path) -> None:
    """A new row blocks what somebody needs: seen on the bench under the plan, rejected."""
    in_home(worked, "acme-c2").publish([indicator(number) for number in range(1, 7)], NOW)
    ws = opened(worked)
    gather(ws, active_feeds(ws))
    ws.close()
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await reading_done(app, pilot)
        await pilot.press("5")
        await pilot.pause()
        await pilot.press(*"h6.example.com", "enter", "t")
        await pilot.pause()
        assert "no match → blocked" in screen_text(app)
        await pilot.press("2")
        await reading_done(app, pilot)
        await reading_done(app, pilot)
        assert "≠ judged otherwise: 1 of 1 saved or pasted event" in screen_text(app)
        await pilot.press("G", "r", *"our own host", "enter")
        await reading_done(app, pilot)
        assert "1 value kept out until 2026-07-01 · u undo" in toasts(app)
        review = app.screen
        assert isinstance(review, ReviewScreen)
        review.follow()
        await reading_done(app, pilot)
        assert "0 of 1 saved or pasted event" in screen_text(app)
        await pilot.press("A", "y")
        await until(pilot, lambda: app.job is None and "added" in str(toasts(app)))

    play(gate, scene)
    assert {row.value for row in gate.rows()} == {f"h{n}.example.com" for n in range(1, 6)}
