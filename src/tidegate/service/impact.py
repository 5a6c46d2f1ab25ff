"""What a plan would have done to events that happened: a look before letting it in.

Owns the count for each row that a plan adds, changes or removes, and what makes a row suspicious:
it meets what is very common. The list is the one that the plan would leave, so that rows which
others overrule are seen as such. Refuses to judge by later events: scope and expiry are those at
the time of each event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.engines.sieve import Sieve
from tidegate.engines.verdict import Engine, Word
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.service.foreseeing import Foresight
from tidegate.service.judging import setting
from tidegate.service.matching import Asked, Counts, devices_of, every_event
from tidegate.service.workspace import Workspace
from tidegate.sources.event_record import Reader

MANY_DEVICES = "many_devices"
MANY_EVENTS = "many_events"
_DEVICE_SHARE, _FEWEST_DEVICES = 0.1, 3
"""A row is common when it meets a tenth of the devices seen, and three at least."""
_EVENT_SHARE, _FEWEST_EVENTS = 0.01, 100
"""Or a hundredth of all events, and a hundred at least."""
_PAIRS = 1_000_000
"""Pairs of row and device that are told apart: some 100 MB. From then on counts are too low."""

_WEIGHT = {Word.BLOCKED: 3, Word.WARNED: 2, Word.ALERTED: 1}


@dataclass
class Impact:
    """What one row would have met; one that leaves, what it would meet no more.

    `words` are what prevention would do by this row, `overruled` counts events that another row
    decides then, and `changed` those about which an engine would say something else than now.
    """

    row: Indicator
    op: str
    held: bool
    reason: str
    events: int = 0
    alerts: int = 0
    overruled: int = 0
    words: Counter[Word] = field(default_factory=Counter)
    changed: Counter[Engine] = field(default_factory=Counter)
    devices: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    flags: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[object, ...]:
        """Sorts the heaviest first: what is flagged, blocked, wide and frequent."""
        stopped = sum(_WEIGHT.get(word, 0) * count for word, count in self.words.items())
        most = max(self.changed.values(), default=0)
        return (-len(self.flags), -stopped, -most, -len(self.devices), -self.events, self.row.key)


def preview(ws: Workspace, plan: SyncPlan, asked: Asked, counts: Counts) -> list[Impact]:
    """Run events past the list that a plan would leave; return its rows, heaviest first.

    Rows that the brake withholds are previewed as well, as if they were approved. Raises
    UsageError.
    """
    sight = Foresight(ws, plan, finding=asked.finding)
    held = {change.name for change in plan.held}
    impacts = {
        change.row.id: Impact(change.row, change.op.value, change.name in held, change.reason)
        for change in (*plan.changes, *plan.held)
    }
    census: set[str] = set()
    reader = Reader(
        setting(ws, devices_of(asked.devices, counts.problems)),
        counts.problems,
        Sieve(sight.rows.values()),
        census=census,
    )
    pairs = 0
    for read in every_event(asked.files, reader, counts):
        event = read.event
        seen = sight.look(event, finding=read.finding)
        if not seen.rows:
            continue
        counts.hits += 1
        decides = next(it for it in seen.after if it.engine is Engine.ENDPOINT_PREVENTION)
        for ident in sight.met(event):
            impact = impacts.get(ident)
            if impact is None:
                continue  # a row that leaves under an id that another one takes
            impact.events += 1
            impact.first = event.at if impact.first is None else min(impact.first, event.at)
            impact.last = event.at if impact.last is None else max(impact.last, event.at)
            impact.groups.add(event.group)
            if pairs < _PAIRS and event.device not in impact.devices:
                impact.devices.add(event.device)
                pairs += 1
            if decides.indicator is not None and decides.indicator.id == ident:
                impact.words[decides.verdict] += 1
                impact.alerts += decides.alert is not None
            elif impact.op != Op.REMOVE:
                impact.overruled += 1
            if ident in seen.rows:
                impact.changed.update(seen.changed)
    for impact in impacts.values():
        impact.flags = tuple(_flags(impact, counts.events, len(census)))
    return sorted(impacts.values(), key=lambda impact: impact.order)


def _flags(impact: Impact, events: int, devices: int) -> Iterator[str]:
    if len(impact.devices) >= max(_FEWEST_DEVICES, devices * _DEVICE_SHARE):
        yield MANY_DEVICES
    if impact.events >= max(_FEWEST_EVENTS, events * _EVENT_SHARE):
        yield MANY_EVENTS
