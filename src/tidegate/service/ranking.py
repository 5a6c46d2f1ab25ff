"""What comes before what on the list, and the rows in that order, each with its rank.

A change of a few rows is ranked from what was known before: of 15,000 rows only those are looked at
that are new or have moved. Owns the order. Refuses to read the list; `look` does.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tidegate.indicators.indicator import Indicator, RowKey, at_rank
from tidegate.indicators.kinds import Origin

_NEVER = datetime.max.replace(tzinfo=UTC)

_FEW = 500
"""New rows up to which each is put in its place; with more of them sorting is faster."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rows in rank order, good for one change of the list and until a row expires.

    `known` holds the rows by id as the store gave them: one that is still the same object is the
    same row.
    """

    head: str
    since: datetime
    until: datetime
    rows: tuple[Indicator, ...]
    known: Mapping[str, Indicator] = field(repr=False)


def order_of(row: Indicator) -> tuple[int, float, RowKey]:
    """By what a row is sorted: people's rows, then pinned ones, then all others by score."""
    level = 0 if row.origin is not Origin.FEED else 1 if row.pinned else 2
    return level, -(row.score or 0.0), row.key


def ranked(head: str, now: datetime, held: Sequence[Indicator], before: Ranking | None) -> Ranking:
    """Rank the rows that are held now, from an earlier ranking where it helps."""
    known = {row.id: row for row in held}
    order = _order(held, known, before)
    ends = min((row.expires for row in held if row.expires is not None), default=_NEVER)
    return Ranking(head, now, ends, _placed(order), known)


def _placed(order: Sequence[Indicator]) -> tuple[Indicator, ...]:
    return tuple(
        row if row.rank == place else at_rank(row, place) for place, row in enumerate(order, 1)
    )


def _order(
    held: Sequence[Indicator], known: Mapping[str, Indicator], before: Ranking | None
) -> list[Indicator]:
    old = {} if before is None else before.known
    fresh = [row for row in held if old.get(row.id) is not row]
    if before is None or len(fresh) > _FEW:
        return sorted(held, key=order_of)
    order = [row for row in before.rows if known.get(row.id) is old[row.id]]
    for row in fresh:
        order.insert(bisect(order, order_of(row), key=order_of), row)
    return order
