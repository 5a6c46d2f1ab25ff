from __future__ import annotations

import dataclasses

from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.preview import Line, Preview
from tidegate.service.room import FOR_PEOPLE
from tidegate.tui.preview import (
    before_after,
    changing,
    counted,
    done,
    line_text,
    paste_lines,
    problems,
    samples,
    sentence,
    told,
    verdicts,
)
from tui.stage import make_row

ROWS = [make_row(number) for number in range(9)]
LINES = (
    Line("a", IndicatorType.DOMAIN_NAME, "a.example.com", "add", "", 1, ("documentation",)),
    Line("b", None, "", "refused", "no value", 2),
    Line("c", None, "", "refused", "no value", 3),
    Line("d", IndicatorType.URL, "https://d.example.com/", "update", "title", 4),
    Line("e", IndicatorType.URL, "https://e.example.com/", "duplicate", "came before", 5),
)


def plan(*changes: Change) -> SyncPlan:  # type: ignore[type-arg]
    return SyncPlan("x", 1, "edit", "edit", changes)


def test_before_and_after_are_counted_by_kind_of_move() -> None:
    changes = [
        Change(row, dataclasses.replace(row, action=Action.ALLOW, note="x"), "edit") for row in ROWS
    ]
    assert before_after(plan(*changes)) == [
        "note        (empty) → x  9×",
        "action      Alert and block → Allow  6×",
        "action      Alert only → Allow  3×",
    ]


def test_very_different_moves_are_cut_short() -> None:
    changes = [
        Change(row, dataclasses.replace(row, title=f"new {row.title}"), "edit")
        for row in map(make_row, range(20))
    ]
    assert before_after(plan(*changes))[-1] == "… and 8 more kinds of change"


def test_verdicts_and_problems_are_counted_once_each() -> None:
    assert verdicts(LINES) == "1 add, 1 update, 1 duplicate, 2 refused"
    assert problems(Preview(plan(), LINES)) == ["✗ no value (2×)", "! documentation"]


def test_lines_carry_number_verdict_and_reason() -> None:
    assert line_text(LINES[1]) == "    2 refused                b  no value"
    looks = [look for look, _ in paste_lines(Preview(plan(), LINES))]
    assert looks == ["good", "bad", "bad", "good", "quiet"]
    assert sentence(LINES[0]) == "adds DomainName a.example.com"
    assert sentence(LINES[3]) == "changes title of https://d.example.com/"
    assert sentence(LINES[4]) == "duplicate: came before"


def test_words() -> None:
    assert counted(1, "row") == "1 row"
    assert counted(1_200, "row") == "1,200 rows"
    assert done(1, 0, 2_000) == "1 added, 2,000 removed"
    assert done(0, 0, 0) == "nothing changed"
    assert samples(ROWS)[-1] == "… and 4 more"
    assert len(samples(ROWS[:3])) == 3


def test_what_is_so_already_is_told_apart_from_what_changes() -> None:
    rows = [dataclasses.replace(row, severity=Severity.LOW) for row in ROWS[:3]]
    rows += [dataclasses.replace(row, severity=Severity.HIGH) for row in ROWS[3:]]
    changes = [
        Change(
            row,
            dataclasses.replace(row, severity=Severity.LOW, owned={"severity": row.severity}),
            "edit",
        )
        for row in rows
    ]
    lines = tuple(Line(row.value, row.type, row.value, "update") for row in rows)
    assert before_after(plan(*changes)) == [
        "severity    High → Low  6×",
        "severity    Low already  3×: yours from now on",
    ]
    assert changing(Preview(plan(*changes), lines)) == "6 change, 3 already so: yours from now on"
    assert told(plan(*changes)) == "6 changed, 3 already so and yours from now on"


def test_rows_that_make_room_are_named_and_not_counted_as_removed() -> None:
    changes = [Change(None, ROWS[0], "add"), Change(ROWS[1], None, FOR_PEOPLE)]
    assert told(plan(*changes)) == f"1 added; the list is full: {ROWS[1].value} left"
    removed = [Change(row, None, "removed by hand") for row in ROWS]
    assert told(plan(*removed)) == "9 removed"
