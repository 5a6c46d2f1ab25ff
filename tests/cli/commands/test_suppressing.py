"""`suppress list|add|remove`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import Cli, FeedFolder, indicator

Subscribe = Callable[..., FeedFolder]


def test_a_suppressed_value_never_comes_in(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    ran = cli("suppress", "add", "h1[.]example[.]com", "--reason", "our scanner", "--until", "30d")
    assert ran.code == 0
    assert "the next sync obeys" in ran.err
    report = cli.sync()
    assert (report["plan"]["suppressed"], cli.values()) == (1, {"h2.example.com"})
    note = cli("suppress", "list", "--json").lines[0]
    assert (note["value"], note["reason"]) == ("h1.example.com", "our scanner")
    assert note["until"]
    assert "our scanner" in cli("suppress", "list").out
    assert cli("suppress", "remove", "h1.example.com").code == 0
    assert cli.sync()["plan"]["create"] == 1


def test_a_row_that_is_suppressed_later_leaves_with_the_reason(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    cli.sync()
    cli("suppress", "add", "h1.example.com")
    assert cli.sync()["plan"]["remove"] == 1
    assert cli("history", "--json").lines[0]["changes"][0]["reason"] == "suppressed by hand"


def test_suppressions_are_undone_like_anything_else(cli: Cli) -> None:
    cli("suppress", "add", "h1.example.com")
    assert cli("undo").code == 0
    assert cli("suppress", "list", "--json").lines == []
    ran = cli("suppress", "list")
    assert (ran.out, ran.err) == ("", "nothing is suppressed\n")


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["add", "what?"], "what?"),
        (["add", "h1.example.com", "--until", "soon"], "--until"),
        (["remove", "h1.example.com"], "h1.example.com is not suppressed"),
        (["remove", "what?"], "what?"),
    ],
)
def test_a_bad_suppression_is_named(cli: Cli, argv: list[str], named: str) -> None:
    ran = cli("suppress", *argv)
    assert ran.code == 2
    assert named in ran.err
    assert cli("suppress", "list", "--json").lines == []


def test_all_suppressions_of_an_undone_sync_are_lifted_at_once(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(n) for n in range(3)])
    cli.sync()
    told = cli("undo").err
    assert "3 rows stay away from now on" in told
    assert cli.sync()["plan"]["suppressed"] == 3
    assert cli("suppress", "remove").code == 2
    assert cli("suppress", "remove", "--all").code == 0
    assert cli.sync()["plan"]["create"] == 3
