"""The wheel is whole: the package, the shipped feeds and the terminal UI's style travel in it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import orjson
import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that an installed wheel would be."""
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")  # our own archive, built a moment ago
    return folder / "installed"


def test_the_wheel_holds_the_feeds_and_nothing_of_the_checkout(unpacked: Path) -> None:
    packed = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*")}
    for feed in (ROOT / "feeds").iterdir():
        assert f"tidegate/_feeds/{feed.name}/feed.toml" in packed
        assert f"tidegate/_feeds/{feed.name}/sample.bundle.json" in packed
    assert {"tidegate/py.typed", "tidegate/tui/app.tcss"} <= packed
    tops = {name.partition("/")[0] for name in packed}
    assert {top for top in tops if not top.startswith("tidegate")} == set()


def test_the_installed_command_finds_its_feeds(unpacked: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tidegate", "--home", "home", "feeds", "list", "--json"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    feeds = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert {feed["id"] for feed in feeds} == {feed.name for feed in (ROOT / "feeds").iterdir()}
    assert all(feed["folder"].startswith(str(unpacked)) for feed in feeds)
    assert {feed["state"] for feed in feeds} == {"shipped"}
