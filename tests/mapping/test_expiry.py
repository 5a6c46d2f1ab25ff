"""When rows end: the term, the bounds of the feed, decay, and never beyond valid_until."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.feed import Decay, Expiry
from tidegate.indicators.kinds import IndicatorType
from tidegate.mapping.expiry import UNRATED, bounded, expiry

IP, URL = IndicatorType.IP_ADDRESS, IndicatorType.URL
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
terms = st.timedeltas(min_value=timedelta(minutes=1), max_value=3650 * DAY)
decays = st.builds(Decay, until=st.integers(1, 99), speed=st.floats(0.1, 10, allow_nan=False))


def test_the_longest_term_of_a_type_bounds_longer_ones_and_never() -> None:
    bounds = Expiry.model_validate({"max": {"ip": "7d"}})
    assert bounded(30 * DAY, IP, None, bounds) == 7 * DAY
    assert bounded(3 * DAY, IP, None, bounds) == 3 * DAY
    assert bounded(None, IP, None, bounds) == 7 * DAY
    assert bounded(None, URL, None, bounds) is None


@pytest.mark.parametrize(
    ("confidence", "speed", "days"),
    [
        (100, 1.0, 24),  # 30 days down to 20 of 100
        (80, 1.0, 22.5),
        (40, 1.0, 15),
        (20, 1.0, 0),
        (0, 1.0, 0),
        (None, 1.0, 18),  # as 50
        (40, 2.0, 7.5),
        (100, 0.5, 26.832816),
    ],
)
def test_confidence_fades_over_the_term(confidence: int | None, speed: float, days: float) -> None:
    bounds = Expiry(decay=Decay(until=20, speed=speed))
    found = bounded(30 * DAY, IP, confidence, bounds)
    assert found is not None
    assert found / DAY == pytest.approx(days, abs=1e-4)
    assert found.microseconds == 0


def test_what_never_ends_does_not_fade() -> None:
    assert bounded(None, IP, 50, Expiry(decay=Decay(until=20))) is None


@given(terms, decays, st.integers(0, 99))
def test_more_confidence_never_ends_sooner(term: timedelta, decay: Decay, low: int) -> None:
    bounds = Expiry(decay=decay)
    ends = [bounded(term, IP, confidence, bounds) for confidence in (low, low + 1, 100)]
    known = [end for end in ends if end is not None]
    assert known == sorted(known)
    assert all(timedelta(0) <= end <= term for end in known)
    assert bounded(term, IP, None, bounds) == bounded(term, IP, UNRATED, bounds)


@given(st.none() | terms, st.none() | terms)
def test_never_beyond_valid_until(term: timedelta | None, until: timedelta | None) -> None:
    end = None if until is None else START + until
    found = expiry(START, term, end)
    candidates = [moment for moment in (None if term is None else START + term, end) if moment]
    assert found == (min(candidates) if candidates else None)
