"""One home in which somebody worked, made once and copied for each test that changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual import app, pilot

from tui.rest import wait_for_idle
from tui.stage import worked_home

# Pilot looks every 20 ms whether the app has come to rest, some hundred times a test: more than
# half of the time that these tests take.
for module in (app, pilot):
    vars(module)["wait_for_idle"] = wait_for_idle


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "home"
    worked_home(folder)
    return folder


@pytest.fixture
def worked(made_home: Path, tmp_path: Path) -> Path:
    """A home of one's own."""
    folder = tmp_path / "home"
    shutil.copytree(made_home, folder, copy_function=shutil.copy2)
    return folder
