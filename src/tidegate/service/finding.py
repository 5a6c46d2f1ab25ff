"""A few rows out of a full list, without making the other 15,000.

Looks through the rows as they are written down, and makes those that were found, with their rank:
a question about one value is answered at once, also in a process that has looked at nothing yet.
Owns what comes before what on the list. Refuses to read what people type; `look` does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from tidegate.clock import read_stamp
from tidegate.indicators.indicator import Indicator
from tidegate.service.ranking import order_of, order_of_record
from tidegate.service.workspace import Workspace
from tidegate.store.records import Record

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Glance:
    """The rows that Defender would hold, as they are written down.

    Good for one change of the list, from `since` until a row expires. Lookups are made when they
    are asked for, and then kept.
    """

    head: str
    since: datetime
    held: list[Record]

    @cached_property
    def next_end(self) -> datetime | None:
        """When the next of these rows expires; None where none ever does."""
        ends = (end for record in self.held if (end := record.get("expires")) is not None)
        first = min(ends, default=None)
        return None if first is None else read_stamp(first)

    @cached_property
    def _by_text(self) -> dict[str, tuple[Record, ...]]:
        found: dict[str, tuple[Record, ...]] = {}
        for record in self.held:
            found[record["value"]] = (*found.get(record["value"], ()), record)
            for alias in record.get("aliases", ()):
                text = alias.partition(":")[2]
                found[text] = (*found.get(text, ()), record)
        return found

    @cached_property
    def _by_worth(self) -> dict[tuple[int, float], list[Record]]:
        found: dict[tuple[int, float], list[Record]] = {}
        for record in self.held:
            found.setdefault(order_of_record(record)[:2], []).append(record)
        return found

    def named(self, values: Collection[str]) -> list[Record]:
        """The rows of these values, each once; a file also by its other hashes."""
        found = (record for value in values for record in self._by_text.get(value, ()))
        return [*{record["id"]: record for record in found}.values()]

    def starting(self, text: str) -> list[Record]:
        """The rows whose id begins so."""
        return [record for record in self.held if record["id"].startswith(text)]

    def before(self, row: Indicator) -> int:
        """How many rows come before this one."""
        mine = order_of(row)[:2]
        sooner = sum(len(alike) for worth, alike in self._by_worth.items() if worth < mine)
        return sooner + sum(
            order_of_record(record)[2] < row.key for record in self._by_worth.get(mine, ())
        )


def glance(ws: Workspace) -> Glance:
    """The list as it is now."""
    now = ws.clock()
    head = ws.store.state().position.head
    known = ws.glance
    if isinstance(known, Glance) and known.head == head and known.since <= now:
        until = known.next_end or _NEVER
        if now < until:
            return known
    made = ws.glance = Glance(head, now, ws.store.listed(now))
    return made


def made(ws: Workspace, found: Iterable[Record]) -> tuple[Indicator, ...]:
    """Make the rows of these records of the list, in rank order, each with its rank."""
    rows = sorted((ws.store.row(record["id"]) for record in found), key=order_of)
    held = glance(ws)
    return tuple(dataclasses.replace(row, rank=1 + held.before(row)) for row in rows)


def over(ws: Workspace, value: str) -> list[Indicator]:
    """The rows of a value whose time is over, and whose removal no write has noted yet."""
    now = ws.clock()
    records = ws.store.state().rows.records
    found = [ident for ident, record in records.items() if record["value"] == value]
    return [row for ident in found if not (row := ws.store.row(ident)).active(now)]
