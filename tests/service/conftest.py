"""A workspace whose clock the test turns, and feeds for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, in_home, write_feed
from tidegate.config import Home
from tidegate.service.workspace import Workspace


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that lets documentation values in."""
    made = Home(tmp_path / "home")
    made.ensure()
    made.config_file.write_text(DOCUMENTATION, "utf-8")
    return made


@pytest.fixture
def ws(home: Home, watch: Watch) -> Iterator[Workspace]:
    opened = Workspace.open(home, clock=watch)
    yield opened
    opened.close()


@pytest.fixture
def subscribe(home: Home, watch: Watch) -> Callable[..., FeedFolder]:
    """Write a feed into the home; its bundle is as old as the watch says."""

    def make(ident: str, objects: Sequence[object] = (), **options: Any) -> FeedFolder:  # noqa: ANN401 - passed on
        write_feed(home.feeds_dir / ident, objects, **options)
        made = in_home(home.root, ident)
        made.publish(objects, watch.now)
        return made

    return make
