"""How one of several matches wins: criteria in turn, and a memory of what lost to whom.

Owns the contest and its tie-break. Refuses criteria: which of them count is written in `rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from tidegate.engines.event import Observable
from tidegate.engines.wording import wins
from tidegate.indicators.indicator import Indicator

Match = tuple[Observable, Indicator]
"""What an event shows, and the row that names it."""

OLDER = "all else equal, the older row speaks"


class Criterion(NamedTuple):
    """What a step looks at; the larger measure wins. `rule` says so."""

    rule: str
    measure: Callable[[Match], Any]


class Contest:
    """Holds the steps of one decision. Nothing here depends on the order of the matches."""

    def __init__(self) -> None:
        self._lost: list[tuple[Indicator, Indicator, str]] = []

    def hold(self, matches: Sequence[Match], step: Sequence[Criterion]) -> Match:
        """Return the winner: the first criterion in which two differ decides between them."""
        winner = matches[0]
        for match in matches[1:]:
            if _rule(match, winner, step) is not None:
                winner = match
        for match in matches:
            rule = _rule(winner, match, step)
            if rule is not None and match[1] is not winner[1]:
                self._lost.append((winner[1], match[1], rule))
        return winner

    def reason(self, row: Indicator) -> str:
        """Return what a row won against, first a row of another action; "" where none lost."""
        first = self._first_beaten(row)
        if first is None:
            return ""
        lost = {other.id for _, other, _ in self._lost} - {row.id}
        return wins(row, *first, len(lost) - 1)

    def rule(self, row: Indicator) -> str:
        """Return the rule of that sentence alone."""
        first = self._first_beaten(row)
        return "" if first is None else first[1]

    def _first_beaten(self, row: Indicator) -> tuple[Indicator, str] | None:
        beaten = ((loser, rule) for by, loser, rule in self._lost if by is row)
        return min(
            beaten,
            key=lambda entry: (entry[0].action is row.action, entry[0].id, entry[1]),
            default=None,
        )


def _rule(one: Match, other: Match, step: Sequence[Criterion]) -> str | None:
    """Return the rule by which the first wins over the other; None where it does not."""
    for rule, measure in step:
        left, right = measure(one), measure(other)
        if left != right:
            return rule if left > right else None
    return OLDER if _age(one) < _age(other) else None


def _age(match: Match) -> tuple[datetime, str, str, str]:
    seen, row = match
    return row.created, row.id, seen.role, seen.value
