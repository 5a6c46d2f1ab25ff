"""What goes to stderr."""

from __future__ import annotations

import io

import pytest

from tidegate.cli import diagnostics
from tidegate.errors import ConfigError, ExitCode, HeldBack, TidegateError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_an_error_says_what_and_the_fix(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnostics.error(ConfigError("config.toml: no\x1b[31m", "mend it")) == ExitCode.USAGE
    assert diagnostics.error(HeldBack("held")) == ExitCode.HELD
    assert diagnostics.error(TidegateError("x")) == ExitCode.INTERNAL
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "tidegate: config.toml: no␛[31m\n  → mend it\ntidegate: held\ntidegate: x\n"
    )


def test_on_a_terminal_errors_and_notes_are_broken_between_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("COLUMNS", "80")
    diagnostics.error(ConfigError("word " * 30, "fix " * 30))
    diagnostics.note("note " * 30)
    lines = shown.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert {word for line in lines for word in line.split()} == {
        *("tidegate:", "word", "→", "fix", "note")
    }
    assert lines[3].startswith("    fix")


def test_progress_is_silent_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    diagnostics.progress("acme: 5,000 objects")
    diagnostics.note("done")
    assert capsys.readouterr().err == "done\n"


def test_progress_keeps_to_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    diagnostics.progress("first\nsecond " + "x" * 200)
    text = shown.getvalue()
    assert "\n" not in text
    assert len(text) < 90
    diagnostics.note("done")
    diagnostics.note("again")
    assert shown.getvalue() == text + "\r\x1b[Kdone\nagain\n"


def test_only_yes_is_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    meant = {}
    for answer in ("y\n", " YES \n", "n\n", "", "\n", "yesterday\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        meant[answer] = diagnostics.ask("Apply?")
    assert [answer for answer, yes in meant.items() if yes] == ["y\n", " YES \n"]


def test_somebody_can_be_asked_only_when_they_see_and_can_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for given, shown, expected in (
        (Terminal(), Terminal(), True),
        (io.StringIO(), Terminal(), False),
        (Terminal(), io.StringIO(), False),
    ):
        monkeypatch.setattr("sys.stdin", given)
        monkeypatch.setattr("sys.stderr", shown)
        assert diagnostics.interactive() is expected
