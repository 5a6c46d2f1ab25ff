"""What a value is worth: one score from named terms, the same for ever for the same evidence.

    score = trust + confidence + severity + freshness + corroboration + sightings

- trust: the operator's word on the best feed that names the value, 0 to 100.
- confidence: -4 at 0, +4 at 100, 0 when the feed states none.
- severity: 0 (Informational) to 6 (High).
- freshness: 6, 3, 1.5, then 0, by the half-lives (see `HALF_LIFE`) that the latest evidence is old.
- corroboration: 3 for each further feed that names the value, at most 9.
- sightings: 0.5 for any, 1 from ten on, 1.5 from a hundred on, of the feed that saw it most.

**The bound.** Confidence, severity, freshness and sightings are what a feed says of itself, and
together they span `SELF_SPAN`, 21.5 points; a row that holds a slot is worth `STAY`, 3, more. So a
feed that is trusted 25 points more always comes first, whatever the other one claims, and 34 points
more do against any number of feeds that agree.

Freshness moves in whole steps, three times in the life of a piece of evidence, so that lists stay
calm. Refuses the clock: `moment` is when the inputs were last as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from tidegate.indicators.kinds import IndicatorType, Severity

CONFIDENCE_SPAN = 8.0
SEVERITY_STEP = 2.0
FRESHNESS = (6.0, 3.0, 1.5, 0.0)
"""Points by whole half-lives since the latest evidence; the last for all that is older."""
FEED_STEP = 3.0
FEED_CAP = 9.0
SIGHTINGS = ((100, 1.5), (10, 1.0), (1, 0.5))
"""Points from so many sightings on: a count costs its feed nothing, so it weighs by its digits."""

STAY = 3.0
"""What holding a slot is worth: as much as the largest step of ageing, so that a row does not leave
for its equal on the day it turns a half-life old."""

SELF_SPAN = CONFIDENCE_SPAN + SEVERITY_STEP * 3 + FRESHNESS[0] + SIGHTINGS[0][1]
"""The most that everything a feed says about itself can move a score."""

HALF_LIFE = {
    IndicatorType.IP_ADDRESS: 7,
    IndicatorType.URL: 14,
    IndicatorType.DOMAIN_NAME: 30,
    IndicatorType.CERTIFICATE: 90,
    IndicatorType.FILE_MD5: 180,
    IndicatorType.FILE_SHA1: 180,
    IndicatorType.FILE_SHA256: 180,
}
"""Days in which half of the news of a value is gone.

An address is leased to somebody else within days; a page is taken down within weeks; a domain is
paid for and sinkholed over months; a certificate is replaced within its term of a year or less; a
hash never means another file, only its use fades. MISP and OpenCTI tell types apart in this order,
too, with curves that move every day; here a score moves three times.
"""

_DAY = 24 * 60 * 60

AHEAD = 1
"""Days by which evidence may be ahead of us, as clocks and time zones are; later it is no evidence:
else a feed that dates its objects far ahead would be fresh for ever."""


class Proposed(Protocol):
    """What is ranked of a value that a feed proposes; `mapping.candidate.Candidate` is one.

    `trust` is 0-100, `confidence` 0-100 or None.
    """

    @property
    def feed(self) -> str:
        """Who proposes it."""

    @property
    def type(self) -> IndicatorType:
        """The type of the value."""

    @property
    def trust(self) -> int:
        """The operator's word on the feed."""

    @property
    def confidence(self) -> int | None:
        """The feed's word on the value."""

    @property
    def severity(self) -> Severity:
        """How bad it is."""

    @property
    def vouched(self) -> float:
        """When the feed vouched for the value last, in seconds since 1970 UTC."""

    @property
    def sightings(self) -> int:
        """How often the feed says it was seen."""


@dataclass(frozen=True, slots=True)
class Term:
    """One named part of a score."""

    name: str
    points: float
    because: str


def score(candidates: Sequence[Proposed], moment: datetime) -> float:
    """What a row is worth, in hundredths. `candidates` begin with the one that leads the row."""
    return score_at(candidates, moment.timestamp())


