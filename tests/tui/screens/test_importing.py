from __future__ import annotations

import json
from pathlib import Path

from textual.pilot import Pilot

from tidegate.indicators.kinds import Origin
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.preview import PreviewScreen
from tidegate.tui.screens.prompt import PromptScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import gate_of, play, screen_text, toasts


def a_bundle(path: Path, *values: str) -> Path:
    at = "2026-01-10T12:00:00Z"
    objects = [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--00000000-0000-4000-8000-{number:012d}",
            "created": at,
            "modified": at,
            "valid_from": at,
            "pattern_type": "stix",
            "pattern": f"[domain-name:value = '{value}']",
        }
        for number, value in enumerate(values)
    ]
    ident = "bundle--00000000-0000-4000-8000-000000000000"
    path.write_text(json.dumps({"type": "bundle", "id": ident, "objects": objects}), "utf-8")
    return path


async def command(app: TidegateApp, pilot: Pilot[int], text: str) -> None:
    await pilot.press("colon")
    await pilot.pause()
    app.screen.query_one("#command", SafeInput).value = text
    await pilot.press("enter")
    await pilot.pause()


def test_a_file_is_asked_for_shown_row_by_row_and_taken_in(worked: Path, tmp_path: Path) -> None:
    path = a_bundle(tmp_path / "two words.json", "one.badsite.com", "two.badsite.com", "10.0.0.1")
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("I")
        await pilot.pause()
        assert isinstance(app.screen, PromptScreen)
        app.screen.query_one("#prompt", SafeInput).value = str(tmp_path / "none.json")
        await pilot.press("enter")
        await pilot.pause()
        assert "there is no file" in screen_text(app)
        app.screen.query_one("#prompt", SafeInput).value = str(path)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, PreviewScreen)
        assert "2 add, 1 refused" in screen_text(app)
        assert "Alert only, Medium" in screen_text(app)
        await pilot.press("n")
        await pilot.pause()
        assert not any("badsite" in row.value for row in gate.rows())
        await command(app, pilot, f"import {path}")
        await pilot.press("y")
        await pilot.pause()
        assert toasts(app)[-1] == "2 added · u undo"
        added = {row.value: row.origin for row in gate.rows() if "badsite" in row.value}
        assert added == dict.fromkeys(("one.badsite.com", "two.badsite.com"), Origin.MANUAL)
        await command(app, pilot, f"import {path}")
        assert toasts(app)[-1].startswith("nothing to take in, 3 rows read: ")
        await command(app, pilot, "import nowhere.json")
        assert "there is no file nowhere.json" in toasts(app)[-1]

    play(gate, scene)


def test_rows_of_others_are_taken_in_as_such(worked: Path, tmp_path: Path) -> None:
    path = a_bundle(tmp_path / "others.json", "one.badsite.com")
    gate = gate_of(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await command(app, pilot, f"import {path} --origin foreign --replace")
        await pilot.press("y")
        await pilot.pause()
        (row,) = (row for row in gate.rows() if "badsite" in row.value)
        assert row.origin is Origin.FOREIGN
        await command(app, pilot, f"import {path} --replace")
        assert "only foreign rows are replaced" in toasts(app)[-1]

    play(gate, scene)


def test_a_session_that_may_only_read_takes_nothing_in(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("I")
        await pilot.pause()
        assert toasts(app) == ["read-only session: nothing can be changed"]

    play(gate_of(worked, read_only=True), scene)
