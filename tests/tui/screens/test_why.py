from __future__ import annotations

from textual.pilot import Pilot

from tidegate.errors import UsageError
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.why import WhyScreen
from tui.stage import FakeGate, make_row, play, screen_text, toasts


def test_it_tells_all_fields_and_the_trace() -> None:
    row = make_row(1, note="ask Ana", tlp="amber", owned={"action": "Allow"})

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("w")
        await pilot.pause()
        text = screen_text(app)
        for part in ("amber", "ask Ana", "yours", "acme-c2", row.id, "WHY", "Wave 1 says so"):
            assert part in text
        await pilot.press("w")
        await pilot.pause()
        assert not isinstance(app.screen, WhyScreen)

    play(FakeGate([row]), scene, (100, 40))


def test_without_a_trace_the_fields_are_still_shown() -> None:
    gate = FakeGate([make_row(1)])

    def refuse(_value: str) -> None:
        raise UsageError("the ledger is away")

    gate.explain = refuse  # type: ignore[assignment,method-assign]

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("w")
        await pilot.pause()
        assert "host1.example.com" in screen_text(app)
        assert toasts(app) == ["the ledger is away"]

    play(gate, scene)
