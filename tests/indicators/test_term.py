"""Terms and moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.term import format_term, parse_expiry, parse_moment, parse_term

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("2w", timedelta(weeks=2)),
        ("90m", timedelta(minutes=90)),
        (" 7D ", timedelta(days=7)),
        ("never", None),
        ("Never", None),
    ],
)
def test_terms_are_read(text: str, term: timedelta | None) -> None:
    assert parse_term(text) == term


@pytest.mark.parametrize(
    "text", ["", "30", "d", "0d", "-1d", "1.5h", "3mo", "1y", "999999d", "٣d", "30 d", "d30"]
)
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="term"):
        parse_term(text)


def test_terms_are_written_as_people_write_them() -> None:
    assert format_term(None) == "never"
    assert format_term(timedelta(days=14)) == "14d"
    assert format_term(timedelta(hours=36)) == "36h"
    assert format_term(timedelta(minutes=90)) == "90m"
    assert format_term(timedelta(minutes=5, seconds=9)) == "5m"


@given(st.integers(1, 99_999), st.sampled_from("mhd"))
def test_a_written_term_is_read_back(count: int, unit: str) -> None:
    term = parse_term(f"{count}{unit}")
    assert parse_term(format_term(term)) == term


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01T08:30", datetime(2026, 12, 1, 8, 30, tzinfo=UTC)),
        ("2026-12-01 08:30:05Z", datetime(2026, 12, 1, 8, 30, 5, tzinfo=UTC)),
        ("2026-12-01T08:30+02:00", datetime(2026, 12, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_utc(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment
    assert parse_moment(text).utcoffset() == timedelta()


@pytest.mark.parametrize(
    "text", ["2026-13-01", "20261201", "2026-W10-1", "soon", "0001-01-01T00:00+14:00", "2026-02-30"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        parse_moment(text)


def test_an_expiry_is_a_term_a_moment_or_never() -> None:
    assert parse_expiry("30d", NOW) == NOW + timedelta(days=30)
    assert parse_expiry("2026-12-01", NOW) == datetime(2026, 12, 1, tzinfo=UTC)
    assert parse_expiry("never", NOW) is None


def test_an_expiry_lies_ahead() -> None:
    with pytest.raises(ValueError, match="in the past"):
        parse_expiry("2026-11-01", NOW)
    with pytest.raises(ValueError, match="year 9999"):
        parse_expiry("99999w", datetime(9000, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="is not an expiry"):
        parse_expiry("soon", NOW)


@given(st.text(max_size=30))
def test_nothing_but_value_error_is_raised(text: str) -> None:
    try:
        expiry = parse_expiry(text, NOW)
    except ValueError:
        return
    assert expiry is None or expiry > NOW
