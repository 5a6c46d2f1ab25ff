from __future__ import annotations

from textual.pilot import Pilot

from tidegate.errors import HeldBack
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.base import Sheet, carry_out, complain
from tui.stage import FakeGate, make_row, play, toasts


def test_carrying_out_says_what_was_done_or_why_not() -> None:
    row = make_row(1)
    gate = FakeGate([row])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        plan = gate.plan_remove([row]).plan
        assert carry_out(app, gate, plan) is True
        gate.broken = HeldBack("guard own refuses it", "nothing was changed")
        assert carry_out(app, gate, plan) is False
        await pilot.pause()
        assert toasts(app) == ["1 removed · u undo", "guard own refuses it (nothing was changed)"]

    play(gate, scene)


def test_complaints_are_one_inert_line() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        complain(app, HeldBack("two\nlines [bold]\x1b[2J"))
        await pilot.pause()
        assert toasts(app) == ["two␊lines [bold]␛[2J"]

    play(FakeGate(), scene)


def test_a_sheet_leaves_on_escape_and_on_submit() -> None:
    results: list[object] = []

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for key in ("escape", "ctrl+s"):
            app.push_screen(Sheet[None](app.gate), results.append)
            await pilot.pause()
            await pilot.press(key)
            await pilot.pause()

    play(FakeGate(), scene)
    assert results == [None, None]
