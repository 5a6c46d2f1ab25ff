"""Files of which only a match that knows the aliases finds the weaker hashes."""

from __future__ import annotations

from strategies.builders import row
from strategies.covering_worlds import FILES
from tidegate.allocation.at_risk import at_risk
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType


def file(kind: IndicatorType, *aliases: IndicatorType, number: int = 0) -> Indicator:
    hashes = FILES[number]
    told = tuple(f"{alias.value}:{hashes[alias]}" for alias in aliases)
    return row(number, type=kind, value=hashes[kind], aliases=told)


def test_weaker_hashes_without_a_row_are_counted_once() -> None:
    sha256, sha1, md5 = FILE_TYPES
    assert at_risk([]) == (0, 0)
    assert at_risk([row(1), file(sha256)]) == (0, 0)
    assert at_risk([file(sha256, sha1, md5)]) == (1, 2)
    assert at_risk([file(sha256, sha1, md5), file(md5)]) == (1, 1)
    assert at_risk([file(sha256, md5), file(sha1, md5)]) == (2, 1)
    assert at_risk([file(sha256, md5), file(md5, sha256)]) == (0, 0)
    assert at_risk([file(sha256, md5), file(sha256, md5, number=1)]) == (2, 2)
