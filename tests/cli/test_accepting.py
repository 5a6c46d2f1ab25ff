"""`--only` and `--op`: some of a plan, from a file, from the ledger and in a sync."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from driving.homes import Cli, FeedFolder, indicator

Subscribe = Callable[..., FeedFolder]


def names(*numbers: int) -> list[dict[str, object]]:
    return [indicator(number) for number in numbers]


def hosts(*numbers: int) -> set[str]:
    return {f"h{number}.example.com" for number in numbers}


def test_some_of_a_plan_file_is_applied_and_the_rest_is_planned_again(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    subscribe("acme", names(1, 2, 3))
    subscribe("other", names(8))
    cli("sync")
    plan = str(tmp_path / "monday.plan.json")
    assert cli("plan", "--out", plan).code == 0
    ran = cli("apply", plan, "--only", "feed:other", "--only", "h2.example.com", "--yes", "--json")
    assert ran.code == 0
    assert ran.json["accepted"] == {"create": 2, "update": 0, "remove": 0, "late": 0, "rest": 2}
    assert (ran.json["plan"]["create"], ran.json["applied"]) == (4, True)
    assert "2 changes wait: the next plan brings what is still wanted" in ran.err
    assert cli.values() == hosts(2, 8)
    # The rest of the file is of a list that is no more; the next plan has it.
    assert cli("apply", plan, "--only", "h1.example.com", "--yes").code == 6
    ran = cli("apply", plan, "--only", "h1.example.com", "--rebase", "--yes")
    assert ran.code == 6  # it touches what the file is about
    assert cli("plan", "--json").json["plan"]["create"] == 2
    assert cli("undo", "--yes").code == 0
    assert cli.values() == set()


def test_some_of_what_is_planned_now_and_of_a_sync_is_applied(
    cli: Cli, subscribe: Subscribe
) -> None:
    feed = subscribe("acme", names(1, 2, 3))
    ran = cli("sync", "--only", "NOT h2.example.com", "--yes", "--json")
    assert (ran.code, ran.json["accepted"]["create"], ran.json["accepted"]["rest"]) == (0, 2, 1)
    feed.publish([indicator(1, name="Else"), *names(2, 3, 4)])
    cli("sync")
    ran = cli("apply", "--op", "update", "--yes")
    assert (ran.code, ran.out) == (0, "added 0, changed 1, removed 0\n")
    assert "2 changes wait" in ran.err
    ran = cli("apply", "--only", "h4.example.com", "--op", "create")
    assert ran.code == 3
    assert "h4.example.com" in ran.out
    assert "h2.example.com" not in ran.out
    assert "planned, nothing applied" in ran.err
    assert cli.values() == hosts(1, 3)


def test_what_finds_no_slot_is_said_with_the_removal_that_it_needs(
    cli: Cli, subscribe: Subscribe
) -> None:
    cli.configure(f"limit = 2\n{cli.config}\n[brake]\npercent = 100\n")
    feed = subscribe("acme", [indicator(1, confidence=10)])
    cli("add", "192.0.2.7")
    cli.sync()
    feed.publish([indicator(1, confidence=10), indicator(9, confidence=90)])
    ran = cli("sync", "--op", "create", "--yes", "--json")
    assert ran.code == 3
    assert ran.json["accepted"] == {"create": 0, "update": 0, "remove": 0, "late": 1, "rest": 1}
    assert (
        "waits: h9.example.com: it finds no slot: the list is full; "
        "accept the removal of h1.example.com for that"
    ) in ran.err
    assert cli.values() == {"192.0.2.7", *hosts(1)}
    assert cli("sync", "--only", "feed:acme", "--yes").code == 0
    assert cli.values() == {"192.0.2.7", *hosts(9)}


def test_what_means_nothing_says_so_and_changes_nothing(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme", names(*range(30)))
    cli.sync()
    feed.publish(names(1, 50))
    cli("sync")
    for wanted, why in (
        ("h77.example.com", "; `tidegate plan` shows all of it"),
        ("h9.example.com", ": the brake holds what is"),
    ):
        ran = cli("apply", "--only", wanted, "--yes", "--json")
        assert ran.json["serial"] is None
        assert f"nothing of this plan is meant{why}" in ran.err
    ran = cli("apply", "--only", "colour:red", "--yes")
    assert (ran.code, "no field is called colour" in ran.err) == (2, True)
    assert len(cli.rows()) == 30
