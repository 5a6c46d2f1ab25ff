"""How the end of a row is worded: in a column, in a line, in full.

One place, so that a time reads alike wherever it stands. An end that is years away, such as a feed
gives to its own objects, is told in years: nobody reads 3,319 days. Refuses to say why it is then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

_DAY = timedelta(days=1)
_YEAR = 365.25 * _DAY
_FEW_DAYS = 2 * _DAY
"""From here on it is told in days."""
_FAR = 2 * _YEAR
"""From here on it is told in years."""


def remaining(expires: datetime | None, now: datetime) -> str:
    """Say how long a row still lives, in at most six characters: `5h`, `30d`, `9y`, `never`."""
    if expires is None:
        return "never"
    left = expires - now
    if left <= timedelta(0):
        return "over"
    if left >= _FAR:
        return f"{round(left / _YEAR)}y"
    if left >= _FEW_DAYS:
        return f"{round(left / _DAY)}d"  # a second after 90d it still says 90d
    if left >= timedelta(hours=1):
        return f"{int(left.total_seconds()) // 3600}h"
    return f"{int(left.total_seconds()) // 60}m"


def in_line(expires: datetime | None, now: datetime) -> str:
    """The same for a line: a far end with its date, which years alone leave open."""
    short = remaining(expires, now)
    far = expires is not None and expires - now >= _FAR
    return f"{expires:%Y-%m-%d} ({short})" if far else short


def in_full(when: datetime | None, now: datetime) -> str:
    """Say a time and how far away it is."""
    if when is None:
        return "never expires"
    left = when - now
    far = _span(abs(left))
    return f"{when:%Y-%m-%d %H:%M} UTC, " + (f"in {far}" if left >= timedelta(0) else f"{far} ago")


def _span(length: timedelta) -> str:
    if length >= _FAR:
        return f"{round(length / _YEAR)} years"
    if length >= _FEW_DAYS:
        return f"{round(length / _DAY)} days"
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004 - an hour


def age(since: datetime, now: datetime) -> str:
    """Say how long ago it was, in at most four characters: `5h`, `30d`, `9y`."""
    return "now" if since >= now else remaining(now + (now - since), now)
