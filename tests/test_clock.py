from __future__ import annotations

from datetime import timedelta

from tidegate import clock


def test_now_is_aware_in_utc_and_never_goes_far_back() -> None:
    first, second = clock.now(), clock.now()
    assert first.utcoffset() == timedelta(0)
    assert second - first > timedelta(seconds=-1)
