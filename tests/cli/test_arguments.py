"""The argparse tree: help with an example everywhere, global options on either side, FILTERs."""

from __future__ import annotations

import argparse
import shlex

import pytest

from driving.homes import Cli
from tidegate.cli.arguments import build, parse
from tidegate.errors import UsageError

GLOBALS = ["--home", "/h", "--tenant", "two", "--json", "--read-only", "--verbose"]


def verbs() -> list[tuple[str, ...]]:
    """Every verb, and below `feeds` and `suppress` every second word."""

    def below(parser: argparse.ArgumentParser, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        found = [path]
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, child in action.choices.items():
                    found += below(child, (*path, name))
        return found

    return below(build(), ())


def test_every_verb_of_the_design_is_there() -> None:
    expected = {
        *("demo", "feeds", "sync", "plan", "apply", "suppress", "list", "show", "why", "quota"),
        *("rejections", "add", "edit", "remove", "pin", "unpin", "check", "undo", "history"),
        *("export", "import"),
    }
    assert expected <= {path[0] for path in verbs() if path}


@pytest.mark.parametrize("path", verbs(), ids=" ".join)
def test_help_ends_in_an_example_that_can_be_typed(path: tuple[str, ...]) -> None:
    ran = Cli.bare(*path, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "example:" in ran.out
    example = ran.out.partition("example:\n")[2].splitlines()[0]
    words = shlex.split(example)
    assert words[0] == "tidegate"
    assert tuple(words[1 : 1 + len(path)]) == path
    parse(words[1:])


def complete(path: tuple[str, ...]) -> list[str]:
    """A command line of this verb that parses: its own example."""
    text = Cli.bare(*path, "--help").out.partition("example:\n")[2].splitlines()[0]
    return shlex.split(text)[1:]


@pytest.mark.parametrize("path", [p for p in verbs() if p], ids=" ".join)
def test_global_options_stand_before_or_after_the_verb(path: tuple[str, ...]) -> None:
    line = complete(path)
    for argv in ([*GLOBALS, *line], [*line, *GLOBALS], [*GLOBALS[:4], *line, *GLOBALS[4:]]):
        args = parse(argv)
        assert (args.home, args.tenant) == ("/h", "two")
        assert args.json
        assert args.read_only
        assert args.verbose


def test_the_later_home_wins() -> None:
    assert parse(["--home", "/a", "list", "--home", "/b"]).home == "/b"


@pytest.mark.parametrize(
    ("argv", "filter_text"),
    [
        (["list", "-feed:acme"], "-feed:acme"),
        (["list", "type:ip", "-feed:acme", "-is:pinned"], "type:ip -feed:acme -is:pinned"),
        (["list", "-feed:acme", "--json", "--limit", "5"], "-feed:acme"),
        (["--json", "list", "--limit", "5", "-feed:acme"], "-feed:acme"),
        (["list", "-x"], "-x"),
        (["list", "--", "-feed:acme"], "-feed:acme"),
        (["list", "NOT", "feed:acme"], "NOT feed:acme"),
        (["history", "-value:a.example.com"], "-value:a.example.com"),
    ],
)
def test_a_filter_may_begin_with_a_hyphen(argv: list[str], filter_text: str) -> None:
    assert " ".join(parse(argv).filter) == filter_text


@pytest.mark.parametrize("verb", ["edit", "remove", "export"])
def test_a_filter_option_may_begin_with_a_hyphen(verb: str) -> None:
    rest = ["--out", "x"] if verb == "export" else []
    assert parse([verb, "--filter", "-has:note type:ip", *rest]).filter == "-has:note type:ip"
    assert parse([verb, *rest, "--filter=-has:note"]).filter == "-has:note"


def test_texts_may_begin_with_a_hyphen_too() -> None:
    args = parse(["edit", "x", "--title", "-C2-", "--note", "- see ticket", "--group", "-a"])
    assert (args.title, args.note, args.group) == ("-C2-", "- see ticket", ["-a"])
    assert parse(["remove", "x", "--reason", "-"]).reason == "-"


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["lst"], "lst"),
        (["list", "--limt", "5"], "--limt"),
        (["list", "--limit", "many"], "many"),
        (["list", "--limit", "-5"], "-5 is negative"),
        (["history", "--limit", "-1"], "-1 is negative"),
        (["history", "--limit=-1"], "-1 is negative"),
        (["show"], "ITEM"),
        (["feeds"], "list|show|report|add|enable|disable|check"),
        (["feeds", "frobnicate"], "frobnicate"),
        (["import", "f", "--origin", "feed"], "feed"),
        (["undo", "two"], "two"),
        (["sync", "--y"], "--y"),
    ],
)
def test_a_command_line_that_cannot_be_read_is_named(argv: list[str], named: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(argv)
    assert named in caught.value.message
    assert "\x00" not in caught.value.message
    assert "x00" not in caught.value.message
    assert "--help" in caught.value.hint


def test_no_line_of_help_is_wider_than_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for verb in verbs():
        with pytest.raises(SystemExit):
            build().parse_args([*verb, "--help"])
        shown = capsys.readouterr().out
        example = shown.index("  tidegate ", shown.index("example:"))
        lines = shown[:example].splitlines() + shown[example:].splitlines()[1:]
        assert all(len(line) <= 80 for line in lines), verb
