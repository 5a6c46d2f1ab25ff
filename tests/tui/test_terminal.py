"""The whole thing in a real terminal: tmux draws it, we press keys and read the screen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from driving.homes import in_home, indicator
from driving.terminal import Terminal
from tidegate.config import Home
from tidegate.service import apply, edit
from tidegate.service.workspace import Workspace

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def terminal(home: Path) -> Iterator[Terminal]:
    opened = Terminal(home, 80, 24)
    yield opened
    opened.close()


def test_add_filter_undo_and_leave(terminal: Terminal) -> None:
    terminal.wait_for("The list is empty.")
    terminal.press("a")
    terminal.wait_for("Add an indicator")
    terminal.write("hxxps://evil[.]badsite[.]com/x")
    terminal.wait_for("adds Url https://evil.badsite.com/x")
    terminal.press("Enter")
    terminal.wait_for("1 added")
    terminal.press("/")
    terminal.write("type:ip")
    terminal.wait_for("No indicator matches type:ip")
    terminal.press("Escape")
    terminal.wait_for("1 row\n")
    terminal.press("Enter", "u")
    terminal.wait_for("took back change 1")
    terminal.wait_for("The list is empty.")
    terminal.press("q")
    terminal.wait_for("code=0")


def test_a_mail_is_pasted_in_one_go(terminal: Terminal) -> None:
    terminal.wait_for("The list is empty.")
    terminal.press("p")
    terminal.wait_for("Paste indicators")
    terminal.paste("Seen today:\n45.9.148[.]108\nhxxp://evil[.]badsite[.]com/a\n10.0.0.1\n")
    terminal.wait_for("2 add, 1 refused")
    terminal.press("Tab", "Enter")
    terminal.wait_for("2 added")
    terminal.press("q")
    terminal.wait_for("code=0")


def test_hostile_text_steers_nothing(home: Path) -> None:
    ws = Workspace.open(Home(home))
    evil = "\x1b]52;c;aGVsbG8=\x1b\\\x1b[2J\x1b[H[/red][@click=app.leave]x\x9b2J"
    fields = edit.Fields(title=evil, note=evil, description=evil, groups=(evil,))
    apply.apply(ws, edit.plan_add(ws, ["45.9.148.108"], fields).plan)
    ws.close()
    terminal = Terminal(home, 160, 45)
    try:
        terminal.wait_for("WHY")
        assert "␛]52;c;aGVsbG8=␛\\␛[2J␛[H[/red]" in terminal.screen()
        for key, seen in (("w", "Esc leave"), ("e", "Save ^S")):
            terminal.press(key)
            terminal.wait_for(seen)
            terminal.press("Escape")
            time.sleep(0.3)
        assert "45.9.148.108" in terminal.screen()
        assert terminal.buffers() == ""
        terminal.press("q")
        terminal.wait_for("code=0")
    finally:
        terminal.close()


def test_modes_a_sync_and_an_undo_with_keys_alone(made_home: Path, tmp_path: Path) -> None:
    """What an analyst does in the morning, in the real program."""
    home = tmp_path / "home"
    shutil.copytree(made_home, home)
    in_home(home, "acme-c2").publish([indicator(number) for number in range(1, 8)])
    terminal = Terminal(home, 80, 24, "--tenant", "contoso")
    try:
        terminal.wait_for(">1 List")
        terminal.press("6")
        terminal.wait_for("acme-c2")
        terminal.press("s")
        terminal.wait_for("plan ready")
        terminal.press("p")
        terminal.wait_for("the plan of the sync that waits: +7")  # those of June have expired
        terminal.press("A")
        terminal.wait_for("Apply this plan? +7")
        terminal.press("y")
        terminal.wait_for("synced 1 feed: 7 added")
        terminal.press("7")
        terminal.wait_for("sync of acme-c2")
        terminal.press("u")
        terminal.wait_for("Take back change 7?")
        terminal.press("y")
        terminal.wait_for("undone 8")
        terminal.press(":")
        terminal.wait_for("Tab completes")
        terminal.write("why h5.example.com")
        terminal.press("Enter")
        terminal.wait_for("NOT IN THE TENANT")
        terminal.press("Escape")
        time.sleep(0.3)
        terminal.press("q")
        terminal.wait_for("code=0")
    finally:
        terminal.close()


@pytest.fixture(scope="module")
def full_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenant with every slot taken."""
    home = tmp_path_factory.mktemp("full")
    ws = Workspace.open(Home(home))
    values = [f"host{number}.badsite.com" for number in range(15_000)]
    apply.apply(ws, edit.plan_add(ws, values, edit.Fields()).plan)
    ws.close()
    return home


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 45)])
def test_fifteen_thousand_rows_open_and_filter(full_home: Path, width: int, height: int) -> None:
    terminal = Terminal(full_home, width, height)
    try:
        terminal.wait_for("FULL")
        terminal.wait_for("> domain host0.badsite.com")
        terminal.press("/")
        terminal.write("host1499")
        # One second for eight keystrokes, tmux and a busy machine; idle it is a tenth of that.
        assert terminal.wait_for("11 of 15,000") < 3
        terminal.press("Enter")
        time.sleep(0.2)
        terminal.press("Escape")
        assert terminal.wait_for("15,000 rows") < 3
        terminal.press("G")
        assert terminal.wait_for("host9999.badsite.com") < 3
        terminal.press("q")
        terminal.wait_for("code=0")
    finally:
        terminal.close()
