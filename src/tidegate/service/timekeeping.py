"""Whether the clock can be believed, asked before anything is written that depends on it.

A clock that is years off would expire the whole list. So a write is refused while the clock reads:
before the first release of Tidegate; more than a day off what the servers of feeds agree on
(testimony.py); more than a day before the list's last change or the last time we looked; more than
a day off what the time since the machine's start says. Where servers agree with the clock, nothing
else is asked, however long ago the last look was. A machine that was off for a month is believed
without them. After more than a year without a look, and without a word from any server, a write
waits for the operator's: nothing speaks for the clock then, all rows with an end would go, and a
question costs less than they do. Reading never asks.

Owns the file in which the last look is kept, and the operator's word that a strange time is right,
also against servers. Refuses to read any clock itself: the
sources are arguments, and a clock that a test turns has none but itself.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from tidegate.clock import Uptime, read_stamp, stamp
from tidegate.errors import ConfigError, StoreDamaged
from tidegate.service.testimony import SLACK, Agreement, elsewhere
from tidegate.service.witnesses import Witnesses
from tidegate.store.files import replace

FILE = "clock.json"
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No list of ours is older: a clock before that was never set."""

LONGEST = timedelta(days=366)
"""A home that nobody used for so long deserves a look before everything in it expires, unless
servers say what time it is."""

EVERY = timedelta(hours=1)
"""How often a look is written down: an edit must not pay for a file each time."""

Sources = Callable[[], Uptime | None]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the clock is not believed. `settled` says whether the operator's word can settle it."""

    code: str
    message: str
    settled: bool = True

    def error(self) -> ConfigError:
        """The refusal of a write."""
        hint = "set the clock"
        if self.settled:
            hint += "; if it is right: `tidegate doctor --fix`"
        return ConfigError(f"{self.message}; nothing was changed", hint)


@dataclass(frozen=True, slots=True)
class Look:
    """The clock as it was once: its time, and the machine's uptime where that can be told.

    `ahead` are last changes, by tenant, that lie in the future and that the operator knows of;
    `overruled` is how far the clock was ahead of what servers said when the operator took it for
    right.
    """

    at: datetime
    uptime: Uptime | None = None
    ahead: Mapping[str, datetime] = field(default_factory=dict)
    overruled: timedelta | None = None


def doubt(
    now: datetime,
    *,
    last_change: datetime | None = None,
    last_look: Look | None = None,
    uptime: Uptime | None = None,
    testimony: Agreement | None = None,
) -> Doubt | None:
    """Say why `now` cannot be believed, or None. Pure."""
    if now < EARLIEST:
        return Doubt("clock_unset", f"the clock says {_day(now)}, it was never set", settled=False)
    told = None if testimony is None else testimony.time(now, uptime)
    if testimony is not None and told is not None:
        off, known = now - told, None if last_look is None else last_look.overruled
        if abs(off) <= SLACK:
            return None
        if known is None or abs(off - known) > SLACK:
            return Doubt(
                "clock_contradicted",
                f"the clock says {_day(now)}, but by {testimony.named} it is {_day(told)}",
            )
    if last_change is not None and now < last_change - SLACK:
        return Doubt(
            "clock_behind_list",
            f"the clock says {_day(now)}, but the list was last changed {_day(last_change)}",
        )
    return None if last_look is None else _since(last_look, now, uptime)


def _since(look: Look, now: datetime, uptime: Uptime | None) -> Doubt | None:
    """Hold the clock against when we last looked: by the machine's uptime if it never stopped."""
    then = look.uptime
    if uptime is not None and then is not None and uptime.boot == then.boot:
        expected = look.at + (uptime.elapsed - then.elapsed)
        if abs(now - expected) <= SLACK:
            return None
        return Doubt(
            "clock_jumped",
            f"the clock says {_day(now)}, but it should be about {_day(expected)} "
            "by the time since this machine started",
        )
    if now < look.at - SLACK:
        return Doubt("clock_back", f"the clock says {_day(now)}, but it was {_day(look.at)} before")
    if now > look.at + LONGEST:
        return Doubt(
            "clock_far",
            f"the clock says {_day(now)}, more than a year after {_day(look.at)}, "
            "when it was last looked at",
        )
    return None


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


