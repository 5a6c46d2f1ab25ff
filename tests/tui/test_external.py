from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tidegate.errors import UsageError
from tidegate.tui.app import TidegateApp
from tidegate.tui.external import edit
from tui.stage import FakeGate, play

TRUE = shutil.which("true") or ""


def test_without_a_terminal_to_hand_over_it_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", TRUE)

    async def scene(app: TidegateApp, _pilot: Pilot[int]) -> None:
        with pytest.raises(UsageError, match="cannot be handed"):
            edit(app, tmp_path / "feed.toml")

    play(FakeGate(), scene)
