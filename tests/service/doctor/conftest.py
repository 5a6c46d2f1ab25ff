"""A private home with a list in it, and what an examination of it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strategies.builders import NOW
from strategies.stores import filled
from tidegate.config import Home
from tidegate.service.doctor.examine import examine
from tidegate.service.doctor.findings import Anchor, Report
from tidegate.store.tenant_store import TenantStore

Examine = Callable[..., Report]
Tree = Callable[[], dict[str, tuple[int, bytes]]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose guards say nothing of sample names."""
    made = Home(tmp_path / "home")
    made.ensure()
    made.config_file.touch(mode=0o600)
    made.config_file.write_text('[guards]\ndocumentation = "warn"\n', "utf-8")
    return made


@pytest.fixture
def store(home: Home) -> TenantStore:
    """Six rows, and one edit behind the checkpoint."""
    return filled(home.tenant_dir("default"), 6)


@pytest.fixture
def tree(home: Home) -> Tree:
    """Every file of the home, with what is in it and its mode; locks aside."""

    def read() -> dict[str, tuple[int, bytes]]:
        return {
            str(path): (path.stat().st_mode, path.read_bytes())
            for path in home.root.rglob("*")
            if path.is_file() and not path.name.startswith("lock")
        }

    return read


@pytest.fixture
def look(home: Home) -> Examine:
    """Examine the home as it is, at the time of its list."""

    def examined(anchor: Anchor | None = None) -> Report:
        return examine(home, clock=lambda: NOW, environ={}, anchor=anchor)

    return examined
