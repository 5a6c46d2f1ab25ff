"""A plan before it is applied, and what becomes of each thing that somebody asked for.

Every door that people use hands one out: nothing that was asked for goes without a line. Refuses to
plan and to judge.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.plan import SyncPlan


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one thing that was asked for.

    `verdict` is add, update, remove, duplicate, unchanged, refused, or ours (a foreign row that we
    hold ourselves); `line` counts from 1 in a pasted text. `detail` says why, `hint` what would let
    a refused one pass; `warnings` are notes on what passes.
    """

    text: str
    type: IndicatorType | None
    value: str
    verdict: str
    detail: str = ""
    line: int | None = None
    warnings: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan by hand before it is applied, and what becomes of each thing that was asked for."""

    plan: SyncPlan
    lines: tuple[Line, ...]

    @property
    def refused(self) -> tuple[Line, ...]:
        """The lines that cannot be done."""
        return tuple(line for line in self.lines if line.verdict == "refused")


def claimed(plan: SyncPlan) -> int:
    """How many rows stay as they are by this plan, but for being a person's from then on."""
    return sum(
        change.before is not None
        and change.after is not None
        and dataclasses.replace(
            change.after, owned=change.before.owned, updated=change.before.updated
        )
        == change.before
        for change in plan.changes
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One value that somebody named, typed or pasted, or why it is none."""

    text: str
    type: IndicatorType | None
    value: str
    fault: str = ""
    line: int | None = None

    def answer(
        self, verdict: str, detail: str, warnings: tuple[str, ...] = (), hint: str = ""
    ) -> Line:
        """The line that says what becomes of it."""
        return Line(self.text, self.type, self.value, verdict, detail, self.line, warnings, hint)
