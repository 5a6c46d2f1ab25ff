"""What goes to stdout: JSON, columns and pairs, all of it inert."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

import orjson
import pytest

from tidegate.cli import output
from tidegate.indicators.indicator import Indicator, Source
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity

AT = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
CONTRACT = {
    *("id", "type", "value", "action", "severity", "title", "description", "groups", "expires"),
    *("created", "updated", "origin", "feeds", "confidence", "tlp", "pinned", "rank"),
}


def row() -> Indicator:
    return Indicator(
        id="abc", type=IndicatorType.DOMAIN_NAME, value="h1.example.com",
        action=Action.ALERT_AND_BLOCK, severity=Severity.HIGH, title="T", created=AT, updated=AT,
        origin=Origin.FEED, groups=("a", "b"), feeds=("acme",),
        sources=(Source("acme", "indicator--1", "rule"),),
        owned=MappingProxyType({"severity": Severity.LOW, "expires": AT}),
        overrides=MappingProxyType({"warninglist": "seen in an incident"}),
    )  # fmt: skip


def test_a_row_has_every_field_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    output.json_line(output.row_record(row()))
    text = capsys.readouterr().out
    assert text.count("\n") == 1
    record = orjson.loads(text)
    assert set(record) >= CONTRACT
    assert (record["type"], record["action"], record["origin"]) == (
        "DomainName",
        "Alert and block",
        "feed",
    )
    assert record["groups"] == ["a", "b"]
    assert record["expires"] is None
    assert record["created"].startswith("2026-05-01T08:30:00")
    assert record["created"].endswith("Z")
    assert record["owned"]["severity"] == "Low"
    assert record["overrides"] == {"warninglist": "seen in an incident"}
    assert record["sources"] == [{"feed": "acme", "id": "indicator--1", "rule": "rule"}]


def test_columns_are_aligned_and_never_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(
        ("name", "count", "when", "on", "many"),
        [("a" * 200, 12345, AT, True, ("x", "y")), ("b", None, None, False, ())],
    )
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "COUNT", "WHEN", "ON", "MANY"]
    assert first.split(maxsplit=2) == ["a" * 200, "12,345", "2026-05-01 08:30Z  yes  x, y"]
    assert second.split() == ["b", "-", "-", "no", "-"]
    assert head.index("COUNT") == first.index("12,345") == second.index("-")


def test_a_narrow_terminal_cuts_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    output.table(("value",), [("x" * 50,)])
    assert [len(line) for line in capsys.readouterr().out.splitlines()] == [5, 20]


def test_nothing_shown_can_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[31m\u202e\x07"
    output.text(evil)
    output.table(("a",), [(evil,), ((evil,),)])
    output.pairs([("a", evil), ("b", [evil])])
    assert not set(capsys.readouterr().out) & {"\x1b", "\u202e", "\x07"}


def test_an_empty_table_is_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("a", "b"), [])
    assert capsys.readouterr().out == "A  B\n"


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand before a terminal of 80 columns."""
    monkeypatch.setattr(output, "_width", lambda: 80)


@pytest.mark.usefixtures("narrow")
def test_on_80_columns_the_reason_and_the_fixed_words_stay(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.table(
        ("rank", "value", "action", "count", "when", "because"),
        [(1, "v" * 200, Action.ALERT_AND_BLOCK, 12345, AT, "because " * 30)],
        spare=("rank", "count"),
    )
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["VALUE", "ACTION", "WHEN", "BECAUSE"]
    assert len(line) <= 80
    assert "vvvvvvvv…  Alert and block  2026-05-01 08:30Z  because because b" in line


@pytest.mark.usefixtures("narrow")
def test_spare_columns_stay_while_there_is_room(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("a", "b"), [("x" * 20, "y" * 20)], spare=("a",))
    assert capsys.readouterr().out.splitlines()[0].split() == ["A", "B"]


@pytest.mark.usefixtures("narrow")
def test_what_is_there_to_be_copied_stays_whole(capsys: pytest.CaptureFixture[str]) -> None:
    ident = "indicator--" + "0" * 36
    output.table(("feed", "object", "detail"), [("acme", ident, "d" * 99)], whole=("object",))
    line = capsys.readouterr().out.splitlines()[1]
    assert ident in line
    assert len(line) == 80


@pytest.mark.usefixtures("narrow")
def test_long_lines_are_wrapped_between_words_on_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.text("  + feed         " + "word " * 30, hang=17)
    output.pairs([("name", "word " * 30)])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:17] for line in lines[:3]] == ["  + feed         ", " " * 17, " " * 17]
    assert all(len(line) <= 80 and not line.endswith("wor") for line in lines)
    assert lines[3].startswith("name  word")
    assert lines[4].startswith("      word")


def test_the_name_of_a_file_need_not_be_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.json_line({"files": ["f\udcff.json"], "when": AT, "action": Action.ALERT_AND_BLOCK})
    record = orjson.loads(capsys.readouterr().out)
    assert record == {
        "files": ["f?.json"], "when": "2026-05-01T08:30:00Z", "action": "Alert and block",
    }  # fmt: skip
