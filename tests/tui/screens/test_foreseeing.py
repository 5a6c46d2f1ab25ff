"""The impact of a plan on given events: cases, what the bench was asked, and files."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tidegate.errors import UsageError
from tidegate.service import cases
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.reading import ReadingScreen
from tidegate.tui.widgets.question import Question
from tui.stage import gate_of, heard, opened, play, reading_done, screen_text, toasts, until


@pytest.fixture
def said(made_home: Path, tmp_path: Path) -> Path:
    """A home whose plan brings h5 and h6, renames h4, and would let h1 and h2 go."""
    home = heard(made_home, tmp_path)
    ws = opened(home)
    for number in (1, 3):
        cases.save(ws, f"case-{number}", {"RemoteUrl": f"h{number}.example.com"}, "malicious")
    ws.close()
    return home


async def planned(app: TidegateApp, pilot: Pilot[int]) -> str:
    await reading_done(app, pilot)
    await reading_done(app, pilot)
    return screen_text(app)


def test_cases_and_what_was_pasted_are_looked_at_under_the_plan(said: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("5")
        await pilot.pause()
        app.screen.query_one(Question).load_text("h5.example.com\nno value at all")
        await pilot.press("enter", "2")
        text = await planned(app, pilot)
        assert "≠ judged otherwise: 2 of 3 saved or pasted events  e lists them" in text
        lines = {line.split()[3]: line for line in text.splitlines() if "+ domain" in line}
        assert "  1  + domain h5.example.com" in lines["h5.example.com"]
        assert "     + domain h6.example.com" in text
        await pilot.press("j", "j")
        await pilot.pause()
        assert "h5.example.com  ≠ h5.example.com  acme-c2: rule" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "1 event would be judged otherwise" in screen_text(app)
        assert "cloud detection  no match → alerted" in screen_text(app)
        await pilot.press("escape", "e")
        await pilot.pause()
        assert isinstance(app.screen, ReadingScreen)
        text = screen_text(app)
        assert "2 events would be judged otherwise" in text
        assert "≠ case-1" in text
        # What the bench is asked meanwhile is looked at as well.
        await pilot.press("escape", "5")
        await pilot.pause()
        app.screen.query_one(Question).load_text("h6.example.com\nh3.example.com")
        app.screen.query_one(Question).focus()
        await pilot.press("enter", "2")
        assert "2 of 4 saved or pasted events" in await planned(app, pilot)

    play(gate_of(said), scene)


def test_a_file_of_events_is_looked_at_in_the_background(worked: Path, tmp_path: Path) -> None:
    home = heard(worked, tmp_path)
    events = tmp_path / "events.jsonl"
    events.write_text(
        "".join(f'{{"RemoteUrl": "http://h{n}.example.com/"}}\n' for n in (3, 5, 5)) + "odd\n",
        "utf-8",
    )

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        text = await planned(app, pilot)
        assert "judged otherwise" not in text
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one("#prompt").value = str(events)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.job is None)
        assert "3 events, 2 meet rows of the plan, 2 would be judged otherwise" in str(toasts(app))
        assert "≠ judged otherwise: 2 of" in screen_text(app)
        await pilot.press("colon", *"events x", "enter")
        await until(pilot, lambda: app.job is None and "x" in app.said[-1].text)
        await pilot.press("ctrl+r")
        await planned(app, pilot)

    play(gate_of(home), scene)


def test_a_broken_file_of_cases_costs_the_look_alone(
    said: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_of(said)

    def fails(*_: object) -> None:
        raise UsageError("line 3 is no case")

    monkeypatch.setattr(gate.desks.review, "foresee", fails)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        assert "+2 ~1 -0 !2" in await planned(app, pilot)
        assert "line 3 is no case" in toasts(app)

    play(gate, scene)


def test_three_columns_of_details_tell_the_events_beside_the_row(said: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await planned(app, pilot)
        await pilot.press("G", "k")
        await pilot.pause()
        text = screen_text(app)
        assert "1 event would be judged otherwise" in text
        assert "≠ case-1" in text

    play(gate_of(said), scene, (160, 45))
