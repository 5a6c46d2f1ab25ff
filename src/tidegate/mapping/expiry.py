"""When a row of a feed ends: the rule's term from the latest evidence, within the feed's bounds.

Owns the arithmetic. Refuses clocks: evidence and terms come in, a moment goes out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tidegate.feed import Decay, Expiry
from tidegate.indicators.kinds import IndicatorType

UNRATED = 50
"""What an object without confidence decays from: the middle of STIX's scale (2.1, appendix A)."""

_WHOLE = timedelta(seconds=1)


def bounded(
    term: timedelta | None, kind: IndicatorType, confidence: int | None, bounds: Expiry
) -> timedelta | None:
    """Return a rule's term as the feed's bounds leave it; None means never.

    Zero or less says that it is over as it begins: its confidence is not above what decay ends at.
    """
    longest = bounds.max.get(kind)
    if longest is not None and (term is None or term > longest):
        term = longest
    if bounds.decay is None or term is None:
        return term
    return _faded(term, UNRATED if confidence is None else confidence, bounds.decay)


def _faded(term: timedelta, confidence: int, decay: Decay) -> timedelta:
    """The time that confidence takes to fall to the end.

    MISP's polynomial model: at the age t of a term T confidence c is c * (1 - (t/T) ** (1/speed))
    (MISP book, "Decaying of indicators"), solved for t and cut to whole seconds.
    """
    if confidence <= decay.until:
        return timedelta(0)
    share: float = (1 - decay.until / confidence) ** decay.speed
    return term * share // _WHOLE * _WHOLE


def expiry(
    evidence: datetime, term: timedelta | None, valid_until: datetime | None
) -> datetime | None:
    """Return evidence plus term, but never later than `valid_until`; None means never."""
    if term is None:
        return valid_until
    expires = evidence + term
    return expires if valid_until is None or expires < valid_until else valid_until
