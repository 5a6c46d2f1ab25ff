"""Asking the guards."""

from __future__ import annotations

from tidegate.indicators.kinds import IndicatorType
from tidegate.service import look
from tidegate.service.checking import check_values
from tidegate.service.workspace import Workspace


def test_answers_come_in_order_and_change_nothing(ws: Workspace) -> None:
    answers = check_values(ws, ["1" * 64, "H1[.]example[.]com", "github.io", "*.example.com"])
    assert [(a.type, a.verdict, a.guard) for a in answers] == [
        (IndicatorType.FILE_SHA256, "pass", ""),
        (IndicatorType.DOMAIN_NAME, "warn", "documentation"),
        (IndicatorType.DOMAIN_NAME, "refuse", "public_suffix"),
        (None, "refuse", ""),
    ]
    assert answers[1].value == "h1.example.com"
    assert answers[3].reason.startswith("wildcard: ")
    assert look.rows(ws) == ()
    assert check_values(ws, []) == ()
