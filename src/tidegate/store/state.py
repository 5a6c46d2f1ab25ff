"""The list in memory at one change: rows, suppressions, and where the journal goes on.

Refuses files: `tenant_store` reads and writes them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.clock import read_stamp
from tidegate.errors import StoreDamaged
from tidegate.indicators.indicator import Indicator, RowKey, Suppression
from tidegate.indicators.plan import Change, Row
from tidegate.store.entry import SCHEMA
from tidegate.store.journal import Line, Position, follows
from tidegate.store.records import Record
from tidegate.store.rows import IndicatorRows, Rows, SuppressionRows
from tidegate.store.storage import Envelope, Tables


@dataclass(slots=True)
class State:
    """The list up to `serial`, with the journal position behind that change and its time `at`."""

    lineage: str
    serial: int = 0
    at: datetime | None = None
    position: Position = field(default_factory=Position)
    rows: IndicatorRows = field(default_factory=IndicatorRows)
    suppressions: SuppressionRows = field(default_factory=SuppressionRows)
    unsaved: int = 0
    covered: int = 0  # bytes of the growing journal that the checkpoint stands for
    entry_at: int | None = None  # where the last line taken begins
    schema: int = SCHEMA  # the oldest that the files still hold

    def take(self, line: Line) -> None:
        """Move on by one line of the journal. Raises StoreDamaged when it does not follow."""
        record = line.record
        try:
            if not follows(record, self.serial):
                raise StoreDamaged(f"change {record['serial']} follows {self.serial}")
            _replay(self.rows, record["changes"])
            _replay(self.suppressions, record["suppressions"])
            self.at = read_stamp(record["at"])
            self.lineage = self.lineage or record["lineage"]
        except (KeyError, TypeError, ValueError) as fault:
            raise StoreDamaged(f"change {self.serial + 1} cannot be read: {fault!r}") from fault
        self.serial = record["serial"]
        self.schema = min(self.schema, record["schema"])
        self.entry_at, self.position = self.position.offset, line.position
        self.unsaved += len(record["changes"]) + len(record["suppressions"])

    def overlay(self, line: Line) -> None:
        """Take a line although one before it cannot be read: what it says of its rows holds.

        A row that stands where one of these comes to stand must have been moved by the missing
        change; it goes.
        """
        record = line.record
        for change in record["changes"]:
            if (after := change["after"]) is not None:
                other = self.rows.at(RowKey(after["type"], after["value"], _groups(after)))
                if other is not None:
                    self.rows.drop(other.id)
        _replay(self.rows, record["changes"])
        _replay(self.suppressions, record["suppressions"])
        self.at, self.serial = read_stamp(record["at"]), record["serial"]
        self.position = line.position

    def copy(self) -> State:
        """The same list, which may go on differently."""
        return dataclasses.replace(
            self,
            rows=IndicatorRows(dict(self.rows.records)),
            suppressions=SuppressionRows(dict(self.suppressions.records)),
        )

    def keep(
        self, changes: tuple[Change[Indicator], ...], suppressions: tuple[Change[Suppression], ...]
    ) -> None:
        """Remember rows that are at hand already, so that nobody builds them again."""
        for change in changes:
            if change.after is not None:
                self.rows.know(change.after)
        for note in suppressions:
            if note.after is not None:
                self.suppressions.know(note.after)

    @property
    def tables(self) -> Tables:
        """What a checkpoint of this state holds, in the order of ids."""
        return {
            "indicators": dict(sorted(self.rows.records.items())),
            "suppressions": dict(sorted(self.suppressions.records.items())),
        }

    @property
    def envelope(self) -> Envelope:
        """What a checkpoint of this state says of itself."""
        return Envelope(self.lineage, self.serial, self.position, self.at)


def restored(tables: Tables, envelope: Envelope) -> State:
    """The state that a checkpoint or snapshot holds. Raises KeyError, TypeError."""
    # Under the record's own id where it is the same: 15,000 texts need not be held twice.
    rows = {
        own if (own := record["id"]) == ident else ident: record
        for ident, record in tables["indicators"].items()
    }
    return State(
        lineage=envelope.lineage,
        serial=envelope.serial,
        at=envelope.at,
        position=envelope.position,
        covered=envelope.position.offset,
        rows=IndicatorRows(rows),
        suppressions=SuppressionRows(tables["suppressions"]),
        schema=envelope.schema,
    )


def _groups(record: Record) -> tuple[str, ...]:
    return tuple(record.get("groups", ()))


def _replay(rows: Rows[Row], changes: list[dict[str, Record | None]]) -> None:
    for change in changes:
        if (before := change["before"]) is not None:
            rows.drop(before["id"])
    for change in changes:  # not before all have left: two rows may swap their ids
        if (after := change["after"]) is not None:
            rows.put(after["id"], after)
