from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.tui.ends import in_full, in_line, remaining
from tui.stage import NOW


@pytest.mark.parametrize(
    ("left", "column", "line", "full"),
    [
        (timedelta(days=-3), "over", "over", "2026-05-29 12:00 UTC, 3 days ago"),
        (timedelta(0), "over", "over", "2026-06-01 12:00 UTC, in 0 min"),
        (timedelta(minutes=5), "5m", "5m", "2026-06-01 12:05 UTC, in 5 min"),
        (timedelta(hours=5), "5h", "5h", "2026-06-01 17:00 UTC, in 5 h"),
        (timedelta(hours=47), "47h", "47h", "2026-06-03 11:00 UTC, in 47 h"),
        (timedelta(days=30), "30d", "30d", "2026-07-01 12:00 UTC, in 30 days"),
        (timedelta(days=700), "700d", "700d", "2028-05-01 12:00 UTC, in 700 days"),
        (timedelta(days=731), "2y", "2028-06-01 (2y)", "2028-06-01 12:00 UTC, in 2 years"),
        (timedelta(days=3319), "9y", "2035-07-03 (9y)", "2035-07-03 12:00 UTC, in 9 years"),
    ],
)
def test_an_end_is_told_in_what_people_count_in(
    left: timedelta, column: str, line: str, full: str
) -> None:
    end = NOW + left
    assert (remaining(end, NOW), in_line(end, NOW), in_full(end, NOW)) == (column, line, full)


def test_what_never_ends() -> None:
    assert (remaining(None, NOW), in_line(None, NOW)) == ("never", "never")
    assert in_full(None, NOW) == "never expires"


@given(st.datetimes(timezones=st.just(NOW.tzinfo)))
def test_a_column_holds_every_end(end: datetime) -> None:
    assert len(remaining(end, NOW)) <= 6
