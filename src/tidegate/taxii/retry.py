"""When a request that failed is sent again, and after how long.

Owns the back-off: which statuses may pass by themselves, how often a request is sent, and the pause
before each repetition: twice as long every time, jittered so that clients of one server do not
return together, and never shorter than the server's Retry-After (RFC 9110 §10.2.3). Refuses pauses
beyond a cap, whatever a server asks for, and pauses that would outlast the deadline: then there is
no further attempt. Everything is computed from what is passed in; `Waiting` brings along chance and
sleep.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import random

UNSERVED = frozenset({429, 503})
"""Statuses by which a server says that it did not do what was asked."""

PASSING = UNSERVED | {502, 504}
"""Statuses that may pass by themselves. After a gateway's, the server behind may have answered."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The policy. Times in seconds."""

    attempts: int = 4
    """How often one request is sent at most, the first time included."""
    first: float = 1
    """The pause after the first failure, before jitter; it doubles from there."""
    cap: float = 120

    def pause(self, failed: int, asked: float | None, left: float, chance: float) -> float | None:
        """Return how long to wait after so many failed attempts; None: give up.

        `asked` is the server's Retry-After, `left` the time until the deadline, `chance` a number
        from 0 to 1.
        """
        if failed >= self.attempts:
            return None
        step = min(self.cap, self.first * 2.0 ** min(failed - 1, 30)) / 2
        pause = min(self.cap, max(step, asked or 0) + step * chance)
        return pause if pause < left else None


def rest(seconds: float) -> None:
    """Wait; what no test does for real."""
    time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How somebody waits who obeys a policy; `told` hears of each pause, in a line for people."""

    policy: Retry = Retry()
    sleep: Callable[[float], None] = field(default_factory=lambda: rest)
    chance: Callable[[], float] = random
    told: Callable[[str], object] = lambda _: None


def asked_pause(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return what Retry-After asks for in seconds, however many; None without a readable one.

    A date counts from the answer's own Date where there is one: then no clock need be right.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until = http_date(text)
    if until is None:
        return None
    return max(0.0, (until - (http_date(headers.get("Date", "")) or now)).total_seconds())


def http_date(text: str) -> datetime | None:
    """Return an HTTP date in UTC; None for text that is none."""
    try:
        return parsedate_to_datetime(text).replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
