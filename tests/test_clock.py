"""Times: always UTC, written one way, read back exactly, and never guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate import clock

zones = st.timedeltas(min_value=timedelta(hours=-23), max_value=timedelta(hours=23)).map(timezone)
moments = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=zones,
)


def test_now_is_in_utc() -> None:
    assert clock.now().tzinfo is UTC
    assert clock.now() <= clock.now()


@given(moments)
def test_any_time_comes_back_as_the_same_instant_in_utc(moment: datetime) -> None:
    text = clock.stamp(moment)
    assert text.endswith("Z")
    assert clock.read_stamp(text) == moment
    assert clock.read_stamp(text).tzinfo is UTC
    assert clock.stamp(clock.read_stamp(text)) == text


@given(moments, moments)
def test_the_same_instant_is_written_the_same(one: datetime, two: datetime) -> None:
    assert clock.stamp(one.astimezone(two.tzinfo)) == clock.stamp(one)


def test_sub_second_digits_are_written_only_when_there_are_any() -> None:
    assert clock.stamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05Z"
    tenth = datetime(2026, 1, 2, 3, 4, 5, 100_000, tzinfo=UTC)
    assert clock.stamp(tenth) == "2026-01-02T03:04:05.100000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05",
        "2026-01-02",
        "soon",
        "",
        "2026-02-30T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
    ],
)
def test_what_is_no_instant_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|isoformat|day"):
        clock.read_stamp(text)


def test_uptime_goes_on_and_keeps_its_start() -> None:
    first, second = clock.uptime(), clock.uptime()
    if first is None or second is None:
        pytest.skip("no clock that nobody sets")
    assert first.boot == second.boot
    assert timedelta(0) < first.elapsed <= second.elapsed


@pytest.mark.parametrize("content", [None, b"", b"\xff"])
def test_uptime_without_a_named_start_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "boot_id"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(clock, "_BOOT_ID", path)
    clock._boot_id.cache_clear()
    assert clock.uptime() is None
    clock._boot_id.cache_clear()
