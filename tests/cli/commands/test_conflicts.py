"""`conflicts list|resolve`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import Cli, FeedFolder, indicator
from tidegate.cli import diagnostics

Subscribe = Callable[..., FeedFolder]


@pytest.fixture
def edited(cli: Cli, subscribe: Subscribe) -> FeedFolder:
    """A feed of three rows, two of which have fields of a person's."""
    feed = subscribe("acme", [indicator(n) for n in range(3)])
    cli.sync()
    cli("edit", "h1.example.com", "--severity", "Low", "--title", "Ours")
    cli("edit", "h2.example.com", "--severity", "Low")
    return feed


def listed(cli: Cli, *argv: str) -> list[tuple[str, str]]:
    ran = cli("conflicts", "list", "--json", *argv)
    assert ran.code == 0, ran.err
    return sorted((item["value"], item["field"]) for item in ran.lines)


def test_no_conflict_is_said_to_be_none(cli: Cli) -> None:
    ran = cli("conflicts", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "no conflicts" in ran.err
    assert cli("conflicts", "list", "--json").out == ""


def test_both_sides_are_listed_with_the_way_out(cli: Cli, edited: FeedFolder) -> None:
    ran = cli("conflicts", "list")
    assert ran.code == 0
    line = next(line for line in ran.out.splitlines() if ".title" in line)
    assert ("Ours" in line, "Sample 1" in line, "acme" in line) == (True, True, True)
    assert "3 listed" in ran.err
    assert "conflicts resolve ID --mine" in ran.err
    (item,) = cli("conflicts", "list", "--json", "value:h2").lines
    assert (item["mine"], item["theirs"], item["feeds"]) == ("Low", "High", ["acme"])
    assert item["id"].endswith(".severity")
    assert listed(cli, "-value:h2") == [("h1.example.com", "severity"), ("h1.example.com", "title")]
    assert "no conflict matches" in cli("conflicts", "list", "value:h0").err


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_one_conflict_is_settled_without_a_question_and_undone(
    cli: Cli, edited: FeedFolder, choice: str
) -> None:
    (item,) = cli("conflicts", "list", "--json", "value:h2").lines
    ran = cli("conflicts", "resolve", item["id"], f"--{choice}", "--json")
    assert ran.code == 0
    assert (ran.json["applied"], ran.json["choice"]) == (True, choice)
    assert ran.json["plan"] == {"create": 0, "update": 1, "remove": 0}
    assert ran.json["lines"][0]["verdict"] == choice
    assert cli.rows("value:h2")[0]["severity"] == ("Low" if choice == "mine" else "High")
    cli.sync()
    assert len(listed(cli)) == 2
    assert len(listed(cli, "--settled")) == (3 if choice == "mine" else 2)
    assert cli("undo").code == 0
    assert len(listed(cli)) == 3


def test_many_are_shown_and_asked_about(cli: Cli, edited: FeedFolder) -> None:
    ran = cli("conflicts", "resolve", "--all", "--theirs")
    assert ran.code == 3
    assert ran.out.count("h1.example.com") == 2
    assert "add --yes" in ran.err
    assert len(listed(cli)) == 3
    ran = cli("conflicts", "resolve", "--filter", "value:h1", "--theirs", "--yes")
    assert (ran.code, "2 resolved" in ran.err) == (0, True)
    assert listed(cli) == [("h2.example.com", "severity")]
    ran = cli("conflicts", "resolve", "--filter", "value:h1", "--theirs", "--yes")
    assert (ran.code, "no conflict matches" in ran.err) == (0, True)


@pytest.mark.parametrize("which", ["--all", "--filter=value:h1", "h1.example.com"])
def test_a_row_that_a_feed_wants_allowed_takes_a_person_whatever_was_said_before(
    cli: Cli, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    cli("add", "h1.example.com")
    cli("add", "h2.example.com", "--action", "allow")
    allow = 'action = "Allow"\nseverity = "Low"\nexpires = "30d"\n'
    subscribe("keen", [indicator(1)], head="permit_allow = true", default=allow)
    cli.sync()
    resolve = ("conflicts", "resolve", which, "--theirs")
    for more in ([], ["--yes"], ["--yes", "--json"]):
        ran = cli(*resolve, *more)
        assert ran.code == 3
        assert "1 would become Allow, which --yes does not answer\n  → use a terminal" in ran.err
        assert ran.json["applied"] is False if "--json" in more else "h1.example.com" in ran.out
    assert cli(*resolve, "--dry-run").code == 0
    assert cli.rows("value:h1")[0]["action"] == "Alert only"
    asked: list[str] = []
    answers = iter((False, True))

    def ask(question: str) -> bool:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr(diagnostics, "interactive", lambda: True)
    monkeypatch.setattr(diagnostics, "ask", ask)
    ran = cli(*resolve, "--yes")
    assert (ran.code, "not confirmed" in ran.err) == (3, True)
    assert cli(*resolve, "--yes").code == 0
    assert asked == ["1 conflicts, 1 of them Allow: resolve them so?"] * 2
    assert cli.rows("value:h1")[0]["action"] == "Allow"


def test_an_allow_of_a_persons_own_is_kept_with_a_yes(cli: Cli, subscribe: Subscribe) -> None:
    cli("add", "h1.example.com", "--action", "allow")
    subscribe("acme", [indicator(1)])
    cli.sync()
    assert len(listed(cli)) == 1
    assert cli("conflicts", "resolve", "--all", "--mine", "--yes").code == 0
    assert cli.rows("value:h1")[0]["action"] == "Allow"


def test_a_dry_run_decides_nothing(cli: Cli, edited: FeedFolder) -> None:
    policy = (edited.folder / "feed.toml").read_bytes()
    for choice in ("--mine", "--theirs", "--rule"):
        ran = cli("conflicts", "resolve", "--all", choice, "--dry-run", "--read-only")
        assert ran.code == 0
        assert "to be resolved" in ran.err
    assert (edited.folder / "feed.toml").read_bytes() == policy
    assert len(listed(cli)) == 3
    assert len(cli("history", "--json").lines) == 3


def test_a_rule_is_written_and_the_next_sync_is_quiet(cli: Cli, edited: FeedFolder) -> None:
    ran = cli("conflicts", "resolve", "--all", "--rule", "--yes", "--json")
    assert ran.code == 0
    (rule,) = ran.json["rules"]
    assert (rule["feed"], rule["values"]) == ("acme", ["h1.example.com", "h2.example.com"])
    refused = [line for line in ran.json["lines"] if line["verdict"] == "refused"]
    assert [line["field"] for line in refused] == ["title"]
    assert "by hand: Alert and block, Low" in (edited.folder / "feed.toml").read_text()
    assert cli.sync()["plan"]["update"] == 0
    assert listed(cli) == [("h1.example.com", "title")]
    assert "by hand" in cli("why", "h1.example.com").out


def test_what_was_named_is_all_or_nothing(cli: Cli, edited: FeedFolder) -> None:
    policy = (edited.folder / "feed.toml").read_bytes()
    ran = cli("conflicts", "resolve", "h1.example.com", "--rule")
    assert (ran.code, "no rule can say the title" in ran.err) == (2, True)
    assert (edited.folder / "feed.toml").read_bytes() == policy
    assert len(listed(cli)) == 3


def test_a_rule_that_stays_is_named(cli: Cli, edited: FeedFolder) -> None:
    ran = cli("conflicts", "resolve", "h2.example.com", "--rule")
    assert ran.code == 0
    assert "feed acme: a rule for a value in its feed.toml" in ran.err
    assert "stays there when the change is undone" in ran.err


def test_a_bad_decision_is_named(cli: Cli, edited: FeedFolder) -> None:
    for argv, named in (
        (["--mine"], "name IDs, a --filter or --all"),
        (["h1.example.com", "--all", "--mine"], "name IDs, a --filter or --all"),
        (["h1.example.com"], "--mine"),
        (["h1.example.com", "--mine", "--theirs"], "--theirs"),
        (["h0.example.com", "--mine"], "h0.example.com has no conflict"),
        (["nonsense", "--mine"], "nonsense names no conflict"),
        (["--filter", "sev=nonsense", "--mine"], "nonsense"),
    ):
        ran = cli("conflicts", "resolve", *argv)
        assert ran.code == 2, argv
        assert named in ran.err
    assert len(listed(cli)) == 3


def test_read_only_lists_and_decides_nothing(cli: Cli, edited: FeedFolder) -> None:
    assert len(listed(cli, "--read-only")) == 3
    for choice in ("--mine", "--theirs", "--rule"):
        ran = cli("--read-only", "conflicts", "resolve", "--all", choice, "--yes")
        assert (ran.code, "read-only" in ran.err) == (2, True)
    assert len(listed(cli)) == 3


def test_plans_of_the_same_inputs_are_the_same_bytes(cli: Cli, edited: FeedFolder) -> None:
    edited.publish([indicator(n, name="Renamed") for n in range(1, 6)])
    cli("sync", "--dry-run")
    files = [cli.home.parent / name for name in ("a.plan", "b.plan")]
    shown = [cli.process("plan", "--json", "--out", str(path)).out for path in files]
    assert shown[0] == shown[1]
    assert "Renamed" in shown[0]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.fixture
def overlap(cli: Cli, subscribe: Subscribe) -> str:
    """The id of a URL that a person allows, on a name that a feed blocks."""
    subscribe("acme", [indicator(1)])
    cli.sync()
    cli("add", "https://h1.example.com/login", "--action", "allow")
    (item,) = cli("conflicts", "list", "--json").lines
    assert (item["kind"], item["group"]) == ("overlap", "allow against block")
    assert [side["source"] for side in item["sides"]] == ["a person", "acme"]
    return str(item["id"])


def test_rows_that_overlap_are_listed_under_their_group_with_the_rule(
    cli: Cli, overlap: str
) -> None:
    ran = cli("conflicts", "list")
    assert ran.out.startswith("allow against block:\n")
    assert overlap in ran.out
    assert "--pick 1 | 2" in ran.err


def test_a_side_is_picked_by_its_number(cli: Cli, overlap: str) -> None:
    ran = cli("conflicts", "resolve", overlap, "--pick", "2", "--dry-run")
    assert "to be done: h1.example.com: its row is to decide" in ran.err
    ran = cli("conflicts", "resolve", overlap, "--pick", "1")
    assert (ran.code, "kept as it is decided" in ran.err) == (0, True)
    assert cli("conflicts", "list", "--json").out == ""
    assert cli("conflicts", "list", "--settled", "--json").json["settled"] is True
    assert "it is so already" in cli("conflicts", "resolve", overlap, "--pick", "1").err
    ran = cli("conflicts", "resolve", overlap, "--pick", "2", "--json")
    assert (ran.json["applied"], ran.json["plan"]["remove"]) == (True, 1)
    assert "login" not in cli("list").out


def test_a_side_that_there_is_not_and_a_choice_that_means_nothing(
    cli: Cli, overlap: str, edited: FeedFolder
) -> None:
    ran = cli("conflicts", "resolve", overlap, "--mine")
    assert (ran.code, "`--pick 1` keeps what decides" in ran.err) == (2, True)
    assert "pick 1 to 2" in cli("conflicts", "resolve", overlap, "--pick", "7").err
    assert "takes one ID" in cli("conflicts", "resolve", "--all", "--pick", "1").err
    (item,) = cli("conflicts", "list", "--json", "value:h2").lines
    assert "pick 1 to 2" in cli("conflicts", "resolve", item["id"], "--pick", "3").err
    assert cli("conflicts", "resolve", item["id"], "--pick", "2").code == 0
    assert listed(cli, "value:h2") == []
