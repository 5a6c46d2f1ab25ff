from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.bench import BenchScreen
from tidegate.tui.screens.reading import ReadingScreen
from tidegate.tui.widgets.question import Question
from tui.stage import gate_of, play, screen_text, toasts, until


def bench(app: TidegateApp) -> BenchScreen:
    assert isinstance(app.screen, BenchScreen)
    return app.screen


async def asked(app: TidegateApp, pilot: Pilot[int], text: str) -> None:
    await pilot.press("f6")
    await pilot.pause()
    bench(app).query_one(Question).load_text(text)
    bench(app).query_one(Question).focus()
    await pilot.press("enter")
    await pilot.pause()


def test_values_and_events_are_judged_side_by_side_what_differs_first(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await asked(app, pilot, "h3.example.com\nh2[.]example[.]com\nno value at all")
        text = screen_text(app)
        assert "3 answers, engines differ in 1" in text
        lines = [line for line in text.splitlines() if "example" in line and line[0] in "> "]
        assert lines[0].startswith("> ≠ h2[.]example[.]com")
        assert "endpoint prevention: alerted" in text
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ReadingScreen)
        assert "alert: High, Sample 2" in screen_text(app)
        await pilot.press("escape")
        await asked(app, pilot, '{"RemoteUrl": "http://h1.example.com/x", "DeviceName": "pc7"}')
        assert "1 answer, engines differ in 0" in screen_text(app)
        assert "pc7" in screen_text(app)
        await asked(app, pilot, "{broken")
        assert toasts(app)[-1].startswith("this is no JSON")
        # The mark and the count are one and the same.
        await asked(app, pilot, "h3.example.com\nh4.example.com\nh2.example.com")
        text = screen_text(app)
        assert "engines differ in 1" in text
        assert sum(line.startswith(("> ≠", "  ≠")) for line in text.splitlines()) == 1
        assert "~" not in text

    play(gate_of(worked), scene)


def test_wide_terminals_have_three_columns(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await asked(app, pilot, "h2.example.com")
        heads = [line for line in screen_text(app).splitlines() if "cloud detection" in line]
        assert all(name in heads[0] for name in ("endpoint prevention", "automated invest"))

    play(gate_of(worked), scene, (160, 45))


def test_a_case_is_saved_and_a_changed_verdict_comes_first(worked: Path) -> None:
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await asked(app, pilot, "h3.example.com\nh4.example.com")
        await pilot.press("s", *"keeps", "enter", "j", "s", *"moves", "enter")
        await pilot.pause()
        assert toasts(app)[-1].startswith("case moves saved")
        row = next(row for row in gate.rows() if row.value == "h4.example.com")
        gate.apply(gate.plan_remove([row]).plan)
        await pilot.press("c")
        await pilot.pause()
        text = screen_text(app)
        assert "2 cases asked again, 1 changed" in text
        lines = [line for line in text.splitlines() if "keeps" in line or "moves" in line]
        assert "moves" in lines[0]
        assert "blocked → no match" in lines[0]
        assert "when saved: blocked · h4.example.com" in text
        await pilot.press("escape")
        await pilot.pause()
        assert "h3.example.com" in screen_text(app)

    play(gate, scene)


def test_a_file_is_read_in_the_background(worked: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(
        '{"RemoteUrl": "http://h2.example.com/", "DeviceName": "pc1"}\n'
        '{"RemoteUrl": "http://elsewhere.example.org/", "DeviceName": "pc2"}\n',
        "utf-8",
    )

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("5", "escape", "o")
        await pilot.pause()
        app.screen.query_one("#prompt").value = str(events)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.job is None)
        assert "2 events, 1 hit" in str(toasts(app))
        assert "≠ http://h2.example.com" in screen_text(app)
        await pilot.press("s")
        await pilot.pause()
        assert "events of files are not saved" in toasts(app)[-1]
        bench(app).action_events(str(tmp_path / "none"))
        await until(pilot, lambda: app.job is None)
        assert "none" in app.said[-1].text

    play(gate_of(worked), scene)


def test_it_teaches_and_read_only_saves_nothing(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("5")
        await pilot.pause()
        assert "open a file of events" in screen_text(app)
        assert "Enter asks" in screen_text(app)
        await pilot.press("7", "q", "f6")
        await pilot.pause()
        assert bench(app).query_one(Question).text == "7q"
        await pilot.press("escape", "c")
        await pilot.pause()
        assert "No case is saved yet." in screen_text(app)
        await asked(app, pilot, "h3.example.com")
        await pilot.press("s")
        await pilot.pause()
        assert toasts(app)[-1] == "read-only session: nothing can be changed"

    play(gate_of(worked, read_only=True), scene)


def test_a_code_is_shown_in_words(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await asked(app, pilot, "h2.example.com")
        text = " ".join(screen_text(app).split())
        assert "Alert only leaves the finding as it is" in text
        assert "alert_only" not in text

    play(gate_of(worked), scene)
