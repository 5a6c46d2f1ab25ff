"""The only place that asks what time it is, and how times are written.

Everything below `service` takes `now` as an argument; that is what makes plans repeatable and
tests honest. What it refuses: naive times. All times are UTC and are written as RFC 3339 with `Z`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC, with as many sub-second digits as it has."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_stamp(text: str) -> datetime:
    """Read what `stamp` wrote. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {text}")
    try:
        return moment.astimezone(UTC)
    except OverflowError as fault:
        raise ValueError(f"a time beyond the calendar: {text}") from fault