def score_at(candidates: Sequence[Proposed], now: float) -> float:
    """The same for a moment in seconds since 1970 UTC."""
    lead = candidates[0]
    if len(candidates) == 1:
        return score_alone(lead, now)
    days, feeds, seen = _latest(candidates, now), _feeds(candidates), _most_seen(candidates)
    return _total(
        lead.trust,
        lead.confidence,
        lead.severity,
        _fresh(lead.type, days),
        feeds,
        _noted(seen) if seen else 0.0,
    )


def score_alone(lead: Proposed, now: float) -> float:
    """The same where nobody else proposes the value: nine of ten rows of a million."""
    return _total(
        lead.trust,
        lead.confidence,
        lead.severity,
        _fresh(lead.type, (now - lead.vouched) // _DAY),
        1,
        _noted(lead.sightings) if lead.sightings else 0.0,
    )


def terms(candidates: Sequence[Proposed], moment: datetime) -> tuple[Term, ...]:
    """The score part by part. Each is a whole number of hundredths; their sum is the score."""
    lead = candidates[0]
    days = _latest(candidates, moment.timestamp())
    feeds, seen = _feeds(candidates), _most_seen(candidates)
    confidence, fresh = lead.confidence, _fresh(lead.type, days)
    because = (
        f"feed {lead.feed} is trusted {lead.trust}",
        "none stated" if confidence is None else f"stated as {confidence}",
        lead.severity.value,
        _aged(days, HALF_LIFE[lead.type]),
        "one feed" if feeds == 1 else f"{feeds} feeds agree",
        f"seen {seen:,} time{'' if seen == 1 else 's'}" if seen else "none told",
    )
    points = _points(lead.trust, confidence, lead.severity, fresh, feeds, _noted(seen))
    return tuple(Term(*part) for part in zip(_NAMES, points, because, strict=True))


_NAMES = ("trust", "confidence", "severity", "freshness", "corroboration", "sightings")

_Facts = tuple[int, int | None, Severity, float, int, float]


def _points(*facts: *_Facts) -> tuple[float, ...]:
    """The points of the terms, in the order of their names."""
    trust, confidence, severity, fresh, feeds, noted = facts
    return (
        float(trust),
        0.0 if confidence is None else round((confidence - 50) / 100 * CONFIDENCE_SPAN, 2),
        severity.level * SEVERITY_STEP,
        fresh,
        min((feeds - 1) * FEED_STEP, FEED_CAP),
        noted,
    )


# Of a million rows most are alike in all that counts.
@lru_cache(maxsize=1 << 14)
def _total(*facts: *_Facts) -> float:
    return round(sum(_points(*facts)), 2)


@lru_cache(maxsize=1 << 14)
def _fresh(kind: IndicatorType, days: float) -> float:
    """The points for evidence of that age; it may be ahead of us, see `AHEAD`."""
    if days < -AHEAD:
        return 0.0
    return FRESHNESS[min(int(max(days, 0) // HALF_LIFE[kind]), len(FRESHNESS) - 1)]


def _noted(seen: int) -> float:
    return next((points for least, points in SIGHTINGS if seen >= least), 0.0)


def _aged(days: int, half_life: int) -> str:
    if days < -AHEAD:
        return "its evidence is dated ahead of us"
    age = f"{days:,} day{'' if days == 1 else 's'} old" if days > 0 else "new"
    return f"{age}, half of it is gone in {half_life} days"


def _latest(candidates: Sequence[Proposed], now: float) -> int:
    """How many days ago the latest evidence is that is not from the future."""
    ages = [int((now - candidate.vouched) // _DAY) for candidate in candidates]
    return min((days for days in ages if days >= -AHEAD), default=ages[0])


def _most_seen(candidates: Sequence[Proposed]) -> int:
    """The most that one source counts: sums would add up what feeds copy from each other."""
    return max(candidate.sightings for candidate in candidates)


def _feeds(candidates: Sequence[Proposed]) -> int:
    return len({candidate.feed for candidate in candidates})
