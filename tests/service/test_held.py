"""The withheld plan: one feed's part may be approved alone, and a calm sync forgets it."""

from __future__ import annotations

from pathlib import Path

from driving.homes import Cli, in_home, indicator, write_feed
from tidegate.config import Home
from tidegate.service.held import approve, withheld
from tidegate.service.workspace import Workspace


def two_emptied_feeds(tmp_path: Path) -> Cli:
    cli = Cli(tmp_path / "home")
    for number, ident in enumerate(("acme", "bolt")):
        rows = [indicator(100 * number + n) for n in range(12)]
        cli.subscribe(write_feed(tmp_path / ident, rows).folder)
    cli.sync()
    for ident in ("acme", "bolt"):
        in_home(cli.home, ident).publish([])
    cli.sync(code=3)
    return cli


def test_one_feeds_part_can_be_approved_alone(tmp_path: Path) -> None:
    cli = two_emptied_feeds(tmp_path)
    ws = Workspace.open(Home(cli.home))
    held = withheld(ws)
    assert held is not None
    assert approve(ws, held.id, "acme").removed == 12
    assert {row["feeds"][0] for row in cli.rows()} == {"bolt"}
    assert approve(ws, held.id).removed == 12
    assert withheld(ws) is None


def test_a_sync_that_holds_nothing_forgets_what_was_held(tmp_path: Path) -> None:
    cli = two_emptied_feeds(tmp_path)
    for number, ident in enumerate(("acme", "bolt")):
        in_home(cli.home, ident).publish([indicator(100 * number + n) for n in range(12)])
    cli.sync()
    assert withheld(Workspace.open(Home(cli.home))) is None
