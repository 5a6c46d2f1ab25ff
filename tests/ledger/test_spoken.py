"""What feeds say now of values on the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from driving.homes import DOCUMENTATION, Watch, indicator, write_feed
from tidegate.config import Home
from tidegate.ledger.spoken import candidates_of, objects_of
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Open = Callable[[], Workspace]


@pytest.fixture(name="ws")
def _ws(tmp_path: Path) -> Iterator[Workspace]:
    home = Home(tmp_path / "home")
    home.ensure()
    home.config_file.write_text(DOCUMENTATION, "utf-8")
    write_feed(home.feeds_dir / "acme", [indicator(n) for n in range(3)])
    write_feed(home.feeds_dir / "other", [indicator(1, name="Another word")])
    ws = Workspace.open(home, clock=Watch())
    sync(ws)
    yield ws
    ws.close()


def test_every_feed_that_speaks_of_a_value_is_heard(ws: Workspace) -> None:
    found = candidates_of(ws.ledger, ["h1.example.com", "h2.example.com", "nobody.example.com"])
    assert {v: [c.feed for c in said] for v, said in found.items()} == {
        "h1.example.com": ["acme", "other"],
        "h2.example.com": ["acme"],
    }


def test_objects_come_as_delivered_and_from_their_feed_alone(ws: Workspace) -> None:
    one, two = indicator(1)["id"], indicator(2)["id"]
    found = objects_of(ws.ledger, [("other", one), ("other", two), ("acme", two)])
    assert found == {
        ("other", one): indicator(1, name="Another word"),
        ("acme", two): indicator(2),
    }
