"""What all objects of one feed come to, gathered as they are translated.

Owns the sums and the few shapes that later stages ask for: candidates, rejections, and the values
of what has ended. Refuses to keep an object's outcome as such: of a million objects most have no
more to say than their candidate does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from tidegate.mapping.candidate import Candidate, Outcome, Rejection, Standing


class Ended(NamedTuple):
    """An object that is over: its id, how, and the canonical values that it named."""

    stix_id: str
    detail: str
    values: tuple[str, ...]


@dataclass(slots=True)
class Evaluated:
    """One feed's objects under its policy. `repairs` counts objects read leniently, by name."""

    feed: str
    candidates: list[Candidate] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    standings: Counter[Standing] = field(default_factory=Counter)
    rejected_atoms: int = 0
    repairs: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Take in how one object ended."""
        self.standings[outcome.standing] += 1
        if outcome.candidates:
            self.candidates += outcome.candidates
            if any(candidate.repairs for candidate in outcome.candidates):
                self.repairs.update(outcome.repairs)
        if outcome.rejections:
            self.rejections += outcome.rejections
            self.rejected_atoms += outcome.rejected_atoms
        if outcome.standing is Standing.ENDED:
            self.ended.append(Ended(outcome.stix_id, outcome.detail, outcome.values))

    @property
    def indicators(self) -> int:
        """How many objects were judged."""
        return self.standings.total()

    def counts(self) -> dict[str, int]:
        """Indicators by how they ended, and atoms; the names of the JSON contract."""
        return {
            **{standing.value: self.standings[standing] for standing in Standing},
            "atoms": len(self.candidates) + self.rejected_atoms,
            "candidates": len(self.candidates),
            "rejected_atoms": self.rejected_atoms,
        }
