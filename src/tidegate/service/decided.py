"""The list as decisions about conflicts leave it, one after another, until they are one plan.

Owns what may stand beside what: each step meets the guards, the dialect and the identities of the
steps before it. Refuses to decide anything and to write.
"""

from __future__ import annotations

import dataclasses

from tidegate.errors import HeldBack, IndicatorError
from tidegate.indicators.indicator import Indicator, RowKey, Suppression
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.apply import check_row, decides
from tidegate.service.undo import still_suppressed, suppression
from tidegate.service.workspace import Workspace


class CannotStand(Exception):
    """Why the list may not be so; becomes a line of the answer, not an error."""


class DecidedList:
    """The list with the decisions so far."""

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws
        self._state = state = ws.store.state()
        # The state moves on when somebody wrote. Noted now, and the rows kept as they are read now:
        # else the plan would pass for one that knew what was done since.
        self._lineage, self._serial = state.lineage, state.serial
        self._by_key = ws.store.by_key(ws.clock())
        self._held = {row.id: row for row in self._by_key.values()}
        self._rows: dict[str, Indicator | None] = {}
        self._reasons: dict[str, list[str]] = {}
        self._created: list[Change[Indicator]] = []
        self._notes: dict[str, Change[Suppression]] = {}

    def row(self, ident: str) -> Indicator | None:
        """A row as it would be; None once it leaves, or where it is no longer."""
        return self._rows[ident] if ident in self._rows else self._held.get(ident)

    def held(self, ident: str) -> Indicator | None:
        """A row as it is on the list, whatever was decided; None where it is no longer."""
        return self._held.get(ident)

    def at(self, key: RowKey) -> Indicator | None:
        """The row that would stand there."""
        return self._by_key.get(key)

    def put(self, ident: str, row: Indicator | None, reason: str) -> None:
        """Let a held row be so, or leave. Raises CannotStand where the list may not hold it."""
        before = self.row(ident)
        if row is not None and before is not None:
            self._check(before, row)
        if before is not None:
            self._by_key.pop(before.key, None)
        if row is not None:
            self._by_key[row.key] = row
        self._rows[ident] = row
        self._reasons.setdefault(ident, []).append(reason)

    def _check(self, before: Indicator, after: Indicator) -> None:
        if not after.active(self.ws.clock()):
            raise CannotStand("the feed's expiry has passed; remove the row instead")
        if after.key != before.key and after.key in self._by_key:
            raise CannotStand("another row has this value and these groups")
        if decides(before, after):
            try:
                check_row(self.ws, after)
            except (HeldBack, IndicatorError) as fault:
                raise CannotStand(fault.message) from fault

    def create(self, row: Indicator, reason: str) -> None:
        """Let a new row stand."""
        self._created.append(Change(None, row, reason))
        self._by_key[row.key] = row

    def keep_out(self, wish: Indicator, reason: str) -> None:
        """Let feeds not bring this row."""
        note = suppression(self.ws, wish, reason)
        held = self._state.suppressions.get(note.id)
        if not still_suppressed(held):
            self._notes[note.id] = Change(held, note, reason)

    def plan(self, door: str, reason: str) -> SyncPlan:
        """All of it as one plan."""
        now = self.ws.clock()
        changes = []
        for ident, row in self._rows.items():
            before = self._held[ident]
            why = "; ".join(dict.fromkeys(self._reasons[ident]))
            if row is None:
                changes.append(Change(before, None, why))
            elif row != before:
                changes.append(Change(before, dataclasses.replace(row, updated=now), why))
        return SyncPlan(
            self._lineage,
            self._serial,
            door,
            reason,
            (*changes, *self._created),
            tuple(self._notes.values()),
        )
