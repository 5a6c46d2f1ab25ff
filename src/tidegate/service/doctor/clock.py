"""The area of the clock: whether a write would be let through, and what the list says of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tidegate.service.doctor.findings import FIX, Checked, checked, fault, warning
from tidegate.service.timekeeping import Timekeeper

CLOCK = "clock"

_AHEAD = timedelta(minutes=5)
"""Clocks of machines that share a home differ by less."""


def look_at_clock(
    timekeeper: Timekeeper, now: datetime, tenant: str, last_change: datetime | None
) -> Checked:
    """Ask what a write would ask, and note nothing."""
    doubt = timekeeper.doubt(now, tenant, last_change)
    summary = f"{now:%Y-%m-%d %H:%M}Z"
    if doubt is not None:
        mend = f"set the clock; if it is right: {FIX}" if doubt.settled else "set the clock"
        message = f"{doubt.message}: nothing is written until that is settled"
        found = fault(CLOCK, doubt.code, message, mend, fixable=doubt.settled)
        return checked(CLOCK, f"{summary}, not believed", [found])
    if last_change is not None and last_change > now + _AHEAD:
        message = f"the last change is dated {last_change:%Y-%m-%d %H:%M}Z, after now"
        found = warning(CLOCK, "change_ahead", message, "see to the clock of whoever wrote it")
        return checked(CLOCK, summary, [found])
    return checked(CLOCK, f"{summary}, believed")


def mend(
    timekeeper: Timekeeper, now: datetime, tenant: str, last_change: datetime | None
) -> Iterator[str]:
    """Take the present time for right, because the operator says so."""
    doubt = timekeeper.doubt(now, tenant, last_change)
    if doubt is not None and doubt.settled:
        timekeeper.confirm(now, tenant, last_change)
        yield f"{timekeeper.path}: {now:%Y-%m-%d %H:%M}Z is taken for right"
