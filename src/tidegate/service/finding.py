"""A few rows out of a full list, without making the other 15,000.

Looks through the rows as they are written down, and makes those that were found, with their rank:
a question about one value is answered at once, in a process that has looked at nothing yet. Owns
what comes before what on the list. Refuses to read what people type; `look` does.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from tidegate.clock import read_stamp
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Origin
from tidegate.service.workspace import Workspace
from tidegate.store.records import Record


def listed(ws: Workspace) -> list[Record]:
    """The rows that Defender would hold now, as they are written down, in no particular order."""
    return ws.store.listed(ws.clock())


def named(held: Iterable[Record], values: Collection[str]) -> list[Record]:
    """Those of these values; a file also by its other hashes."""
    return [
        record
        for record in held
        if record["value"] in values
        or (
            "aliases" in record
            and any(alias.partition(":")[2] in values for alias in record["aliases"])
        )
    ]


def made(ws: Workspace, held: Sequence[Record], found: Iterable[Record]) -> tuple[Indicator, ...]:
    """Make the rows that were found among those held, in rank order, each with its rank."""
    rows = sorted((ws.store.row(record["id"]) for record in found), key=order_of)
    if not rows:
        return ()
    worths = [_worth(record) for record in held]
    sooner = sorted(worths)
    placed = []
    for row in rows:
        mine = order_of(row)[:2]
        alike = (record for record, worth in zip(held, worths, strict=True) if worth == mine)
        rank = 1 + bisect_left(sooner, mine) + sum(_key(record) < row.key for record in alike)
        placed.append(dataclasses.replace(row, rank=rank))
    return tuple(placed)


def order_of(row: Indicator) -> tuple[int, float, RowKey]:
    """By what a row is sorted: people's rows, then pinned ones, then all others by score."""
    return (*_worth_of(row.origin, row.score, pinned=row.pinned), row.key)


def _worth(record: Record) -> tuple[int, float]:
    return _worth_of(record["origin"], record.get("score"), pinned=record.get("pinned", False))


def _worth_of(origin: str, score: float | None, *, pinned: bool) -> tuple[int, float]:
    level = 0 if origin != Origin.FEED else 1 if pinned else 2
    return level, -(score or 0.0)


def _key(record: Record) -> tuple[str, str, tuple[str, ...]]:
    """The identity of a row that is not made: a type is its text."""
    return record["type"], record["value"], tuple(record.get("groups", ()))


def next_end(held: Iterable[Record]) -> datetime | None:
    """When the next of these rows expires; None where none ever does."""
    ends = (end for record in held if (end := record.get("expires")) is not None)
    first = min(ends, default=None)
    return None if first is None else read_stamp(first)


def over(ws: Workspace, values: Collection[str]) -> list[Indicator]:
    """The rows of these values whose time is over, and whose removal no write has noted yet."""
    now = ws.clock()
    rows = ws.store.state().rows
    found = (ws.store.row(record["id"]) for record in named([*rows.records.values()], values))
    return [row for row in found if not row.active(now)]
