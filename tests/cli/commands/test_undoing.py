"""`undo` and `redo`: steps and ranges, asked about when they are large, all of them or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import Cli, FeedFolder, Ran, bundle, indicator
from running import Tidegate
from tidegate.cli import diagnostics

Subscribe = Callable[..., FeedFolder]


@pytest.fixture
def four(cli: Cli) -> Cli:
    """Four rows in four steps."""
    for number in range(4):
        cli("add", f"h{number}.example.com")
    return cli


def test_undo_goes_back_step_by_step(four: Cli) -> None:
    four("edit", "h0.example.com", "--title", "renamed")
    assert four("undo").code == 0
    assert four.rows("h0.example.com")[0]["title"] != "renamed"
    ran = four("undo", "2", "--json")
    assert [line["undoes"] for line in ran.lines] == [4, 3]
    assert [line["serial"] for line in ran.lines] == [7, 8]
    assert all(line["applied"] for line in ran.lines)
    assert four.values() == {"h0.example.com", "h1.example.com"}
    ran = four("undo", "5")
    assert ran.code == 2
    assert "only 2 changes can be undone, not 5" in ran.err
    assert len(four.rows()) == 2
    assert four("undo", "2").code == 0
    assert "nothing to undo" in four("undo").err
    undone = {line["serial"]: line["undone_by"] for line in four("history", "--json").lines}
    assert all(undone[serial] for serial in range(1, 6))


def test_redo_goes_forward_again(four: Cli) -> None:
    four("undo", "3")
    ran = four("redo", "--json")
    assert (ran.json["undoes"], ran.json["redoes"], ran.json["create"]) == (7, 2, 1)
    assert four("redo", "2").code == 0
    assert len(four.rows()) == 4
    ran = four("redo")
    assert (ran.code, ran.out) == (2, "")
    assert "nothing to redo" in ran.err


def test_any_change_or_range_that_fits(four: Cli) -> None:
    assert four("undo", "--change", "2..3").code == 0
    assert four.values() == {"h0.example.com", "h3.example.com"}
    assert four("redo", "--change", "2").code == 0
    assert four("redo", "--change", "5").code == 0
    assert len(four.rows()) == 4
    four("edit", "h1.example.com", "--title", "x")
    before = four.rows()
    ran = four("undo", "--change", "1..4")
    assert (ran.code, ran.out) == (6, "")
    assert "h1.example.com was changed again after change 2, by change 9 (edit h1" in ran.err
    assert four.rows() == before
    assert four("undo", "--change", "1..").code == 0
    assert four.rows() == []


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["undo", "0"], "cannot undo 0 steps"),
        (["undo", "-1"], "cannot undo -1 steps"),
        (["redo", "0"], "cannot redo 0 steps"),
        (["undo", "2", "--change", "1"], "both N and --change"),
        (["undo", "--change", "x"], "'x' is no change"),
        (["undo", "--change", "9"], "there is no change 9"),
        (["redo", "--change", "1"], "change 1 was not taken back"),
        (["redo", "--change", "1.."], "nothing is left to redo of changes 1 to the newest"),
    ],
)
def test_what_cannot_be_meant_is_refused(four: Cli, argv: list[str], said: str) -> None:
    before = four.rows()
    ran = four(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert four.rows() == before


def test_a_dry_run_shows_and_changes_nothing(four: Cli) -> None:
    four("edit", "h0.example.com", "--title", "renamed")
    before = (four.home / "tenants/default/journal.jsonl").read_bytes()
    ran = four("undo", "2", "--dry-run")
    assert ran.code == 0
    assert "title renamed → Added by hand" in ran.out
    assert [line.split()[1] for line in ran.out.splitlines()[1:]] == ["~", "-"]
    assert "would be: undo of change 5" in ran.err
    records = four("undo", "2", "--dry-run", "--json").lines
    assert [(r["undoes"], r["serial"], r["applied"]) for r in records] == [
        (5, None, False),
        (4, None, False),
    ]
    assert records[0]["changes"][0]["after"]["title"] == "Added by hand"
    assert (four.home / "tenants/default/journal.jsonl").read_bytes() == before
    assert [r["reason"] for r in four("undo", "2", "--json").lines] == [
        r["reason"] for r in records
    ]


def test_suppressions_are_shown_in_a_dry_run(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    cli.sync()
    shown = cli("undo", "--dry-run").out
    assert "suppression  h1.example.com" in shown
    assert "1 rows stay away" in cli("undo").err


def large(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(number) for number in range(1_001)])
    cli.sync()


def test_a_bulk_needs_a_yes(cli: Cli, subscribe: Subscribe) -> None:
    large(cli, subscribe)
    ran = cli("undo")
    assert ran.code == 3
    assert "planned, nothing applied: 1,001 rows to undo" in ran.err
    assert "add --yes" in ran.err
    assert "would be: undo of change 1" in ran.err
    ran = cli("undo", "--json")
    assert (ran.code, ran.json["applied"], len(ran.json["changes"])) == (3, False, 1_001)
    assert cli("undo", "--yes").code == 0
    assert cli.rows() == []
    assert cli("redo").code == 3
    assert cli("redo", "--yes").code == 0
    assert len(cli.rows()) == 1_001


def test_rows_of_others_need_a_yes(cli: Cli) -> None:
    path = cli.home.parent / "tenant.json"
    path.write_bytes(bundle([indicator(1)]))
    cli("import", str(path), "--origin", "foreign", "--yes")
    assert cli("undo").code == 3
    assert len(cli.rows()) == 1
    assert cli("undo", "--yes").code == 0
    assert cli.rows() == []


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 3), ("", 3)])
def test_on_a_terminal_it_asks_about_a_feeds_change(
    cli: Cli, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    subscribe("acme", [indicator(1)])
    cli.sync()
    cli("add", "mine.example.com")
    monkeypatch.setattr(diagnostics, "interactive", lambda: True)

    def run(*argv: str) -> Ran:
        return cli(*argv, stdin=answer)

    assert "[y/N]" not in run("undo").err
    ran = run("undo")
    assert "undo of change 1: sync of acme: 1 rows change. Go on? [y/N]" in ran.err
    assert ran.code == code
    assert "-  domain       h1.example.com" in ran.out
    assert len(cli.rows()) == (0 if code == 0 else 1)


def test_a_long_list_does_not_scroll_the_question_away(
    cli: Cli, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(number) for number in range(203)])
    cli.sync()
    rows = 2 * 203  # each leaves a suppression
    assert len(cli("undo", "--dry-run").out.splitlines()) == 1 + rows
    assert len(cli("undo", "--dry-run", "--json").json["changes"]) == 203
    monkeypatch.setattr(diagnostics, "interactive", lambda: True)
    ran = cli("undo", stdin="n\n")
    assert ran.code == 3
    *told, last = ran.out.splitlines()
    assert len(told) == 1 + 20
    assert last == f"… and {rows - 20} more; --dry-run --json lists them"


def test_with_json_one_record_is_written_whatever_the_answer(
    cli: Cli, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1)])
    cli.sync()
    monkeypatch.setattr(diagnostics, "interactive", lambda: True)
    ran = cli("undo", "--json", stdin="n\n")
    assert (ran.code, ran.json["applied"]) == (3, False)
    ran = cli("undo", "--json", stdin="y\n")
    assert (ran.code, ran.json["applied"]) == (0, True)


def test_people_who_undo_at_the_same_time_take_different_steps(four: Cli) -> None:
    runner = Tidegate(four.home)
    running = [runner.start("undo") for _ in range(3)]
    told = [process.communicate(timeout=60)[1] for process in running]
    codes = [process.returncode for process in running]
    undone = [step["undoes"] for step in four("history", "--json").lines if step["undoes"]]
    # Each took one back; none twice. One that was overtaken at each try says so.
    assert set(codes) <= {0, 6}, told
    assert len(undone) == len(set(undone)) == codes.count(0)
    assert len(four.rows()) == 4 - len(undone)
