"""What the servers of feeds say that it is o'clock, and when that is evidence.

Every HTTP answer says when it was made (RFC 9110 §6.6.1). One server proves nothing: it may be
wrong, or lie. Evidence is what at least two hosts, and more than half of those that were heard,
agree on within a day, against our clock. A server on this machine has no clock but ours.

Owns that rule, and what an old agreement still says. Refuses to ask anybody, and to judge.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from tidegate.clock import Uptime, read_stamp, stamp

SLACK = timedelta(hours=24)
_FRESH = timedelta(hours=1)
"""How long a clock is taken to go on as it did when the machine cannot tell how long it is up."""

LEAST = 2
"""Hosts that must agree at least."""

_NAMED = 3


class Word(NamedTuple):
    """What one host said, and what our clock said then."""

    host: str
    said: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """What hosts agree on: at `at` our clock was `off` ahead of theirs, behind if negative."""

    hosts: tuple[str, ...]
    off: timedelta
    at: datetime
    uptime: Uptime | None = None

    @property
    def named(self) -> str:
        """The hosts, for a message; of many the first few."""
        first, rest = self.hosts[:_NAMED], len(self.hosts) - _NAMED
        named = [*first, f"{rest} more"] if rest > 0 else list(first)
        return f"{', '.join(named[:-1])} and {named[-1]}"

    def time(self, now: datetime, uptime: Uptime | None) -> datetime | None:
        """Return what time it is by this, when our clock says `now`; None when that is unknown.

        The time since the machine's start goes on whatever people set. Without it, our clock is
        taken to go on: for an hour if it was right; if it was wrong, until it shows a time that a
        right one could show.
        """
        then = self.uptime
        if uptime is not None and then is not None and uptime.boot == then.boot:
            return self.at - self.off + (uptime.elapsed - then.elapsed)
        true = self.at - self.off
        if timedelta() <= now - self.at <= _FRESH:
            return now - self.off
        if self.off > SLACK and now >= self.at - SLACK:
            return now - self.off
        if self.off < -SLACK and now < true - SLACK:
            return true
        return None


def agreed(words: Iterable[Word], uptime: Uptime | None = None) -> Agreement | None:
    """Return what most hosts agree on; None when they do not, or are too few.

    Of each host the last word counts. `uptime` is that of the last word of all.
    """
    latest = {word.host: word for word in words}
    ordered = sorted(latest.values(), key=lambda word: (word.at - word.said, word.host))
    best: list[Word] = []
    start = 0
    for end, word in enumerate(ordered):
        while _off(word) - _off(ordered[start]) > SLACK:
            start += 1
        if end + 1 - start > len(best):
            best = ordered[start : end + 1]
    if len(best) < LEAST or 2 * len(best) <= len(ordered):
        return None
    middle = _off(best[len(best) // 2])
    hosts = tuple(sorted(word.host for word in best))
    return Agreement(hosts, middle, max(word.at for word in latest.values()), uptime)


def _off(word: Word) -> timedelta:
    return word.at - word.said


def elsewhere(host: str) -> bool:
    """Whether a host is another machine, as far as its name says."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return False
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return True
    return not (address.is_loopback or address.is_unspecified)


def render(found: Agreement) -> bytes:
    """Write it down as one JSON object."""
    record: dict[str, object] = {
        "schema": 1,
        "hosts": found.hosts,
        "off": found.off.total_seconds(),
        "at": stamp(found.at),
    }
    if found.uptime is not None:
        record |= {"boot": found.uptime.boot, "uptime": found.uptime.elapsed.total_seconds()}
    return orjson.dumps(record) + b"\n"


def parse(data: bytes) -> Agreement:
    """Read what `render` wrote. Raises ValueError."""
    try:
        record = orjson.loads(data)
        uptime = None
        if "boot" in record:
            uptime = Uptime(record["boot"], timedelta(seconds=record["uptime"]))
        hosts = tuple(str(host) for host in record["hosts"])
        if len(hosts) < LEAST:
            raise ValueError("too few hosts")
        return Agreement(hosts, timedelta(seconds=record["off"]), read_stamp(record["at"]), uptime)
    except (KeyError, TypeError, AttributeError, OverflowError) as fault:
        raise ValueError(f"no testimony: {fault!r}") from fault
