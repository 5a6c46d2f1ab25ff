"""`history`: narrowed by who, where, when and what, and one step in full."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import Cli, FeedFolder, indicator

Subscribe = Callable[..., FeedFolder]


@pytest.fixture
def filled(cli: Cli, subscribe: Subscribe) -> Cli:
    """A row by hand, then five of a feed."""
    cli("add", "mine.example.com", "--expires", "3d")
    subscribe("acme", [indicator(number) for number in range(5)])
    cli.sync()
    return cli


def serials(cli: Cli, *argv: str) -> list[int]:
    ran = cli("history", "--json", *argv)
    assert ran.code == 0, ran.err
    return [line["serial"] for line in ran.lines]


def test_history_is_newest_first_and_can_be_narrowed(filled: Cli) -> None:
    filled("edit", "h4.example.com", "--severity", "Low")
    steps = filled("history", "--json").lines
    assert [step["serial"] for step in steps] == [3, 2, 1]
    assert [step["door"] for step in steps] == ["edit", "sync", "add"]
    assert (steps[1]["created"], steps[0]["updated"]) == (5, 1)
    change = steps[0]["changes"][0]
    assert (change["before"]["severity"], change["after"]["severity"]) == ("High", "Low")
    touched = filled("history", "mine.example.com", "--json").lines
    assert [step["serial"] for step in touched] == [1]
    assert [s["serial"] for s in filled("history", "-origin:manual", "--json").lines] == [3, 2]
    assert len(filled("history", "--limit", "1", "--json").lines) == 1
    filled("undo")
    assert filled("history", "--json").lines[1]["undone_by"] == 4
    assert "edit h4.example.com" in filled("history").out


def test_nothing_has_happened_yet(cli: Cli) -> None:
    ran = cli("history")
    assert (ran.code, ran.out, ran.err) == (0, "", "nothing has been changed yet\n")


def test_it_is_narrowed_by_door_feed_person_and_time(filled: Cli) -> None:
    filled("edit", "h4.example.com", "--severity", "Low")
    actor = filled("history", "--json").lines[0]["actor"]
    assert serials(filled, "--door", "sync") == [2]
    assert serials(filled, "--feed", "acme") == [3, 2]
    assert serials(filled, "--feed", "acme", "--door", "edit", "--by", actor.upper()) == [3]
    assert serials(filled, "--by", "nobody") == []
    assert serials(filled, "--since", "1h") == [3, 2, 1]
    assert serials(filled, "--until", "1h") == []
    assert serials(filled, "--until", "2026-01-01") == []
    assert serials(filled, "--change", "2..") == [3, 2]
    assert serials(filled, "--change", "1..2", "type:domain", "--limit", "1") == [2]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--since", "yesterday"], "--since: 'yesterday' is no time: write 2026-11-01"),
        (["--until", "2026-13-01"], "--until: '2026-13-01' is not a date"),
        (["--change", "x"], "--change: 'x' is no change: write 12, 12..15"),
        (["--change", "3..2"], "ends before it begins: write 2..3"),
        (["--change", "9"], "there is no change 9"),
        (["colour:red"], "no field is called colour"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    filled: Cli, argv: list[str], said: str
) -> None:
    ran = filled("history", *argv)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_nothing_found_is_said_so(filled: Cli) -> None:
    for argv in (["none.example.com"], ["--by", "nobody"], ["--limit", "0"], ["--change", "8..9"]):
        ran = filled("history", *argv)
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == "no change matches; leave out a part of what was asked\n"


def test_one_step_is_shown_in_full_with_its_suppressions(filled: Cli) -> None:
    filled("edit", "h4.example.com", "--severity", "Low", "--title", "=cmd \x1b[31m")
    shown = filled("history", "--change", "3").out
    assert shown.startswith("change 3  20")
    assert "  edit h4.example.com\n  ~ domain h4.example.com [" in shown
    assert "      severity  High → Low\n" in shown
    assert "      owned     (none) → severity=High, title=Sample 4\n" in shown
    assert "\x1b" not in shown
    assert f"  sum {filled('history', '--json').lines[0]['sum']}\n" in shown
    filled("remove", "h4.example.com", "--reason", "our scanner")
    filled("undo")
    shown = filled("history", "--change", "4..5").out
    assert "  takes back 4\n" in shown
    assert "  undone by 5\n" in shown
    assert "  + suppression of domain h4.example.com [" in shown
    assert "  - suppression of domain h4.example.com [" in shown
    assert "      reason   our scanner\n" in shown


def test_what_was_done_again_has_a_column(filled: Cli) -> None:
    assert "REDONE BY" not in filled("history").out
    filled("undo")
    filled("redo")
    header, *lines = filled("history").out.splitlines()
    assert header.index("UNDONE BY") < header.index("REDONE BY") < header.index("REASON")
    assert lines[0].split()[3] == "redo"
    assert lines[2][header.index("REDONE BY")] == "4"
    step = filled("history", "--json").lines[2]
    assert (step["undone_by"], step["redone_by"]) == (None, 4)


def test_every_line_has_a_digest_of_its_own(filled: Cli) -> None:
    filled("pin", "h4.example.com")
    sums = [step["sum"] for step in filled("history", "--json").lines]
    assert all(len(digest) == 64 for digest in sums)
    assert len(set(sums)) == 3
