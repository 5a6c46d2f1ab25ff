"""The only place that asks what time it is, and how times are written.

Besides the wall clock, which people and time servers set, there is the time since the machine
started, which nobody sets: `service.timekeeping` holds one against the other.

Everything below `service` takes `now` as an argument; that is what makes plans repeatable and
tests honest. What it refuses: naive times. All times are UTC and are written as RFC 3339 with `Z`.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long the machine has been up, sleep included, and which start that counts from."""

    boot: str
    elapsed: timedelta


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def uptime() -> Uptime | None:
    """Return the time since the machine started, or None where that cannot be told.

    Only Linux names the start (proc(5), random/boot_id) and has a clock that counts sleep and is
    never set (clock_gettime(2), CLOCK_BOOTTIME); with less, a restart would look like a jump.
    """
    which = getattr(time, "CLOCK_BOOTTIME", None)
    boot = _boot_id()
    if which is None or not boot:
        return None
    return Uptime(boot, timedelta(seconds=time.clock_gettime(which)))


@functools.cache
def _boot_id() -> str:
    """The name of this start of the machine, which no process outlives."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


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
