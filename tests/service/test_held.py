"""The withheld plan: one feed's part may be approved alone, and a calm sync forgets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import Cli, in_home, indicator, write_feed
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.service.held import approve, withheld, withheld_of
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
    assert approve(ws, held.id, "acme").applied.removed == 12
    assert {row["feeds"][0] for row in cli.rows()} == {"bolt"}
    assert approve(ws, held.id).applied.removed == 12
    assert withheld(ws) is None


def test_a_sync_that_holds_nothing_forgets_what_was_held(tmp_path: Path) -> None:
    cli = two_emptied_feeds(tmp_path)
    for number, ident in enumerate(("acme", "bolt")):
        in_home(cli.home, ident).publish([indicator(100 * number + n) for n in range(12)])
    cli.sync()
    assert withheld(Workspace.open(Home(cli.home))) is None


HASHES = ("1" * 64, "2" * 40)


def allowing(tmp_path: Path) -> Cli:
    """A feed that wants two names and a file allowed, which its brake withholds."""
    cli = Cli(tmp_path / "home")
    file = f"[file:hashes.'SHA-256' = '{HASHES[0]}' AND file:hashes.'SHA-1' = '{HASHES[1]}']"
    made = write_feed(
        tmp_path / "keen",
        [indicator(1), indicator(2), indicator(3, file)],
        head="permit_allow = true",
        default='action = "Allow"\nseverity = "Low"\nexpires = "30d"\ngroups = ["lab"]\n',
    )
    cli.subscribe(made.folder)
    cli.sync(code=3)
    return cli


@pytest.mark.parametrize(
    ("suppress", "lands"),
    [
        (["h1.example.com"], {"h2.example.com", HASHES[0]}),
        (["h1.example.com", "--group", "lab"], {"h2.example.com", HASHES[0]}),
        (["h1.example.com", "--group", "office"], {"h1.example.com", "h2.example.com", HASHES[0]}),
        ([HASHES[1]], {"h1.example.com", "h2.example.com"}),
    ],
    ids=["everywhere", "its scope", "another scope", "another hash of it"],
)
def test_a_value_that_was_suppressed_meanwhile_does_not_land(
    tmp_path: Path, suppress: list[str], lands: set[str]
) -> None:
    cli = allowing(tmp_path)
    assert cli("suppress", "add", *suppress).code == 0
    ws = Workspace.open(Home(cli.home))
    held = withheld(ws)
    assert held is not None
    approved = approve(ws, held.id)
    assert approved.suppressed == 3 - len(lands)
    assert (approved.moved_on, approved.applied.created) == (0, len(lands))
    assert cli.values() == lands
    assert cli.sync()["plan"]["remove"] == 0


def test_a_suppressed_row_may_still_leave_and_others_parts_are_not_counted(tmp_path: Path) -> None:
    cli = two_emptied_feeds(tmp_path)
    assert cli("suppress", "add", "h1.example.com").code == 0
    assert cli("edit", "h2.example.com", "--title", "ours").code == 0
    assert cli("edit", "h101.example.com", "--title", "ours").code == 0
    ws = Workspace.open(Home(cli.home))
    held = withheld(ws)
    assert held is not None
    approved = approve(ws, held.id, "acme")
    assert (approved.applied.removed, approved.moved_on, approved.suppressed) == (11, 1, 0)
    assert "h1.example.com" not in cli.values()


def test_a_part_of_what_is_held_is_read_alone(tmp_path: Path) -> None:
    cli = two_emptied_feeds(tmp_path)
    ws = Workspace.open(Home(cli.home))
    held = withheld(ws)
    assert held is not None
    part = withheld_of(ws, {"h3.example.com"})
    assert part is not None
    assert (part.id, part.reason) == (held.id, held.reason)
    assert part.changes == tuple(c for c in held.changes if c.row.value == "h3.example.com")
    assert withheld_of(ws, {"h99.example.com", "example.com"}) is None
    approve(ws, held.id, "acme")
    assert withheld_of(ws, {"h3.example.com"}) is None
    rest = withheld_of(ws, {"h103.example.com"})
    assert rest is not None
    assert rest.id == held.id


def test_a_held_plan_that_is_none_is_told_as_such(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home")
    ws = Workspace.open(Home(cli.home))
    assert withheld_of(ws, {"h1.example.com"}) is None
    ws.store.folder.mkdir(parents=True, exist_ok=True)
    (ws.store.folder / "held.json").write_text('{"changes": ["h1.example.com"]}')
    with pytest.raises(UsageError, match="is no plan of Tidegate"):
        withheld_of(ws, {"h1.example.com"})
