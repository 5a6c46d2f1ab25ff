"""What comes before what on the list, and the rows in that order, each with its rank.

Rows are made from their records with the rank that they have, so that a list that is looked at is
held once. A change of a few rows is ranked from what was known before: of 15,000 rows only those
are looked at that are new or have moved. Owns the order. Refuses to read the list; `look` does.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tidegate.indicators.indicator import Indicator, RowKey, at_rank
from tidegate.indicators.kinds import Origin
from tidegate.store.records import Record
from tidegate.store.rows import made_row

_NEVER = datetime.max.replace(tzinfo=UTC)

_FEW = 500
"""New rows up to which each is put in its place; with more of them sorting is faster."""

_FEED = Origin.FEED.value


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rows in rank order, good for one change of the list and until a row expires.

    `known` holds the records by id as the store gave them: one that is still the same object is
    that of the same row.
    """

    head: str
    since: datetime
    until: datetime
    rows: tuple[Indicator, ...]
    known: Mapping[str, Record] = field(repr=False)


def order_of(row: Indicator) -> tuple[int, float, RowKey]:
    """By what a row is sorted: people's rows, then pinned ones, then all others by score."""
    level = 0 if row.origin is not Origin.FEED else 1 if row.pinned else 2
    return level, -(row.score or 0.0), row.key


def order_of_record(record: Record) -> tuple[int, float, tuple[str, str, tuple[str, ...]]]:
    """The same of a row that is not made: a type is its text."""
    level = 0 if record["origin"] != _FEED else 1 if record.get("pinned") else 2
    key = (record["type"], record["value"], tuple(record.get("groups", ())))
    return level, -(record.get("score") or 0.0), key


def ranked(head: str, now: datetime, held: Sequence[Record], before: Ranking | None) -> Ranking:
    """Rank the rows that are held now, from an earlier ranking where it helps.

    Raises StoreDamaged for a record that is none.
    """
    known = {record["id"]: record for record in held}
    rows = _anew(held) if before is None else _renewed(known, before)
    ends = min((row.expires for row in rows if row.expires is not None), default=_NEVER)
    return Ranking(head, now, ends, rows, known)


def _anew(held: Sequence[Record]) -> tuple[Indicator, ...]:
    order = sorted(held, key=order_of_record)
    return tuple(made_row(record, place) for place, record in enumerate(order, 1))


def _renewed(known: Mapping[str, Record], before: Ranking) -> tuple[Indicator, ...]:
    old = before.known
    new = {item for item, record in known.items() if old.get(item) is not record}
    leaving = new | (old.keys() - known.keys())
    order = [row for row in before.rows if row.id not in leaving]
    fresh = [made_row(known[item]) for item in new]
    if len(fresh) > _FEW:
        order = sorted([*order, *fresh], key=order_of)
    else:
        for row in fresh:
            order.insert(bisect(order, order_of(row), key=order_of), row)
    return tuple(
        row if row.rank == place else at_rank(row, place) for place, row in enumerate(order, 1)
    )
