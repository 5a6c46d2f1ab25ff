"""Verdicts, counts and problems as people and scripts read them."""

from __future__ import annotations

import pytest

from strategies.builders import NOW, row
from tidegate.cli import verdicts
from tidegate.engines.event import Event
from tidegate.engines.matcher import Matcher
from tidegate.engines.observing import connection
from tidegate.errors import UsageError
from tidegate.service.judging import Court, Judged
from tidegate.service.matching import Counts

CONTRACT = ["event", "engine", "verdict", "remediated", "alert", "indicator", "reason"]


def judged(url: str = "h1.example.com") -> Judged:
    event = Event("e", NOW, "ws-1", "", "", connection(url))
    return Judged(event, Court(Matcher([row(1)]), NOW).judge(event), 7)


def test_records_have_the_fields_of_the_contract_first() -> None:
    found = judged()
    for verdict in found.verdicts:
        record = verdicts.record(found.event, verdict)
        assert list(record)[: len(CONTRACT)] == CONTRACT
        assert record["value"] == "h1.example.com"
    miss = judged("other.example.net")
    record = verdicts.record(miss.event, miss.verdicts[0])
    assert (record["verdict"], record["indicator"], record["alert"]) == ("no_match", None, None)


def test_one_event_is_shown_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    verdicts.side_by_side(judged())
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:4]] == ["VERDICT", "alerted", "blocked", "blocked"]
    assert lines[4].startswith("cloud_detection: ")


def test_a_summary_counts_by_engine_and_row(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counts(events=10)
    counts.add(judged())
    verdicts.summary(counts)
    verdicts.hits([judged()])
    out = capsys.readouterr().out
    assert "events             10" in out
    assert "endpoint_prevention      0        0        1" in out
    assert "1       Alert and block  h1.example.com  row 1" in out
    assert "2026-01-10 12:00Z  ws-1    h1.example.com  alerted  blocked   blocked" in out
    assert max(map(len, out.splitlines())) <= 80


def test_no_hits_show_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    verdicts.hits([])
    verdicts.summary(Counts())
    assert "ENGINE" not in capsys.readouterr().out


def test_problems_are_told_with_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counts()
    counts.unread.append(UsageError("b.jsonl: no such file", "check"))
    counts.problems.file = "a.jsonl"
    for line in range(1, 6):
        counts.problems.add("not_json", line)
    for number in range(40):
        counts.problems.add("unknown_column", 1, str(number))
    verdicts.problems(counts)
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "left out: b.jsonl: no such file (check)"
    assert err[1] == "a.jsonl: 5 × no JSON: left out (line 1, 2, 3 …)"
    assert err[-1] == "and 21 more kinds of problems"
