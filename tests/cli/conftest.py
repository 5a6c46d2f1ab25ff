"""One empty home for each test, and feeds for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from driving.homes import Cli, FeedFolder, in_home, write_feed

Subscribe = Callable[..., FeedFolder]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command line on an empty home that lets documentation values in."""
    return Cli(tmp_path / "home")


@pytest.fixture
def subscribe(cli: Cli, tmp_path: Path) -> Subscribe:
    """Make a feed, add it to the home, and return its folder there."""

    def make(ident: str, objects: Sequence[object] = (), **options: Any) -> FeedFolder:  # noqa: ANN401 - passed on
        made = write_feed(tmp_path / "made" / ident, objects, **options)
        cli.subscribe(made.folder)
        return in_home(cli.home, ident)

    return make
