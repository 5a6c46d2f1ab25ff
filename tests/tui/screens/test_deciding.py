"""Accepting single rows of a plan: by row, operation and feed; the rest waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from driving.homes import in_home, indicator
from tidegate.service.edit import Fields, plan_add
from tidegate.service.sync import gather
from tidegate.service.workspace import active_feeds
from tidegate.tui.app import TidegateApp
from tidegate.tui.gate import Gate
from tidegate.tui.screens.review import ReviewScreen
from tui.stage import NOW, gate_of, heard, opened, play, screen_text, toasts, until


@pytest.fixture
def said(made_home: Path, tmp_path: Path) -> Path:
    """A home of one's own whose feed has said something new: h5 and h6 come, h4 changes."""
    return heard(made_home, tmp_path)


async def planned(app: TidegateApp, pilot: Pilot[int]) -> str:
    await pilot.pause()
    screen = app.screen_stack[0]
    assert isinstance(screen, ReviewScreen)
    screen.follow()
    await until(pilot, lambda: not screen._planning)
    return screen_text(app)


def values(gate: Gate) -> set[str]:
    return {row.value.partition(".")[0] for row in gate.rows()}


def test_rows_are_accepted_one_by_one_and_the_rest_is_shown_again(said: Path) -> None:
    gate = gate_of(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await planned(app, pilot)
        await pilot.press("n", "+", "-", "n")
        text = screen_text(app)
        assert "decided 2 of 3: ✓ 1 accepted  ✗ 1 not now" in text
        assert "✓  + domain h5.example.com" in text
        assert "✗  + domain h6.example.com" in text
        assert "·  ▾ feed   acme-c2" in text
        assert ">    ~ domain h4.example.com" in text
        await pilot.press("A")
        await pilot.pause()
        text = screen_text(app)
        assert "Apply 1 of 3 changes? +1 ~0 -0" in text
        assert "not accepted, and shown again at the next plan: 2 changes" in text
        await pilot.press("y")
        await until(pilot, lambda: app.job is None and "1 added" in str(toasts(app)))
        text = await planned(app, pilot)
        assert "what a sync would apply now: +1 ~1 -0 !2  after: 6" in text
        # What was put off is shown again, and as such.
        assert "✗  + domain h6.example.com" in text
        await pilot.press("A")
        await pilot.pause()
        assert toasts(app)[-1] == "nothing is accepted yet: + accepts, 0 forgets a no"
        await pilot.press("u")
        await pilot.pause()
        assert "change 6" in screen_text(app)
        await pilot.press("y")
        await pilot.pause()
        assert "took back change 6" in toasts(app)[-1]

    play(gate, scene)
    assert values(gate) == {"h1", "h2", "h3", "h4"}


def test_a_heading_stands_for_its_feed_or_its_operation_and_marks_for_what_is_marked(
    said: Path,
) -> None:
    gate = gate_of(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await planned(app, pilot)
        await pilot.press("+")
        assert "✓ 3 accepted  ✗ 0 not now" in screen_text(app)
        await pilot.press("j", "-")
        assert "✓ 1 accepted  ✗ 2 not now" in screen_text(app)
        await pilot.press("g", "0")
        assert "decided" not in screen_text(app)
        await pilot.press("asterisk", "+")
        await pilot.pause()
        assert toasts(app)[-1] == "not meant: 2 rows that the brake holds; h lets it through"
        assert "✓ 3 accepted" in screen_text(app)
        await pilot.press("n")
        await pilot.pause()
        assert toasts(app)[-1] == "every row is decided: A applies what is accepted"
        await pilot.press("M", "G", "+")
        await pilot.pause()
        assert toasts(app)[-1] == "what the brake holds is let through by h, by feed"
        await pilot.press("colon", *"undecide", "enter")
        await pilot.press("g", "minus", "j", "j", "plus", "A", "y")
        await until(pilot, lambda: app.job is None and "1 added" in str(toasts(app)))

    play(gate, scene)
    assert values(gate) == {"h1", "h2", "h3", "h4", "h5"}


def test_a_change_underneath_keeps_decisions_about_what_is_planned_again(said: Path) -> None:
    gate = gate_of(said)
    other = opened(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await planned(app, pilot)
        await pilot.press("g", "+", "A")
        await pilot.pause()
        gate.apply(plan_add(other, ["192.0.2.78"], Fields(), None).plan)
        await pilot.press("y")
        text = await planned(app, pilot)
        assert "the list has changed: it is planned anew, look again" in toasts(app)
        assert "✓ 3 accepted" in text
        in_home(said, "acme-c2").publish(
            [*(indicator(n) for n in (1, 2, 3, 5, 6)), indicator(4, name="Third")], NOW
        )
        gather(other, active_feeds(other))
        await pilot.press("p")
        text = await planned(app, pilot)
        assert "✓ 2 accepted" in text  # the title is another now

    play(gate, scene)


def test_some_of_the_plan_of_a_sync_that_waits_ends_it(worked: Path) -> None:
    gate = gate_of(worked)
    in_home(worked, "acme-c2").publish([indicator(number) for number in range(1, 8)], NOW)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("colon", *"sync", "enter")
        await pilot.press("2")
        await until(pilot, lambda: app.job is not None and app.job.plan is not None)
        await planned(app, pilot)
        await pilot.press("n", "+", "A")
        await pilot.pause()
        assert "Apply 1 of 3 changes? +1" in screen_text(app)
        await pilot.press("y")
        await until(pilot, lambda: app.job is None)
        assert toasts(app)[-1] == "synced 1 feed: 1 added · u undo"
        assert "what a sync would apply now: +2 ~0 -0" in await planned(app, pilot)

    play(gate, scene)
    assert values(gate) == {"h1", "h2", "h3", "h4", "h5"}


def test_a_full_list_names_the_removal_that_a_row_needs(said: Path) -> None:
    config = said / "config.toml"
    config.write_text(f"limit = 4\n{config.read_text('utf-8')}\n[brake]\npercent = 100\n", "utf-8")
    gate = gate_of(said)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        text = await planned(app, pilot)
        assert "+2 ~1 -2" in text
        await pilot.press("j", "plus", "A")
        await pilot.pause()
        assert "it finds no slot: the list is full; accept the removal of" in toasts(app)[-1]

    play(gate, scene)


def test_read_only_decides_nothing(said: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await planned(app, pilot)
        await pilot.press("+", "-", "0")
        assert "decided" not in screen_text(app)
        assert set(toasts(app)) == {"read-only session: nothing can be changed"}

    play(gate_of(said, read_only=True), scene)
