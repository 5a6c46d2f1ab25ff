"""The shapes that mapping hands on."""

from __future__ import annotations

from datetime import UTC, datetime

from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.mapping.candidate import Candidate, Outcome, Rejection, Standing


def test_a_candidate_is_known_by_type_value_and_groups() -> None:
    candidate = Candidate(
        feed="f",
        stix_id="indicator--1",
        rule="r",
        type=IndicatorType.URL,
        value="http://a.example.com/",
        action=Action.ALERT_ONLY,
        severity=Severity.LOW,
        title="T",
        evidence=datetime(2026, 1, 1, tzinfo=UTC),
        trust=50,
        groups=("a", "b"),
    )
    assert candidate.key == RowKey(IndicatorType.URL, "http://a.example.com/", ("a", "b"))


def test_only_rejections_of_atoms_count_as_atoms() -> None:
    rejections = (
        Rejection("f", "indicator--1", "like", "", atom=0),
        Rejection("f", "indicator--1", "no_pattern", ""),
    )
    outcome = Outcome("indicator--1", Standing.REJECTED, rejections=rejections)
    assert outcome.rejected_atoms == 1
