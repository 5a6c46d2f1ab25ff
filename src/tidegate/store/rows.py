"""The rows of a list in memory: kept as records, made into values when somebody asks.

Opening a list of 15,000 rows must cost little more than reading its JSON, and one edit must not
look at the other 14,999; so rows are built on demand, and the lookups by identity and by expiry are
built at the first write and then kept up. Refuses to decide anything.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from tidegate.clock import read_stamp, stamp
from tidegate.errors import StoreDamaged
from tidegate.indicators.indicator import Indicator, RowKey, Suppression
from tidegate.store.records import Record, read_indicator_record, read_suppression_record

Row = TypeVar("Row", Indicator, Suppression)


_SECOND = len("2026-01-10T12:00:00")


class Rows(Mapping[str, Row], Generic[Row]):
    """Rows by id. `records` is what the files hold; a row is read from it once, when asked for."""

    def __init__(
        self, read: Callable[[Mapping[str, Any]], Row], records: dict[str, Record]
    ) -> None:
        self.records = records
        self._read: Callable[[Mapping[str, Any]], Row] = read
        self._built: dict[str, Row] = {}

    def __getitem__(self, ident: str) -> Row:
        row = self._built.get(ident)
        if row is None:
            row = self._built[ident] = _made(self._read, self.records[ident])
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __contains__(self, ident: object) -> bool:
        return ident in self.records

    def all(self) -> tuple[Row, ...]:
        """Every row, in no particular order; quick once they were built."""
        if len(self._built) != len(self.records):
            return tuple(self[ident] for ident in self.records)
        return tuple(self._built.values())

    def drop(self, ident: str) -> None:
        """Take a row out, if it is there."""
        self.records.pop(ident, None)
        self._built.pop(ident, None)

    def put(self, ident: str, record: Record) -> None:
        """Put a row in."""
        self.records[ident] = record
        self._built.pop(ident, None)

    def know(self, row: Row) -> None:
        """Remember what a record was written from."""
        self._built[row.id] = row


def made_row(record: Record, rank: int | None = None) -> Indicator:
    """A row as it is written down, but for its rank, which a view of the list gives it.

    Nobody keeps it here: it is the caller's. Raises StoreDamaged.
    """
    return _made(read_indicator_record, record if rank is None else {**record, "rank": rank})


def _made(read: Callable[[Mapping[str, Any]], Row], record: Record) -> Row:
    try:
        return read(record)
    except (ValueError, KeyError, TypeError) as fault:
        raise StoreDamaged(f"row {record.get('id')} cannot be read: {fault}") from fault


class SuppressionRows(Rows[Suppression]):
    """Suppressions by id."""

    def __init__(self, records: dict[str, Record] | None = None) -> None:
        super().__init__(read_suppression_record, {} if records is None else records)


class IndicatorRows(Rows[Indicator]):
    """Indicators by id, by identity and by expiry."""

    def __init__(self, records: dict[str, Record] | None = None) -> None:
        super().__init__(read_indicator_record, {} if records is None else records)
        self._ids: dict[tuple[str, str, tuple[str, ...]], str] | None = None
        self._ends: list[tuple[datetime, str]] = []

    def at(self, key: RowKey) -> Indicator | None:
        """The row with this identity, active or not."""
        ident = self._by_key().get(key)
        return None if ident is None else self[ident]

    def listed(self, now: datetime) -> list[Record]:
        """The records of the rows that are active at `now`; no row is made for it."""
        second = stamp(now)[:_SECOND]
        return [
            record
            for record in self.records.values()
            if (end := record.get("expires")) is None
            or end[:_SECOND] > second
            # Within one second the texts do not sort: "Z" comes after ".5Z".
            or (end[:_SECOND] == second and read_stamp(end) > now)
        ]

    def expired(self, now: datetime) -> list[Indicator]:
        """The rows whose time is over at `now`, earliest first; cheap when there are none."""
        self._by_key()
        found = {}
        while self._ends and self._ends[0][0] <= now:
            _, ident = heapq.heappop(self._ends)
            if ident in self.records and not (row := self[ident]).active(now):
                found[ident] = row
        for row in found.values():
            self._ends_at(row.id, row.expires)  # they are out when the list says so, not before
        return list(found.values())

    def drop(self, ident: str) -> None:
        """Take a row out; its end stays in the queue and is passed over there."""
        if self._ids is not None and (record := self.records.get(ident)) is not None:
            key = _key(record)
            if self._ids.get(key) == ident:  # else another row moved here in the same change
                del self._ids[key]
        super().drop(ident)

    def put(self, ident: str, record: Record) -> None:
        """Put a row in."""
        super().put(ident, record)
        if self._ids is not None:
            self._index(ident, record)

    def _by_key(self) -> dict[tuple[str, str, tuple[str, ...]], str]:
        if self._ids is None:
            self._ids = {}
            for ident, record in self.records.items():
                self._index(ident, record)
        return self._ids

    def _index(self, ident: str, record: Record) -> None:
        if self._ids is None:
            return
        self._ids[_key(record)] = ident
        end = record.get("expires")
        if end is not None:
            self._ends_at(ident, read_stamp(end))

    def _ends_at(self, ident: str, end: datetime | None) -> None:
        if end is not None:
            heapq.heappush(self._ends, (end, ident))


def _key(record: Record) -> tuple[str, str, tuple[str, ...]]:
    """A row's identity; equal to its RowKey, since an IndicatorType is its text."""
    return (record["type"], record["value"], tuple(record.get("groups", ())))
