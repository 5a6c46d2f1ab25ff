"""The process around the commands: version, Ctrl-C, a reader that went away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from running import Tidegate
from tidegate import __main__, __version__
from tidegate.cli import main as cli
from tidegate.tui import app

OpenApp = Callable[..., int]


def test_version_is_one_line_on_stdout(tidegate: Tidegate) -> None:
    done = tidegate.run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tidegate {__version__}\n", "")
    assert not tidegate.home.exists()


def test_arguments_reach_the_command_line_and_its_code_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Sequence[str]] = []

    def run(arguments: Sequence[str], open_app: OpenApp) -> int:
        seen.append(arguments)
        return 7

    monkeypatch.setattr(cli, "main", run)
    monkeypatch.setattr(sys, "argv", ["tidegate", "sync", "--json"])
    assert __main__.main() == 7
    assert seen == [["sync", "--json"]]


def test_the_terminal_interface_is_what_the_command_line_may_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[object] = []

    def run_app(workspace: object, **_wishes: bool) -> int:
        opened.append(workspace)
        return 0

    def run(arguments: Sequence[str], open_app: OpenApp) -> int:
        return open_app("the workspace")

    monkeypatch.setattr(app, "run", run_app)
    monkeypatch.setattr(cli, "main", run)
    monkeypatch.setattr(sys, "argv", ["tidegate"])
    assert __main__.main() == 0
    assert opened == ["the workspace"]


def test_ctrl_c_ends_with_130_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(arguments: Sequence[str], open_app: OpenApp) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", run)
    monkeypatch.setattr(sys, "argv", ["tidegate", "list"])
    assert __main__.main() == 130
    assert capsys.readouterr().err == "tidegate: interrupted\n"


def test_a_reader_that_went_away_is_no_fault(tidegate: Tidegate) -> None:
    wordy = (
        "import sys, tidegate.cli.main as cli, tidegate.__main__ as process\n"
        "cli.main = lambda arguments, open_app: print('x' * 1_000_000) or 0\n"
        "sys.argv = ['tidegate', 'list']\n"
        "sys.exit(process.main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", wordy],
        env=tidegate.env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
