"""The score: named terms that add up, and the operator's trust above all that feeds claim."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import NOW, candidate
from strategies.candidates import candidate_sets
from tidegate.allocation.rank import HALF_LIFE, SELF_SPAN, STAY, score, terms
from tidegate.indicators.kinds import IndicatorType, Severity
from tidegate.mapping.candidate import Candidate

DAY = timedelta(days=1)
NAMES = ["trust", "confidence", "severity", "freshness", "corroboration", "sightings"]

claims = st.fixed_dictionaries(
    {
        "confidence": st.none() | st.integers(0, 100),
        "severity": st.sampled_from(Severity),
        "sightings": st.sampled_from([0, 1, 9, 10, 99, 100, 10**9]),
        "evidence": st.integers(-4_000, 40_000).map(lambda days: NOW - days * DAY),
    }
)
"""Everything that a feed says of itself."""
types = st.sampled_from(IndicatorType)


@given(candidate_sets.filter(bool))
def test_the_score_is_exactly_the_sum_of_its_terms(found: list[Candidate]) -> None:
    parts = terms(found, NOW)
    assert sum(Decimal(str(part.points)) for part in parts) == Decimal(str(score(found, NOW)))
    assert [part.name for part in parts] == NAMES
    assert all(part.because for part in parts)


@given(st.lists(claims, min_size=1, max_size=5), types, st.integers(0, 100))
def test_any_mixture_of_claims_adds_up(
    said: list[dict[str, object]], kind: IndicatorType, trust: int
) -> None:
    found = [
        candidate(1, feed=f"f{n % 3}", type=kind, trust=trust, **s) for n, s in enumerate(said)
    ]
    parts = [Decimal(str(part.points)) for part in terms(found, NOW)]
    assert sum(parts) == Decimal(str(score(found, NOW)))
    assert Decimal(trust) - 4 <= sum(parts) <= Decimal(trust) + 4 + 6 + 6 + 9 + Decimal("1.5")


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({"trust": 0, "severity": Severity.INFORMATIONAL}, 6),
        ({"trust": 100, "severity": Severity.HIGH, "confidence": 100, "sightings": 100}, 117.5),
        ({"trust": 50, "severity": Severity.LOW, "confidence": 0}, 54),
        ({"trust": 50, "severity": Severity.MEDIUM, "confidence": 50}, 60),
        ({"trust": 50, "severity": Severity.MEDIUM, "confidence": None, "sightings": 1}, 60.5),
        ({"trust": 50, "severity": Severity.MEDIUM, "confidence": 33, "sightings": 10}, 59.64),
    ],
)
def test_one_candidate_scores_as_documented(fields: dict[str, object], points: float) -> None:
    assert score([candidate(1, **fields)], NOW) == points


@given(claims, claims, types, types, st.integers(25, 100), st.data())
def test_twenty_five_points_of_trust_outweigh_all_that_a_feed_claims(
    well: dict[str, object],
    loud: dict[str, object],
    one: IndicatorType,
    other: IndicatorType,
    trusted: int,
    data: st.DataObject,
) -> None:
    doubted = data.draw(st.integers(0, trusted - 25))
    better = score([candidate(1, feed="good", type=one, trust=trusted, **well)], NOW)
    copies = data.draw(st.integers(1, 4))
    shouted = score([candidate(2, type=other, trust=doubted, **loud)] * copies, NOW)
    assert better > shouted + STAY, "even where the louder row holds a slot"


def test_the_bound_is_as_stated_and_the_worst_case_reaches_it() -> None:
    assert SELF_SPAN == 21.5
    assert SELF_SPAN + STAY < 25
    quiet = candidate(
        1, confidence=0, severity=Severity.INFORMATIONAL, evidence=NOW - timedelta(days=9_000)
    )
    loud = candidate(2, confidence=100, severity=Severity.HIGH, sightings=10**6)
    assert score([loud], NOW) - score([quiet], NOW) == SELF_SPAN


@given(st.lists(claims, min_size=1, max_size=12), claims)
def test_thirty_four_points_outweigh_any_number_of_feeds_that_agree(
    said: list[dict[str, object]], well: dict[str, object]
) -> None:
    agreeing = [candidate(1, feed=f"f{n}", trust=50, **fields) for n, fields in enumerate(said)]
    assert score([candidate(2, trust=84, **well)], NOW) > score(agreeing, NOW) + STAY


def test_each_further_feed_adds_three_up_to_nine() -> None:
    for feeds, bonus in [(1, 0), (2, 3), (3, 6), (4, 9), (5, 9), (9, 9)]:
        agreeing = [candidate(1, feed=f"f{n}") for n in range(feeds)]
        assert score(agreeing, NOW) - score([candidate(1)], NOW) == bonus


def test_one_feed_that_repeats_itself_corroborates_nothing() -> None:
    shouting = [candidate(1, stix_id=f"indicator--{n}", sightings=5) for n in range(9)]
    assert score(shouting, NOW) == score(shouting[:1], NOW)


@given(candidate_sets.filter(bool), claims)
def test_what_another_feed_adds_never_lowers_a_score(
    found: list[Candidate], said: dict[str, object]
) -> None:
    assert score([*found, candidate(1, feed="another", **said)], NOW) >= score(found, NOW)


@pytest.mark.parametrize("kind", IndicatorType)
def test_freshness_falls_in_three_steps_by_half_lives(kind: IndicatorType) -> None:
    life = HALF_LIFE[kind]

    def fresh(days: int) -> float:
        said = terms([candidate(1, type=kind)], NOW + days * DAY)
        return next(part.points for part in said if part.name == "freshness")

    for step, points in enumerate((6, 3, 1.5, 0)):
        assert fresh(step * life) == points
        assert fresh((step + 1) * life - 1) == points
    assert fresh(10_000) == 0


def test_addresses_age_fastest_and_hashes_slowest() -> None:
    assert min(HALF_LIFE, key=HALF_LIFE.__getitem__) is IndicatorType.IP_ADDRESS
    assert HALF_LIFE[IndicatorType.FILE_SHA256] == max(HALF_LIFE.values())
    assert set(HALF_LIFE) == set(IndicatorType)


def test_evidence_from_the_future_makes_nothing_fresh() -> None:
    old = candidate(1, evidence=NOW - 4_000 * DAY)
    ahead = candidate(1, feed="g", evidence=NOW + 4_000 * DAY)
    assert score([ahead], NOW) == score([old], NOW)
    assert score([old, ahead], NOW) == score([old], NOW) + 3
    skewed = candidate(1, evidence=NOW + timedelta(hours=20))
    assert score([skewed], NOW) == score([candidate(1)], NOW), "clocks differ"


@given(claims, types, st.integers(0, 5_000))
def test_a_score_never_grows_by_waiting(
    said: dict[str, object], kind: IndicatorType, days: int
) -> None:
    one = [candidate(1, type=kind, **{**said, "evidence": NOW})]
    assert score(one, NOW + (days + 1) * DAY) <= score(one, NOW + days * DAY)


def test_the_terms_say_why() -> None:
    old = NOW - 10 * DAY
    found = [
        candidate(1, trust=70, confidence=80, evidence=old, sightings=12),
        candidate(1, feed="g", evidence=old),
    ]
    assert {part.name: part.because for part in terms(found, NOW)} == {
        "trust": "feed f is trusted 70",
        "confidence": "stated as 80",
        "severity": "Medium",
        "freshness": "10 days old, half of it is gone in 30 days",
        "corroboration": "2 feeds agree",
        "sightings": "seen 12 times",
    }
