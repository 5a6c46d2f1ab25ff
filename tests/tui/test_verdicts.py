from __future__ import annotations

from tidegate.engines.verdict import Alert, Engine, Verdict, Word
from tidegate.indicators.kinds import Severity
from tidegate.service.bench import Answer
from tidegate.service.cases import Replayed
from tidegate.tui.verdicts import CASE_COLUMNS, COLUMNS, row_of, side_by_side, told_facts
from tidegate.tui.verdicts import Row as BenchRow
from tui.stage import NOW, make_row

ROW = make_row(1)
ALERT = Alert("C2", Severity.HIGH)
CLOUD, ENDPOINT, AUTOMATED = Engine
VERDICTS = (
    Verdict("e", CLOUD, Word.ALERTED, remediated=False, alert=ALERT, indicator=ROW, reason="r1"),
    Verdict("e", ENDPOINT, Word.BLOCKED, remediated=True, alert=None, indicator=ROW, reason="r2"),
    Verdict(
        "e", AUTOMATED, Word.NO_MATCH, remediated=False, alert=None, indicator=ROW, reason="r3"
    ),
)
SPLIT = BenchRow(Answer("evil.example", VERDICTS))


def cells(row: BenchRow) -> list[str]:
    return [column.cell(row, NOW) for column in COLUMNS]


def test_a_row_shows_each_engine_and_a_sign_where_they_differ() -> None:
    assert cells(SPLIT)[:5] == ["≠", "evil.example", "alerted", "blocked", "no match"]
    assert cells(BenchRow(Answer("x", fault="no value")))[0] == "✗"
    assert SPLIT.answer.differ
    # Each engine does its part of the same action: no difference, and no sign.
    alike = BenchRow(Answer("evil.example", (*VERDICTS[:2], VERDICTS[1])))
    assert (cells(alike)[0], alike.answer.differ) == ("", False)


def test_engines_stand_beside_or_under_each_other() -> None:
    wide, narrow = side_by_side(SPLIT, 120).plain, side_by_side(SPLIT, 60).plain
    heads = next(line for line in wide.splitlines() if "cloud" in line)
    assert "automated investigation" in heads
    assert "cloud detection: alerted" in narrow
    assert "alert: High, C2" in narrow
    assert "alert: High" not in side_by_side(SPLIT, 60, brief=True).plain
    assert all(len(line) <= 120 for line in wide.splitlines())


def test_a_case_that_changed_says_what_it_was() -> None:
    then = {"endpoint_prevention": {"verdict": "alerted", "value": "evil.example"}}
    now = {"endpoint_prevention": {"verdict": "blocked", "value": "evil.example"}}
    row = row_of(Replayed("my-case", {}, then, now, VERDICTS))
    told = [column.cell(row, NOW) for column in CASE_COLUMNS]
    assert (told[0], told[3]) == ("≠", "alerted → blocked")
    assert "when saved: alerted · evil.example" in side_by_side(row, 60, brief=True).plain
    assert told_facts({"verdict": "no_match"}) == "no match"
