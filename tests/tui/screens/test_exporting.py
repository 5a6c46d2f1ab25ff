from __future__ import annotations

import json
from pathlib import Path

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import gate_of, play, screen_text, toasts, until


async def ended(app: TidegateApp, pilot: Pilot[int]) -> str:
    await until(pilot, lambda: app.job is None)
    return toasts(app)[-1]


def test_what_is_shown_goes_to_the_file_that_is_named(worked: Path, tmp_path: Path) -> None:
    bundle, table = tmp_path / "share.json", tmp_path / "share.csv"

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.screen.query_one("#filter", SafeInput).value = "value:h3"
        await pilot.pause()
        await pilot.press("X")
        await pilot.pause()
        assert "Export the 1 row shown to" in screen_text(app)
        app.screen.query_one("#prompt", SafeInput).value = str(bundle)
        await pilot.press("enter")
        await pilot.pause()
        assert await ended(app, pilot) == f"1 exported to {bundle}"
        kinds = [each["type"] for each in json.loads(bundle.read_bytes())["objects"]]
        assert kinds.count("indicator") == 1
        await pilot.press("colon", *"export ")
        app.screen.query_one("#command", SafeInput).value = f"export {table}"
        await pilot.press("enter")
        await pilot.pause()
        await ended(app, pilot)
        assert table.read_bytes().count(b"h3.example.com")

    play(gate_of(worked), scene)


def test_no_file_is_replaced_unasked_and_none_is_put_into_the_home(
    worked: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text("mine", "utf-8")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        async def export(to: Path) -> None:
            await pilot.press("X")
            await pilot.pause()
            app.screen.query_one("#prompt", SafeInput).value = str(to)
            await pilot.press("enter")
            await pilot.pause()

        await export(kept)
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("n")
        assert kept.read_text("utf-8") == "mine"
        await export(tmp_path / "share.txt")
        assert "end it in .json or .csv" in toasts(app)[-1]
        await export(worked / "tenants" / "x.json")
        assert "choose another place" in await ended(app, pilot)
        app.screen.query_one("#filter", SafeInput).value = "value:nobody"
        await pilot.pause()
        await pilot.press("X")
        await pilot.pause()
        assert "nothing to export" in toasts(app)[-1]

    play(gate_of(worked), scene)


def test_what_the_ceiling_keeps_back_is_said_first_and_the_ceiling_can_be_named(
    worked: Path, tmp_path: Path
) -> None:
    low, high = tmp_path / "low.csv", tmp_path / "high.csv"

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        async def export(text: str) -> None:
            await pilot.press("X")
            await pilot.pause()
            assert "--tlp amber" in screen_text(app)
            app.screen.query_one("#prompt", SafeInput).value = text
            await pilot.press("enter")
            await pilot.pause()

        await export(f"{low} --tlp clear")
        assert "nothing would leave: 4 rows withheld: above TLP:CLEAR" in toasts(app)[-1]
        await pilot.press("a")
        await pilot.pause()
        app.screen.query_one("#value", SafeInput).value = "192.0.2.50"
        await pilot.press("ctrl+s")
        await pilot.pause()
        await export(f"{low} --tlp clear")
        text = screen_text(app)
        assert "Export 1 row to low.csv?" in text
        assert "4 rows withheld: above TLP:CLEAR" in text
        await pilot.press("y")
        await pilot.pause()
        await ended(app, pilot)
        await export(f"{high} --tlp amber")
        await ended(app, pilot)

    play(gate_of(worked), scene)
    assert b"h3.example.com" not in b"".join(each.read_bytes() for each in tmp_path.glob("low*"))
    assert b"h3.example.com" in b"".join(each.read_bytes() for each in tmp_path.glob("high*"))
