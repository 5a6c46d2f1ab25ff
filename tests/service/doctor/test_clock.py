"""What the report says of the clock; when it is doubted is told in test_timekeeping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from strategies.builders import NOW
from tidegate.service.doctor.clock import look_at_clock, mend
from tidegate.service.timekeeping import FILE, Timekeeper

DAY = timedelta(days=1)


@pytest.fixture
def keeper(tmp_path: Path) -> Timekeeper:
    return Timekeeper(tmp_path)


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (-DAY, ""),
        (timedelta(minutes=5), ""),
        (timedelta(minutes=6), "change_ahead"),
        (DAY, "change_ahead"),
        (2 * DAY, "clock_behind_list"),
    ],
)
def test_clock_against_the_last_change(keeper: Timekeeper, ahead: timedelta, code: str) -> None:
    area = look_at_clock(keeper, NOW, "default", NOW + ahead)
    assert [f.code for f in area.findings] == [code] * bool(code)
    assert area.verdict == {"": "ok", "change_ahead": "warning"}.get(code, "fault")


def test_clock_looked_at_is_not_noted(tmp_path: Path) -> None:
    look_at_clock(Timekeeper(tmp_path, lambda: None), NOW, "default", None)
    assert list(tmp_path.iterdir()) == []


def test_clock_is_mended_by_the_operators_word(keeper: Timekeeper) -> None:
    change = NOW + 9 * DAY
    (found,) = look_at_clock(keeper, NOW, "default", change).findings
    assert found.fixable
    assert "doctor --fix" in found.mend
    (said,) = mend(keeper, NOW, "default", change)
    assert FILE in said
    assert look_at_clock(keeper, NOW, "default", change).verdict == "warning"
    assert list(mend(keeper, NOW, "default", change)) == []


def test_clock_that_was_never_set_is_not_mended(keeper: Timekeeper) -> None:
    then = datetime(2020, 1, 1, tzinfo=UTC)
    (found,) = look_at_clock(keeper, then, "default", None).findings
    assert (found.code, found.fixable, found.mend) == ("clock_unset", False, "set the clock")
    assert list(mend(keeper, then, "default", None)) == []
