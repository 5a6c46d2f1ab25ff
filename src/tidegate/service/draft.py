"""The list as it would be after some plans, so that several steps fit whole or not at all.

Owns the look ahead: each plan is laid over the list in memory and meets the checks that applying
will make (guards, dialect, identities, the limit). Refuses to write.
"""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.indicator import Indicator, RowKey, Suppression
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.apply import check_row, decides
from tidegate.service.workspace import Workspace


class Draft:
    """The list now, and what plans would make of it."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._state = ws.store.state()
        self.lineage = self._state.lineage
        self.serial = self._state.serial
        self.now = ws.clock()
        self._rows: dict[str, Indicator | None] = {}
        self._notes: dict[str, Suppression | None] = {}
        self._keys: dict[RowKey, str | None] = {}
        self._growth = 0
        self.plans: list[SyncPlan] = []

    def row(self, ident: str) -> Indicator | None:
        """The active row with this id, if there would be one."""
        row = self._rows[ident] if ident in self._rows else self._state.rows.get(ident)
        return row if row is not None and row.active(self.now) else None

    def note(self, ident: str) -> Suppression | None:
        """The suppression with this id, if there would be one."""
        return self._notes[ident] if ident in self._notes else self._state.suppressions.get(ident)

    def take(self, plan: SyncPlan) -> None:
        """Lay a plan over the list. Raises what applying it would raise."""
        for change in plan.changes:
            if change.after is not None and decides(change.before, change.after):
                check_row(self._ws, change.after)
        gone = [change.before for change in plan.changes if change.before is not None]
        came = [change.after for change in plan.changes if change.after is not None]
        for row in gone:
            self._keys[row.key] = None
            self._rows[row.id] = None
        for row in came:
            if self._taken(row.key):
                raise StalePlan(
                    f"{plan.reason}: another row is {row.value} already",
                    f"remove that one first: `tidegate show {row.value}`",
                )
            self._keys[row.key] = row.id
            self._rows[row.id] = row
        self._growth += len(came) - len(gone)
        if len(came) > len(gone):
            self._check_room()
        self._take_notes(plan.suppressions)
        self.plans.append(plan)

    def _take_notes(self, changes: Iterable[Change[Suppression]]) -> None:
        for change in changes:
            if change.before is not None:
                self._notes[change.before.id] = None
            if change.after is not None:
                self._notes[change.after.id] = change.after

    def _taken(self, key: RowKey) -> bool:
        if key in self._keys:
            return self._keys[key] is not None
        return self._ws.store.at(key, self.now) is not None

    def _check_room(self) -> None:
        limit = self._ws.settings.limit
        if len(self._state.rows) + self._growth <= limit:
            return  # expired rows among them only make more room
        used = sum(1 for _ in self._ws.store.active(self.now)) + self._growth
        if used > limit:
            raise UsageError(
                f"the list would hold {used:,} of {limit:,} indicators",
                "remove some first, or let a sync choose",
            )
