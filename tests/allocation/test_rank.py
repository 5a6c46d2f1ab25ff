"""The score: named terms that add up, in the order of what should weigh most."""

from __future__ import annotations

import pytest
from hypothesis import given

from strategies.builders import candidate
from strategies.candidates import candidate_sets
from tidegate.allocation.rank import score, terms
from tidegate.indicators.kinds import Severity
from tidegate.mapping.candidate import Candidate


@given(candidate_sets.filter(bool))
def test_the_score_is_the_sum_of_its_terms(found: list[Candidate]) -> None:
    parts = terms(found)
    assert score(found) == pytest.approx(sum(part.points for part in parts), abs=0.001)
    assert [part.name for part in parts] == ["trust", "confidence", "severity", "corroboration"]
    assert all(part.because for part in parts)


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({"trust": 0, "severity": Severity.INFORMATIONAL}, 0),
        ({"trust": 100, "severity": Severity.HIGH, "confidence": 100}, 116),
        ({"trust": 50, "severity": Severity.LOW, "confidence": 0}, 42),
        ({"trust": 50, "severity": Severity.MEDIUM, "confidence": 50}, 54),
        ({"trust": 50, "severity": Severity.MEDIUM, "confidence": None}, 54),
        ({"trust": 50, "severity": Severity.MEDIUM, "confidence": 33}, 50.6),
    ],
)
def test_one_candidate_scores_as_documented(fields: dict[str, object], points: float) -> None:
    assert score([candidate(1, **fields)]) == points


def test_each_further_feed_adds_three_up_to_nine() -> None:
    for feeds, bonus in [(1, 0), (2, 3), (3, 6), (4, 9), (5, 9), (9, 9)]:
        agreeing = [candidate(1, feed=f"f{n}") for n in range(feeds)]
        assert score(agreeing) - score([candidate(1)]) == bonus


def test_one_feed_that_repeats_itself_corroborates_nothing() -> None:
    shouting = [candidate(1, stix_id=f"indicator--{n}") for n in range(9)]
    assert score(shouting) == score([candidate(1)])


def test_eleven_points_of_trust_outweigh_a_shouted_confidence() -> None:
    assert score([candidate(1, trust=61)]) > score([candidate(1, trust=50, confidence=100)])


def test_the_terms_say_why() -> None:
    because = {
        part.name: part.because
        for part in terms([candidate(1, trust=70, confidence=80), candidate(1, feed="g")])
    }
    assert because == {
        "trust": "feed f is trusted 70",
        "confidence": "stated as 80",
        "severity": "Medium",
        "corroboration": "2 feeds agree",
    }
