"""What a value is worth: one score from named terms, the same for ever for the same evidence.

    score = trust + confidence + severity + corroboration

- trust: the operator's word on the best feed that names the value, 0-100.
- confidence: -10 at 0, +10 at 100, 0 when the feed states none; so a feed that shouts "100" gains
  less than a feed that is trusted 11 points more.
- severity: 0 (Informational) to 6 (High).
- corroboration: 3 for each further feed that names the value, at most 9.

Refuses the clock: a score that moved by itself would make every sync a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.mapping.candidate import Candidate

CONFIDENCE_SPAN = 10.0
SEVERITY_STEP = 2.0
FEED_STEP = 3.0
FEED_CAP = 9.0


@dataclass(frozen=True, slots=True)
class Term:
    """One named part of a score."""

    name: str
    points: float
    because: str


def terms(candidates: Sequence[Candidate]) -> tuple[Term, ...]:
    """The score of one row, part by part. `candidates` begin with the one that leads the row."""
    lead = candidates[0]
    feeds = _feeds(candidates)
    confidence = lead.confidence
    because = (
        f"feed {lead.feed} is trusted {lead.trust}",
        "none stated" if confidence is None else f"stated as {confidence}",
        lead.severity.value,
        "one feed" if feeds == 1 else f"{feeds} feeds agree",
    )
    points = _points(lead, feeds)
    return tuple(Term(*part) for part in zip(_NAMES, points, because, strict=True))


def score(candidates: Sequence[Candidate]) -> float:
    """The sum of the terms, to three decimals so that it is the same after storage."""
    return round(sum(_points(candidates[0], _feeds(candidates))), 3)


_NAMES = ("trust", "confidence", "severity", "corroboration")


def _points(lead: Candidate, feeds: int) -> tuple[float, float, float, float]:
    """The points of the terms, in the order of their names."""
    confidence = lead.confidence
    return (
        float(lead.trust),
        0.0 if confidence is None else (confidence - 50) / 50 * CONFIDENCE_SPAN,
        lead.severity.level * SEVERITY_STEP,
        min((feeds - 1) * FEED_STEP, FEED_CAP),
    )


def _feeds(candidates: Sequence[Candidate]) -> int:
    return 1 if len(candidates) == 1 else len({candidate.feed for candidate in candidates})