class Timekeeper:
    """The clock of one home. Without `sources` only the list itself bears witness."""

    def __init__(
        self,
        folder: Path,
        sources: Sources | None = None,
        counts: Callable[[str], bool] = elsewhere,
    ) -> None:
        self.path = folder / FILE
        self._sources = sources
        self._look: Look | None = None
        self.witnesses = None if sources is None else Witnesses(folder, sources, counts)

    def doubt(self, now: datetime, tenant: str, last_change: datetime | None) -> Doubt | None:
        """Say why a write at `now` must wait, or None."""
        uptime, told = None if self._sources is None else self._sources(), self._told()
        found = doubt(
            now, last_change=last_change, last_look=self._last(), uptime=uptime, testimony=told
        )
        if found is None:
            return None
        # Somebody else may have looked since, or the operator has said that the clock is right.
        look = self._look = self.read()
        if look is not None and look.ahead.get(tenant) == last_change:
            last_change = None
        return doubt(
            now,
            last_change=last_change,
            last_look=None if self._sources is None else look,
            uptime=uptime,
            testimony=told,
        )

    def _told(self) -> Agreement | None:
        """What servers agree on, where anybody may bear witness but the list."""
        return None if self.witnesses is None else self.witnesses.testimony()

    def check(self, now: datetime, tenant: str, last_change: datetime | None) -> None:
        """Raise ConfigError while the clock is not believed; else note the look, now and then."""
        found = self.doubt(now, tenant, last_change)
        if self.witnesses is not None:
            self.witnesses.keep()
        if found is not None:
            raise found.error()
        if self._sources is None:
            return
        look, uptime = self._look, self._sources()
        if (
            look is None
            or abs(now - look.at) >= EVERY
            or (uptime and uptime.boot) != (look.uptime and look.uptime.boot)
        ):
            latest = self.read()
            self._look = dataclasses.replace(latest or Look(now), at=now, uptime=uptime)
            # No reason to refuse a change: what is wrong with the folder, the list will tell.
            with contextlib.suppress(OSError, StoreDamaged):
                replace(self.path, render(self._look))

    def confirm(self, now: datetime, tenant: str, last_change: datetime | None) -> None:
        """Note the operator's word that `now` is right. Raises ConfigError where it cannot be."""
        if now < EARLIEST:
            raise ConfigError(
                f"the clock says {_day(now)}, before there was any Tidegate", "set the clock"
            )
        look = self.read()
        ahead = dict(look.ahead) if look is not None else {}
        ahead.pop(tenant, None)
        if last_change is not None and now < last_change - SLACK:
            ahead[tenant] = last_change
        uptime, told = None if self._sources is None else self._sources(), self._told()
        said = None if told is None else told.time(now, uptime)
        overruled = now - said if said is not None and abs(now - said) > SLACK else None
        try:
            replace(self.path, render(Look(now, uptime, ahead, overruled)))
        except OSError as fault:
            raise ConfigError(f"{self.path}: {fault.strerror}") from fault
        self._look = None  # read again

    def read(self) -> Look | None:
        """The last look as it is on disk; None when there is none that can be read."""
        try:
            return parse(self.path.read_bytes())
        except (OSError, ValueError):
            return None

    def _last(self) -> Look | None:
        if self._sources is None:
            return None
        if self._look is None:
            self._look = self.read()
        return self._look


def render(look: Look) -> bytes:
    """Write a look down as one JSON object."""
    record: dict[str, object] = {"schema": 1, "at": stamp(look.at)}
    if look.uptime is not None:
        record |= {"boot": look.uptime.boot, "uptime": look.uptime.elapsed.total_seconds()}
    if look.ahead:
        record["ahead"] = {name: stamp(moment) for name, moment in sorted(look.ahead.items())}
    if look.overruled is not None:
        record["overruled"] = look.overruled.total_seconds()
    return orjson.dumps(record) + b"\n"


def parse(data: bytes) -> Look:
    """Read what `render` wrote. Raises ValueError."""
    try:
        record = orjson.loads(data)
        uptime = None
        if "boot" in record:
            uptime = Uptime(record["boot"], timedelta(seconds=record["uptime"]))
        ahead = {name: read_stamp(text) for name, text in record.get("ahead", {}).items()}
        overruled = timedelta(seconds=record["overruled"]) if "overruled" in record else None
        return Look(read_stamp(record["at"]), uptime, ahead, overruled)
    except (KeyError, TypeError, AttributeError, OverflowError) as fault:
        raise ValueError(f"no look at a clock: {fault!r}") from fault
