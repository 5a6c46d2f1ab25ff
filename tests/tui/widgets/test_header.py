from __future__ import annotations

import pytest

from tidegate.service.quota import Quota
from tidegate.tui.widgets.header import gauge, quota_text


def quota(used: int, waiting: int = 0, expiring: int = 0) -> Quota:
    return Quota(15_000, used, 0, 0, 0, 15_000 - used, waiting, {}, expiring, None)


@pytest.mark.parametrize(
    ("used", "bar"),
    [
        (0, "[..........]"),
        (1, "[#.........]"),
        (7_500, "[#####.....]"),
        (14_999, "[#########.]"),
        (15_000, "[##########]"),
        (15_020, "[##########]"),
    ],
)
def test_the_gauge_is_empty_or_full_only_when_that_is_so(used: int, bar: str) -> None:
    assert gauge(used, 15_000) == bar


def test_the_quota_in_words() -> None:
    assert quota_text(quota(1_234), wide=False) == "quota 1,234/15,000 [#.........]"
    assert "FULL" in quota_text(quota(15_000), wide=False)
    wide = quota_text(quota(5, waiting=12, expiring=3), wide=True)
    assert wide.endswith("12 waiting · 3 expire in 7 days")
