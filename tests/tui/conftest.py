"""One home in which somebody worked, made once and copied for each test that changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tui.stage import worked_home


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
