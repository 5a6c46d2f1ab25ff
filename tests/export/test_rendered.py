from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tidegate.errors import UsageError
from tidegate.export.rendered import may_leave
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.stix.markings import LEVELS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROW = Indicator(
    id="1",
    type=IndicatorType.DOMAIN_NAME,
    value="evil.example.com",
    action=Action.ALERT_ONLY,
    severity=Severity.LOW,
    title="t",
    created=NOW - timedelta(days=1),
    updated=NOW - timedelta(days=1),
    origin=Origin.FEED,
)


def _codes(row: Indicator, tlp_max: str) -> list[str]:
    kept, skipped = may_leave([row], NOW, tlp_max)
    assert len(kept) + len(skipped) == 1
    return [skip.code for skip in skipped]


@pytest.mark.parametrize("ceiling", LEVELS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("origin", Origin)
def test_nothing_above_the_ceiling_leaves(origin: Origin, level: str, ceiling: str) -> None:
    above = LEVELS.index(level) > LEVELS.index(ceiling)
    row = replace(ROW, origin=origin, tlp=level)
    assert _codes(row, ceiling) == (["tlp_above_ceiling"] if above else [])


def test_unmarked_is_judged_by_whose_word_it_is() -> None:
    assert _codes(replace(ROW, origin=Origin.FEED), "red") == ["tlp_unmarked"]
    assert _codes(replace(ROW, origin=Origin.MANUAL), "clear") == []
    assert _codes(replace(ROW, origin=Origin.FOREIGN), "red") == ["tlp_unmarked"]


def test_an_unknown_marking_stays() -> None:
    assert _codes(replace(ROW, origin=Origin.MANUAL, tlp="white"), "red") == ["tlp_unknown"]


def test_expired_rows_stay_from_their_second_on() -> None:
    row = replace(ROW, tlp="clear", expires=NOW)
    assert _codes(row, "clear") == ["expired"]
    assert _codes(replace(row, expires=NOW + timedelta(microseconds=1)), "clear") == []


def test_a_ceiling_that_is_none() -> None:
    with pytest.raises(UsageError, match="amber\\+strict"):
        may_leave([ROW], NOW, "white")
