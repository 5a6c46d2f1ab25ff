"""What a report comes to: levels, exit codes, JSON."""

from __future__ import annotations

import pytest

from tidegate.errors import ExitCode
from tidegate.service.doctor.findings import (
    FEW,
    Anchor,
    Finding,
    Report,
    checked,
    damage,
    fault,
    many,
    note,
    warning,
)

FAULT = fault("feeds", "f", "one", "mend it")
DAMAGE = damage("journal", "d", "two")
WARNING = warning("list", "w", "three", fixable=True)
NOTE = note("clock", "n", "four")


@pytest.mark.parametrize(
    ("findings", "code", "verdict"),
    [
        ((), ExitCode.DONE, "ok"),
        ((NOTE,), ExitCode.DONE, "ok"),
        ((NOTE, WARNING), ExitCode.DONE, "warning"),
        ((WARNING, FAULT), ExitCode.USAGE, "fault"),
        ((FAULT, DAMAGE, NOTE), ExitCode.DAMAGED, "fault"),
    ],
)
def test_the_worst_finding_decides(
    findings: tuple[Finding, ...], code: ExitCode, verdict: str
) -> None:
    area = checked("any", "something", findings)
    report = Report((area,))
    assert (report.exit_code, report.ok, area.verdict) == (code, code == ExitCode.DONE, verdict)


def test_of_many_findings_of_a_kind_a_few_are_told_and_the_rest_counted() -> None:
    area = checked("any", "", [*(fault("any", "f", str(n)) for n in range(1_000)), WARNING])
    assert len(area.findings) == FEW + 2
    assert area.findings[-1].message == "and 980 more of this kind"
    assert area.findings[-1].level == "fault"


def test_json_names_what_the_contract_names() -> None:
    area = checked("feeds", "two here", [FAULT], feeds=2)
    record = Report((area,), Anchor(3, "a" * 64), "000003-abcdef", fixed=("x",)).record()
    assert record == {
        "ok": False,
        "findings": [
            {
                "area": "feeds",
                "level": "fault",
                "code": "f",
                "message": "one",
                "mend": "mend it",
                "fixable": False,
            }
        ],
        "anchor": {"serial": 3, "sum": "a" * 64},
        "last_good": "000003-abcdef",
        "fixed": ["x"],
        "checked": {"feeds": {"verdict": "fault", "summary": "two here", "feeds": 2}},
    }
    assert Report(()).record()["anchor"] is None


def test_numbers_and_anchors_in_words() -> None:
    assert [many(n, "change") for n in (0, 1, 1_000)] == ["0 changes", "1 change", "1,000 changes"]
    assert str(Anchor(7, "b" * 64)) == "7:" + "b" * 64
