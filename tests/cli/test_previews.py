"""Showing a preview, asking, applying, telling."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import Cli, bundle, indicator
from strategies.builders import create, plan, remove, row
from tidegate.cli import diagnostics, previews
from tidegate.cli.previews import line_record
from tidegate.errors import StalePlan
from tidegate.indicators.kinds import Action, IndicatorType
from tidegate.indicators.plan import Change
from tidegate.service.preview import Line


def test_a_line_has_these_names() -> None:
    line = Line("T", IndicatorType.URL, "v", "add", "d", 3, ("w",), "h")
    assert line_record(line) == {
        "line": 3,
        "text": "T",
        "type": IndicatorType.URL,
        "value": "v",
        "verdict": "add",
        "detail": "d",
        "warnings": ("w",),
        "hint": "h",
    }


def test_a_yes_said_before_answers_all_but_what_becomes_allow() -> None:
    block, allow = row(1), row(1, action=Action.ALLOW)
    for changes, count in (
        (create(block), 0),
        (create(allow), 1),
        ((Change(block, allow, "x"),), 1),
        ((Change(allow, allow, "x"), Change(allow, block, "x"), *remove(allow)), 0),
    ):
        made = plan(changes, serial=0)
        assert previews.answered(made, yes=True) is not bool(count)
        assert previews.answered(made, yes=False) is False
        assert previews.allow_words(made) == (f", {count} of them Allow" if count else "")
        left = previews.unanswered(made, "planned")
        assert ("--yes does not answer" in left.message, "add --yes" in left.hint) == (
            bool(count),
            not count,
        )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody is at the terminal and says no; what they were asked."""
    questions: list[str] = []

    def ask(question: str) -> bool:
        questions.append(question)
        return False

    monkeypatch.setattr(diagnostics, "interactive", lambda: True)
    monkeypatch.setattr(diagnostics, "ask", ask)
    return questions


def test_many_rows_are_asked_about_and_no_means_no(cli: Cli, asked: list[str]) -> None:
    cli("add", "h1.example.com", "h2.example.com")
    assert asked == []
    ran = cli("remove", "--filter", "type:domain")
    assert ran.code == 3
    assert asked == ["2 rows: remove them?"]
    assert "not confirmed" in ran.err
    assert "h1.example.com" in ran.out
    assert len(cli.rows()) == 2
    assert cli("remove", "--filter", "type:domain", "--yes").code == 0
    assert len(asked) == 1
    assert cli.rows() == []


def test_a_sync_is_asked_about_with_its_plan(cli: Cli, asked: list[str]) -> None:
    cli("feeds", "enable", "sample-c2")
    ran = cli("sync")
    assert ran.code == 3
    assert asked == ["Apply this plan?"]
    assert "cdn-sync.example.com" in ran.out
    assert cli.rows() == []


def test_warnings_of_guards_are_told(cli: Cli) -> None:
    ran = cli("add", "h1.example.com")
    assert "warning: h1.example.com lies under example.com" in ran.err
    assert ran.out == ""


def test_when_nothing_could_be_done_for_a_filter_the_lines_say_why(cli: Cli) -> None:
    cli("add", "a" * 40, "--type", "cert", "--action", "block")
    ran = cli("edit", "--filter", "type:cert", "--action", "warn")
    assert ran.code == 2
    assert "refused" in ran.out
    assert "Defender takes no 'Warn'" in ran.out
    assert ran.err == "1 refused\n"


def test_an_import_is_asked_about_only_where_somebody_can_answer(
    cli: Cli, tmp_path: Path, asked: list[str]
) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(bundle([indicator(1)]))
    assert cli("import", str(path)).code == 3
    assert asked == ["1 rows: import them?"]


def test_an_import_that_allows_needs_a_yes(cli: Cli, tmp_path: Path) -> None:
    cli("add", "h1.example.com", "--action", "allow")
    out = tmp_path / "o.json"
    cli("export", "--out", str(out), "--tlp-max", "red")
    other = Cli(tmp_path / "other")
    ran = other("import", str(out))
    assert ran.code == 3
    assert "1 of them Allow" in ran.err
    assert other.rows() == []
    assert other("import", str(out), "--yes").code == 0
    assert [row["action"] for row in other.rows()] == ["Allow"]


def test_a_stale_plan_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    tries = []

    def attempt(succeeds_at: int) -> str:
        tries.append(1)
        if len(tries) < succeeds_at:
            raise StalePlan("somebody was quicker")
        return "done"

    assert previews.until_fresh(lambda: attempt(previews.ATTEMPTS)) == "done"
    tries.clear()
    with pytest.raises(StalePlan):
        previews.until_fresh(lambda: attempt(previews.ATTEMPTS + 1))
    assert len(tries) == previews.ATTEMPTS


def test_what_is_asked_again_is_shown_again(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("add", "h1.example.com")

    def meanwhile(_: str) -> bool:
        if cli.rows()[0]["severity"] != "High":
            cli("edit", "h1.example.com", "--severity", "High")
        return True

    monkeypatch.setattr(diagnostics, "interactive", lambda: True)
    monkeypatch.setattr(diagnostics, "ask", meanwhile)
    ran = cli("remove", "--filter", "type:domain")
    assert ran.code == 0
    assert ran.out.count("h1.example.com") == 2
    assert cli.rows() == []


def test_what_was_agreed_to_is_done_and_no_more_when_others_add_meanwhile(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("add", "h1.example.com")

    def meanwhile(_: str) -> bool:
        cli("add", "h2.example.com")
        return True

    monkeypatch.setattr(diagnostics, "interactive", lambda: True)
    monkeypatch.setattr(diagnostics, "ask", meanwhile)
    ran = cli("remove", "--filter", "type:domain")
    assert ran.code == 0
    assert ran.out.count("h1.example.com") == 1
    assert cli.values() == {"h2.example.com"}
