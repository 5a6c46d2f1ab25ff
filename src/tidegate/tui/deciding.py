"""What was decided of the rows of a plan: accepted, or not now, or nothing yet.

A decision is about what a change does: it stays while plan after plan brings the same, whatever
dates and scores that has, and is forgotten with a change that does something else. Pure; refuses
widgets, and to say what may be applied.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from textual.content import Content

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.tui.safe import content

ACCEPTED, NOT_NOW, MIXED = "✓", "✗", "·"
"""The signs of a change, or of a heading; `·` is a heading under which some is decided."""


class Decisions:
    """The decisions about one plan after another."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[bool, Change[Indicator]]] = {}

    def decide(self, changes: Iterable[Change[Indicator]], yes: bool | None) -> None:  # noqa: FBT001 - three answers
        """Accept changes, or not now, or with None forget what was said of them."""
        for change in changes:
            if yes is None:
                self._said.pop(change.name, None)
            else:
                self._said[change.name] = (yes, change)

    def of(self, change: Change[Indicator]) -> bool | None:
        """What was said of a change."""
        said = self._said.get(change.name)
        return None if said is None else said[0]

    def sign(self, changes: Sequence[Change[Indicator]]) -> str:
        """The sign of these changes together; empty where nothing is decided."""
        said = {self.of(change) for change in changes} if self._said else {None}
        if len(said) > 1:
            return MIXED
        return {True: ACCEPTED, False: NOT_NOW, None: ""}[said.pop()]

    def carry(self, plan: SyncPlan | None) -> None:
        """Keep what was said of changes that this plan brings again."""
        if plan is None or not self._said:
            return
        now = {change.name: change for change in plan.changes}
        self._said = {
            name: said
            for name, said in self._said.items()
            if name in now and _does(now[name]) == _does(said[1])
        }

    @property
    def accepted(self) -> frozenset[str]:
        """The accepted changes by name."""
        return frozenset(name for name, (yes, _) in self._said.items() if yes)

    def __len__(self) -> int:
        """Count what is decided."""
        return len(self._said)

    def line(self, plan: SyncPlan) -> Content:
        """How much is decided, and what follows."""
        yes = len(self.accepted)
        what = "A applies these alone" if yes else "+ accepts what A is to apply"
        return content(
            f" decided {len(self):,} of {len(plan.changes):,}: ",
            (f"{ACCEPTED} {yes:,} accepted  {NOT_NOW} {len(self) - yes:,} not now", "bold"),
            f"  {what}",
        )


def _does(change: Change[Indicator]) -> object:
    """What a change comes to, but for its dates and scores."""
    row = change.after
    if row is None or change.before is None:
        kept = change.row
        return (change.op, kept.key, kept.action, kept.severity, kept.feeds)
    return dataclasses.replace(row, updated=row.created, score=None, rank=None, confidence=None)
