from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tidegate.service.outlook import DAYS, Day
from tidegate.tui.forecast_plot import plot

TODAY = date(2026, 6, 1)


def test_a_column_is_as_high_as_rows_end_and_says_what_is_taken() -> None:
    days = (
        Day(date(2026, 6, 1), 1, 0, ()),
        Day(date(2026, 6, 2), 40, 20, ()),
        Day(date(2026, 6, 4), 1_000, 990, ()),
        Day(date(2026, 7, 1), 500, 500, ()),
    )
    assert plot(days, TODAY, 80, 4) == [
        "  1,000|      --",
        "       |      ++",
        "       |      ++" + " " * 52 + "++",
        "       |--++  ++" + " " * 52 + "++",
        "        06-01" + " " * 26 + "06-16" + " " * 21 + "07-01",
    ]


@given(st.lists(st.tuples(st.integers(0, DAYS), st.integers(0, 15_000)), max_size=31))
def test_any_row_shows_and_nothing_is_wider_than_asked(ends: list[tuple[int, int]]) -> None:
    days = {day: Day(date.fromordinal(TODAY.toordinal() + day), rows, rows // 2, ())
            for day, rows in ends}  # fmt: skip
    found = [days[day] for day in sorted(days)]
    for width in (20, 78, 160):
        lines = plot(found, TODAY, width, 4)
        assert len(lines) == 5
        assert max(map(len, lines)) <= width
    bottom = plot(found, TODAY, 160, 4)[3].ljust(200)[8:]
    for ahead in range(DAYS + 1):
        seen = bottom[ahead * 3] != " "
        assert seen is (ahead in days and days[ahead].freed > 0)
