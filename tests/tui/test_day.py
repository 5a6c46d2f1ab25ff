"""An analyst's day in the real program: filter, mark 20, bulk-set an action, undo, review, quit.

Every step waits for what is on the screen, and the command line says what is on the disk in the
end.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from driving.homes import Cli, in_home, indicator, write_feed
from driving.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

DOMAINS, ADDRESSES, MARKED = 30, 12, 20


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """A home with a synced feed of 42 rows that says of late that h1 is renamed and h90 is new."""
    cli = Cli(tmp_path / "home")
    said = [indicator(n) for n in range(DOMAINS)]
    said += [indicator(100 + n, f"[ipv4-addr:value = '192.0.2.{n + 1}']") for n in range(ADDRESSES)]
    cli.subscribe(write_feed(tmp_path / "acme-c2", said, title="Acme C2").folder)
    assert cli.sync()["plan"]["create"] == DOMAINS + ADDRESSES
    said[1] = indicator(1, name="Renamed")
    in_home(cli.home, "acme-c2").publish([*said, indicator(90), indicator(91)])
    assert cli("sync").code == 3  # heard and planned, nothing applied
    return cli


@pytest.fixture
def open_at(cli: Cli) -> Iterator[Callable[[int, int], Terminal]]:
    opened: list[Terminal] = []

    def make(width: int, height: int) -> Terminal:
        opened.append(Terminal(cli.home, width, height))
        return opened[-1]

    yield make
    for terminal in opened:
        terminal.close()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 45)])
def test_filter_mark_bulk_undo_review_and_quit(
    cli: Cli, open_at: Callable[[int, int], Terminal], width: int, height: int
) -> None:
    terminal = open_at(width, height)
    terminal.wait_for(f"{DOMAINS + ADDRESSES} rows")
    terminal.send("/")
    terminal.wait_for_caret(1)
    terminal.write("type:domain")
    terminal.wait_for(f"{DOMAINS} of {DOMAINS + ADDRESSES}")
    terminal.send("Enter")
    terminal.wait_for_cursor("> domain h0.example.com")
    terminal.send(*(["Space", "j"] * MARKED))
    terminal.wait_for(f"{MARKED} marked, 0 hidden")

    terminal.send("b")
    terminal.wait_for(f"Change {MARKED} marked rows")
    terminal.send("Enter")
    terminal.wait_for("Allow")
    terminal.send("Down", "Down", "Enter")
    terminal.wait_for(f"Alert and block → Alert only  {MARKED}×")
    terminal.send("C-s")
    terminal.wait_for(f"{MARKED} changed", gone=f"Change {MARKED} marked rows")
    assert len(cli.rows("action:alert")) == MARKED

    terminal.send("u")
    terminal.wait_for("took back change 2")
    assert cli.rows("action:alert") == []

    terminal.send("2")
    terminal.wait_for("what a sync would apply now: +2 ~1 -0")
    terminal.send("n", "+", "A")  # the first row alone
    terminal.wait_for("Apply 1 of 3 changes? +1 ~0 -0")
    terminal.send("y")
    terminal.wait_for("what a sync would apply now: +1 ~1 -0")
    terminal.send("q")
    terminal.wait_for("code=0")

    assert len(cli.rows()) == DOMAINS + ADDRESSES + 1
    assert cli.values("h90.example.com") == {"h90.example.com"}
    assert cli.rows("title:Renamed") == []
    serials = [line["door"] for line in cli("history", "--json").lines]
    assert serials == ["sync", "undo", "edit", "sync"]
    assert cli("doctor").code == 0
