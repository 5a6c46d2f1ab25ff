from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.config import Home
from tidegate.indicators.sorting import Order
from tidegate.service import layouts
from tidegate.service.layouts import Layout
from tidegate.service.workspace import Workspace


@pytest.fixture(name="ws")
def _ws(tmp_path: Path) -> Workspace:
    return Workspace.open(Home(tmp_path / "home"))


def test_what_is_kept_comes_back(ws: Workspace) -> None:
    assert layouts.load(ws) == (Layout(), "")
    layouts.keep(ws, mode="quota", order=Order("expires", down=True), columns=("value", "id:9"))
    layouts.keep(ws, facets=True, theme="contrast", filter="type:ip sev>=low")
    kept = Layout(
        "quota", Order("expires", down=True), ("value", "id:9"), True, "contrast",
        "type:ip sev>=low",
    )  # fmt: skip
    assert layouts.load(ws) == (kept, "")
    assert ws.home.layout_file.stat().st_mode & 0o077 == 0


def test_a_session_changes_only_what_it_changed(ws: Workspace) -> None:
    other = Workspace.open(ws.home)
    layouts.keep(ws, theme="contrast")
    layouts.keep(other, mode="bench")
    assert layouts.load(ws)[0] == Layout(mode="bench", theme="contrast")


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"{}", b"null", b'{"format": 1, "mode": 7}', b'{"format": 2}',
     b'{"format": 1, "order": "no-such"}', b'{"format": 1, "columns": "value"}',
     b'{"format": 1, "filter": ["type:ip"]}', b"[" * 70_000],
)  # fmt: skip
def test_a_broken_or_foreign_file_is_put_aside_with_one_line(ws: Workspace, data: bytes) -> None:
    ws.home.layout_file.write_bytes(data)
    looking = Workspace.open(ws.home, read_only=True)
    layout, note = layouts.load(looking)
    assert layout == Layout()
    assert "is not used" in note
    assert ws.home.layout_file.read_bytes() == data
    layout, note = layouts.load(ws)
    assert layout == Layout()
    assert "put aside as layout.json.broken" in note
    assert "\n" not in note
    assert (ws.home.root / "layout.json.broken").read_bytes() == data
    assert layouts.load(ws) == (Layout(), "")


def test_read_only_keeps_nothing(ws: Workspace) -> None:
    looking = Workspace.open(ws.home, read_only=True)
    layouts.keep(looking, mode="bench")
    assert not ws.home.layout_file.exists()


def test_a_folder_in_its_place_keeps_nobody_from_working(ws: Workspace) -> None:
    ws.home.layout_file.mkdir()
    layout, note = layouts.load(ws)
    assert layout == Layout()
    assert note
