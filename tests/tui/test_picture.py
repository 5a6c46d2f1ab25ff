"""The picture in the README: the shipped samples, synced and opened, at a set time.

After a change of looks that is meant: `pytest tests/tui/test_picture.py --snapshot-update`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from driving.homes import DOCUMENTATION
from tidegate.config import Home
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace
from tidegate.tui.app import TidegateApp
from tidegate.tui.gate import WorkspaceGate

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SAMPLES = ("sample-c2", "sample-malware", "sample-noisy")


def test_readme(snap_compare: Callable[..., bool], tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.ensure()
    home.config_file.write_text(DOCUMENTATION, "utf-8")
    ws = Workspace.open(home, "contoso", clock=lambda: NOW)
    ws.actor = "ana"
    for ident in SAMPLES:
        bundle = ws.catalogue.enable(ident).folder / "sample.bundle.json"
        os.utime(bundle, (NOW.timestamp(), NOW.timestamp()))
    sync(ws)

    async def act(pilot: Pilot[int]) -> None:
        await pilot.press("j", "j", "space", "j", "space", "j", "j", "j", "j")
        await pilot.pause(1.0)

    assert snap_compare(TidegateApp(WorkspaceGate(ws)), terminal_size=(150, 36), run_before=act)
    ws.close()
