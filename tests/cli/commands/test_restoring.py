"""`snapshots`, `restore`: what there is, going back, and bringing back a damaged list."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import DOCUMENTATION, Cli, FeedFolder, indicator
from tidegate.cli import diagnostics

Subscribe = Callable[..., FeedFolder]

MANY = 12
"""Rows enough for a bulk change, before which a snapshot is taken."""


@pytest.fixture
def ids(cli: Cli) -> list[str]:
    """Three rows, then many more, then those removed: the snapshots, newest first."""
    assert cli("add", *(f"h{n}.example.com" for n in range(3))).code == 0
    assert cli("add", *(f"m{n}.example.com" for n in range(MANY)), "--title", "bulk").code == 0
    assert cli("remove", "--filter", "title:bulk", "--yes").code == 0
    return [line["id"] for line in cli("snapshots", "--json").lines]


def tenant(cli: Cli) -> Path:
    return cli.home / "tenants" / "default"


def spoil(path: Path) -> bytes:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return bytes(data)


def test_before_the_first_change_it_says_when_there_will_be_one(cli: Cli) -> None:
    ran = cli("snapshots")
    assert (ran.code, ran.out) == (0, "")
    assert "no snapshot yet: one is taken with the first change" in ran.err
    assert cli("snapshots", "--json").lines == []


def test_the_table_names_each_and_how_to_go_back(cli: Cli, ids: list[str]) -> None:
    ran = cli("snapshots")
    head, newest, oldest = ran.out.splitlines()
    assert head.split() == ["ID", "CHANGE", "TAKEN", "ROWS", "WHY"]
    assert newest.split()[:2] == [ids[0], "2"]
    assert newest.split()[3] == str(3 + MANY)
    assert "before " in newest
    assert oldest.endswith("the first")
    assert f"tidegate restore {ids[0]}" in ran.err
    lines = cli("snapshots", "--json").lines
    assert [line["serial"] for line in lines] == [2, 1]
    assert set(lines[0]) == {"id", "serial", "lineage", "at", "reason", "rows", "path", "fault"}


def test_a_damaged_snapshot_is_listed_with_its_fault(cli: Cli, ids: list[str]) -> None:
    spoil(tenant(cli) / "snapshots" / f"{ids[0]}.json")
    assert [bool(line["fault"]) for line in cli("snapshots", "--json").lines] == [True, False]
    assert "checksum" in cli("snapshots").out


def test_going_back_is_a_change_like_any_other(cli: Cli, ids: list[str]) -> None:
    before = cli.rows()
    ran = cli("restore", ids[0])
    assert ran.code == 0
    assert f"restore of snapshot {ids[0]}, the list as of change 2" in ran.err
    assert f"{MANY} added" in ran.err
    assert len(cli.rows()) == 3 + MANY
    assert cli("history", "--json").lines[0]["door"] == "restore"
    assert cli("restore", ids[0]).err.endswith("nothing to change\n")
    assert cli("undo").code == 0
    assert cli.rows() == before


def test_a_dry_run_shows_each_row_and_changes_nothing(cli: Cli, ids: list[str]) -> None:
    ran = cli("restore", ids[0], "--dry-run")
    assert ran.code == 0
    assert [line.split()[:3] for line in ran.out.splitlines()[1:]].count(
        ["add", "domain", "m7.example.com"]
    ) == 1
    assert f"{MANY} to add" in ran.err
    ran = cli("restore", ids[0], "--dry-run", "--json")
    assert ran.json["plan"] == {"create": MANY, "update": 0, "remove": 0}
    assert ran.json["applied"] is False
    assert len(cli.rows()) == 3


def test_at_a_terminal_it_is_asked_about(
    cli: Cli, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = iter([False, True])

    def ask(question: str) -> bool:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr(diagnostics, "interactive", lambda: True)
    monkeypatch.setattr(diagnostics, "ask", ask)
    assert cli("restore", ids[0]).code == 3
    assert len(cli.rows()) == 3
    assert cli("restore", ids[0]).code == 0
    assert asked == [f"{MANY} rows: restore them?"] * 2
    assert len(cli.rows()) == 3 + MANY


def test_an_allow_among_the_rows_needs_a_yes(cli: Cli, ids: list[str]) -> None:
    cli("add", "let.example.com", "--action", "allow")
    cli("edit", "--filter", "type:domain", "--note", "x", "--yes")
    cli("add", *(f"k{n}.example.com" for n in range(MANY)))  # a snapshot with the Allow in it
    cli("remove", "let.example.com")
    newest = cli("snapshots", "--json").lines[0]["id"]
    ran = cli("restore", newest)
    assert ran.code == 3
    assert "1 of them Allow" in ran.err
    assert "let.example.com" not in cli.values()
    assert cli("restore", newest, "--yes").code == 0
    assert "let.example.com" in cli.values()


def test_what_stays_out_is_said_and_of_much_the_beginning(cli: Cli, ids: list[str]) -> None:
    cli.configure(f'{DOCUMENTATION}[own]\ndomains = ["m1.example.com", "m2.example.com"]\n')
    ran = cli("restore", ids[0])
    assert ran.code == 0
    assert ran.err.count("left out: guard own refuses m") == 2
    assert len(cli.rows()) == 3 + MANY - 2
    cli("undo")
    values = ", ".join(f'"m{n}.example.com"' for n in range(MANY))
    cli.configure(f"{DOCUMENTATION}[own]\ndomains = [{values}]\n")
    ran = cli("restore", ids[0], "--dry-run")
    assert ran.err.count("left out: guard") == 5
    assert f"left out: {MANY - 5} more" in ran.err


def test_suppressions_go_back_too_and_that_is_said(cli: Cli, ids: list[str]) -> None:
    cli("suppress", "add", "noise.example.com")
    ran = cli("restore", ids[1])
    assert ran.code == 0
    assert "suppressions that come or go: 1" in ran.err
    assert cli("suppress", "list", "--json").lines == []


def test_a_snapshot_of_another_list_needs_to_be_meant(
    cli: Cli, ids: list[str], tmp_path: Path
) -> None:
    other = Cli(tmp_path / "other")
    other("add", "theirs.example.com")
    theirs = other("snapshots", "--json").lines[0]
    shutil.copy(theirs["path"], tenant(cli) / "snapshots")
    ran = cli("restore", theirs["id"])
    assert ran.code == 2
    assert "of another list" in ran.err
    assert "--force-lineage" in ran.err
    assert len(cli.rows()) == 3
    assert cli("restore", theirs["id"], "--force-lineage").code == 0
    assert cli.values() == {"theirs.example.com"}
    assert cli("undo").code == 0
    assert len(cli.rows()) == 3


def test_all_snapshots_are_checked_and_one_bad_is_exit_4(cli: Cli, ids: list[str]) -> None:
    ran = cli("restore", "--verify-all")
    assert (ran.code, ran.out) == (0, "".join(f"{ident}  good\n" for ident in ids))
    spoil(tenant(cli) / "snapshots" / f"{ids[1]}.json")
    ran = cli("restore", "--verify-all")
    assert ran.code == 4
    assert f"{ids[0]}  good" in ran.out
    assert "checksum" in ran.out
    assert "1 snapshot is no good" in ran.err
    ran = cli("restore", "--verify-all", "--json")
    assert ran.code == 4
    assert [bool(line["wrong"]) for line in ran.lines] == [False, True]
    assert cli("restore", ids[1]).code == 4
    assert len(cli.rows()) == 3


@pytest.mark.parametrize(
    "argv", [["nope"], [], ["0"], ["000001", "--verify-all"], [""]], ids=" ".join
)
def test_what_names_no_snapshot_is_a_usage_error(cli: Cli, ids: list[str], argv: list[str]) -> None:
    ran = cli("restore", *argv)
    assert ran.code == 2
    assert "tidegate snapshots" in ran.err
    assert len(cli.rows()) == 3


@pytest.mark.parametrize("name", ["journal.jsonl", "tenant.json"])
@pytest.mark.parametrize("zeroed", [False, True])
def test_a_damaged_list_is_refused_named_and_brought_back(
    cli: Cli,
    ids: list[str],
    name: str,
    zeroed: bool,  # noqa: FBT001 - a table
) -> None:
    rows = cli.rows()
    path = tenant(cli) / name
    if zeroed:
        path.write_bytes(b"")
    spoilt = path.read_bytes() if zeroed else spoil(path)
    for argv in (["list"], ["add", "h9.example.com"], ["undo"]):
        ran = cli(*argv)
        assert ran.code == 4
        assert f"the last good snapshot is {ids[0]}" in ran.err
        assert f"tidegate restore {ids[0]}" in ran.err
    assert path.read_bytes() == spoilt
    assert cli("doctor").code == 4
    assert cli("restore", ids[0], "--read-only").code == 2
    assert "would be brought back" in cli("restore", ids[0], "--dry-run").err
    assert path.read_bytes() == spoilt
    ran = cli("restore", ids[0], "--json")
    assert ran.code == 0
    assert (ran.json["recovered"], ran.json["rows"]) == (True, 3)
    assert "damaged: " in ran.err
    assert (Path(ran.json["kept"]) / name).read_bytes() == spoilt
    assert cli.rows() == rows
    assert cli("doctor").code == 0
    assert cli("restore", "--verify-all").code == 0
    if name == "journal.jsonl":  # else the journal was whole, and there was nothing to note
        newest = cli("history", "--json").lines[0]
        assert newest["door"] == "recovery"
        assert Path(ran.json["kept"]).name in newest["reason"]
        assert cli("undo", "--change", str(newest["serial"])).code == 2
    assert cli("add", "h9.example.com").code == 0
    assert cli("undo").code == 0


def test_a_feeds_rows_survive_the_way_back_and_the_next_sync(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(n) for n in range(MANY)])
    cli.sync()
    cli("edit", "--filter", "feed:acme", "--severity", "Low", "--yes")
    newest = cli("snapshots", "--json").lines[0]["id"]
    assert cli("restore", newest).code == 0
    assert {row["severity"] for row in cli.rows()} == {"High"}
    report = cli.sync()
    assert not any(report["plan"][op] for op in ("create", "update", "remove"))
