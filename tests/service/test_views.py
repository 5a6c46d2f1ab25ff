from __future__ import annotations

import os
from pathlib import Path

import pytest

from tidegate.config import Home
from tidegate.errors import ConfigError, TidegateError, UsageError
from tidegate.indicators.filter import FilterError
from tidegate.indicators.sorting import Order
from tidegate.service import views
from tidegate.service.views import LARGEST, View
from tidegate.service.workspace import Workspace

SOON = View("soon", "expires<7d -is:pinned", Order("expires"), ("value", "title:30"))


@pytest.fixture(name="ws")
def _ws(tmp_path: Path) -> Workspace:
    return Workspace.open(Home(tmp_path / "home"))


def test_a_view_comes_back_as_it_was_saved(ws: Workspace) -> None:
    assert views.entries(ws.home) == []
    assert views.save(ws, SOON) is False
    assert views.save(ws, SOON) is True
    assert views.find(ws.home, "soon") == SOON
    assert [entry.view for entry in views.entries(ws.home)] == [SOON]
    assert (ws.home.views_dir / "soon.json").stat().st_mode & 0o077 == 0
    views.delete(ws, "soon")
    with pytest.raises(UsageError, match="no view is called soon"):
        views.find(ws.home, "soon")
    with pytest.raises(UsageError, match="no view is called soon"):
        views.delete(ws, "soon")


def test_two_sessions_lose_nothing_of_each_other(ws: Workspace) -> None:
    other = Workspace.open(ws.home)
    views.save(ws, SOON)
    views.save(other, View("later"))
    views.save(ws, View("third"))
    assert [entry.name for entry in views.entries(other.home)] == ["later", "soon", "third"]


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "x" * 41, "a b", "ü", "a.json"])
def test_a_name_is_never_a_path(ws: Workspace, name: str) -> None:
    for act in (lambda: views.save(ws, View(name)), lambda: views.delete(ws, name)):
        with pytest.raises(UsageError, match="no name for a view"):
            act()


def test_a_filter_that_cannot_be_read_is_not_saved(ws: Workspace) -> None:
    with pytest.raises(FilterError):
        views.save(ws, View("bad", "severty:high"))
    assert views.entries(ws.home) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 99}',
        b'{"format": 1, "filter": 5, "order": "rank", "columns": []}',
        b'{"format": 1, "filter": "", "order": "no-such", "columns": []}',
        b'{"format": 1, "filter": "", "order": "rank", "columns": [1]}',
        b"[" * 100_000,
        b'"' + b"x" * LARGEST + b'"',
    ],
)
def test_a_broken_file_is_listed_and_harms_no_other(ws: Workspace, data: bytes) -> None:
    views.save(ws, SOON)
    (ws.home.views_dir / "broken.json").write_bytes(data)
    broken, good = views.entries(ws.home)
    assert broken.view is None
    assert "\n" not in str(broken.error)
    assert good.view == SOON
    with pytest.raises(TidegateError):
        views.find(ws.home, "broken")
    views.delete(ws, "broken")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_in_the_place_of_a_view_holds_nobody(ws: Workspace) -> None:
    views.save(ws, SOON)
    os.mkfifo(ws.home.views_dir / "pipe.json")
    with pytest.raises(ConfigError, match="no regular file"):
        views.find(ws.home, "pipe")


def test_read_only_saves_nothing(ws: Workspace) -> None:
    views.save(ws, SOON)
    looking = Workspace.open(ws.home, read_only=True)
    with pytest.raises(UsageError, match="read-only"):
        views.save(looking, SOON)
    with pytest.raises(UsageError, match="read-only"):
        views.delete(looking, "soon")
