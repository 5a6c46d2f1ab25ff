"""A plan: the one form in which anything changes the tenant list.

A sync, one keystroke, an import and an undo are all a `SyncPlan`. Owns the shape and the inverse;
refuses to apply itself (the store does) and to decide anything (whoever made it did).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.kinds import Action

Row = TypeVar("Row", Indicator, Suppression)


class Op(StrEnum):
    """What happens to one row."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change(Generic[Row]):
    """One row before and after, and why. `before` None is a create, `after` None a removal."""

    before: Row | None
    after: Row | None
    reason: str

    @property
    def op(self) -> Op:
        """What happens, read off which side is missing."""
        if self.before is None:
            return Op.CREATE
        return Op.REMOVE if self.after is None else Op.UPDATE

    @property
    def row(self) -> Row:
        """The row as it will be, or as it last was."""
        row = self.after if self.after is not None else self.before
        if row is None:
            raise ValueError("a change with neither side")
        return row

    @property
    def name(self) -> str:
        """What tells it from all others of its plan, such as `create 3f2a9c…`."""
        return f"{self.op} {self.row.id}"

    def inverse(self, reason: str) -> Change[Row]:
        """The change that takes this one back."""
        return Change(self.after, self.before, reason)


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What became of the candidates of a sync; all zero for changes by hand.

    candidates = merged + kept + waiting + suppressed, where kept are the rows that hold a slot
    because a feed wants them: create + update + keep of the feeds' rows. Of those that wait,
    `covered` do since another row on the list does all that they would; `saved` of these would
    have had a slot by their score.
    """

    kept: int = 0
    keep: int = 0
    waiting: int = 0
    merged: int = 0
    suppressed: int = 0
    covered: int = 0
    saved: int = 0


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """Changes to the list, pinned to the state they were computed from.

    `lineage` and `serial` name that state. `held` are changes that the brake keeps back: they are
    shown, never applied with the rest. `undoes` is the journal serial that this plan takes back.
    """

    lineage: str
    serial: int
    door: str
    reason: str
    changes: tuple[Change[Indicator], ...] = ()
    suppressions: tuple[Change[Suppression], ...] = ()
    counts: PlanCounts = PlanCounts()
    held: tuple[Change[Indicator], ...] = ()
    held_reason: str = ""
    undoes: int | None = None

    @property
    def empty(self) -> bool:
        """True when applying it would change nothing."""
        return not self.changes and not self.suppressions

    def count(self, op: Op) -> int:
        """How many indicator changes are of this kind."""
        return sum(1 for change in self.changes if change.op is op)

    @property
    def allowing(self) -> int:
        """How many rows become Allow: that switches protection off, and takes a second look."""
        return sum(
            change.after is not None
            and change.after.action is Action.ALLOW
            and (change.before is None or change.before.action is not Action.ALLOW)
            for change in self.changes
        )


def inverted(changes: Iterable[Change[Row]], reason: str) -> tuple[Change[Row], ...]:
    """The changes that take these back, last one first."""
    return tuple(change.inverse(reason) for change in reversed(tuple(changes)))


def between(
    before: Mapping[str, Row], after: Mapping[str, Row], reason: str
) -> tuple[Change[Row], ...]:
    """The changes that lead from these rows, by id, to those.

    Removals come first: a row may arrive under the identity of one that leaves.
    """
    changes = []
    for ident in sorted({*before, *after}, key=lambda ident: (ident in after, ident)):
        old, new = before.get(ident), after.get(ident)
        if old != new:
            changes.append(Change(old, new, reason))
    return tuple(changes)
