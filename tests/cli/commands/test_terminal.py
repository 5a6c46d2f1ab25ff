"""No verb: the terminal UI, where there is a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import Cli
from tidegate.cli import diagnostics
from tidegate.cli.main import main
from tidegate.service.workspace import Workspace


def test_without_a_terminal_it_says_what_to_do(cli: Cli) -> None:
    ran = cli()
    assert ran.code == 2
    assert "the terminal UI needs a terminal" in ran.err
    assert "tidegate --help" in ran.err


def test_with_a_terminal_it_opens_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "on_screen", lambda: True)
    opened: list[Workspace] = []

    def app(ws: Workspace) -> int:
        opened.append(ws)
        return 5

    assert main(["--home", str(tmp_path / "h"), "--tenant", "two", "--read-only"], app) == 5
    assert (opened[0].home.root, opened[0].tenant) == (tmp_path / "h", "two")
    assert opened[0].read_only
