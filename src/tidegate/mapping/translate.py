"""From one STIX indicator to candidates for the list, or to rejections that say why not.

Owns the order of the questions about an object: ended, begun, repaired, benign, readable; those
about each of its atoms are in judge.py. Refuses exceptions for bad input; every object ends as
mapped, rejected or ended, and every atom of a mapped or rejected object as a candidate or a
rejection.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tidegate.errors import PatternError
from tidegate.feed import FeedDefinition
from tidegate.indicators.kinds import Dialect
from tidegate.mapping.candidate import Candidate, Outcome, Rejection, Standing
from tidegate.mapping.context import Telling
from tidegate.mapping.guard import Guards
from tidegate.mapping.judge import EXPIRED, Judge, each_hash, moment, unrepaired
from tidegate.mapping.naming import values_named
from tidegate.mapping.policy import BENIGN, facts_of
from tidegate.stix.context import ALONE, Surroundings
from tidegate.stix.markings import strictest, tlp_of
from tidegate.stix.objects import Defect, StixIndicator
from tidegate.stix.pattern import read_pattern

UNREADABLE_PATTERN = "unreadable_pattern"
REVOKED = "revoked"
_MOMENT = timedelta(microseconds=1)

BAD_VALIDITY = "bad_validity"
NOT_YET_VALID = "not_yet_valid"


def translate(
    indicator: StixIndicator,
    feed: FeedDefinition,
    guards: Guards,
    dialect: Dialect,
    published: datetime | None,
    now: datetime,
    heard: datetime | None = None,
    around: Surroundings = ALONE,
) -> Outcome:
    """Decide what becomes of one indicator.

    `published` is when the feed last listed the object (None: unknown); the latest of it, of
    `modified` and of the sightings in `around` is the evidence that relative expiry counts from.
    `heard` is when we last asked the feed: no evidence is later, whatever it says (None: now). All
    are UTC. `around` is what the feed says of the object elsewhere. Raises nothing for bad input.
    """
    if untimely := _untimely(indicator, feed, now):
        return untimely
    stated = _evidence(indicator, published, around)
    # Evidence from the future would let a feed keep a value for as long as it likes; evidence that
    # moves with the clock would make a plan of the same inputs another one.
    evidence = min(stated, now if heard is None else heard)
    outcome = _judged(indicator, feed, guards, dialect, evidence, now, around)
    return outcome._replace(due=_due(indicator, feed, outcome, stated, evidence, now))


def _evidence(
    indicator: StixIndicator, published: datetime | None, around: Surroundings
) -> datetime:
    """When the feed last vouched for the object, by its own word."""
    evidence = indicator.modified
    for known in (published, around.sighted):
        if known is not None and known > evidence:
            evidence = known
    return evidence


def _due(
    indicator: StixIndicator,
    feed: FeedDefinition,
    outcome: Outcome,
    stated: datetime,
    evidence: datetime,
    now: datetime,
) -> datetime | None:
    """When the same object may come to something else: a term ends, or an age is reached."""
    if stated != evidence:
        return now  # what it states lies in the future: it moves with every pull
    times = [candidate.expires for candidate in outcome.candidates]
    # A moment later, an age is beyond its bound however the rule compares.
    times += [evidence + age + _MOMENT for age in feed.ages]
    times.append(indicator.valid_until)
    return min((time for time in times if time is not None and time > now), default=None)


def _judged(
    indicator: StixIndicator,
    feed: FeedDefinition,
    guards: Guards,
    dialect: Dialect,
    evidence: datetime,
    now: datetime,
    around: Surroundings,
) -> Outcome:
    # What the row tells of its context may be shared no wider than that context.
    tlp = strictest(tlp_of(indicator.marking_refs) or feed.tlp_default, around.tlp)
    telling = Telling.of(indicator, around, feed, tlp or feed.tlp_default)
    facts = facts_of(indicator, telling.tlp, now - evidence, telling.words)
    if unfit := _unfit(indicator, feed, benign=facts.benign):
        return unfit
    try:
        read = read_pattern(indicator.pattern)
    except PatternError as error:
        return _refused(
            indicator, feed, UNREADABLE_PATTERN, error.message, "pattern", error.position
        )
    atoms = each_hash(read) if feed.each_hash else read
    judge = Judge(telling, guards, dialect, facts, evidence, now)
    candidates: list[Candidate] = []
    rejections: list[Rejection] = []
    for number, atom in enumerate(atoms):
        found = judge.judge(atom, number)
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            rejections.append(found)
    if candidates:
        return Outcome(indicator.id, Standing.MAPPED, tuple(candidates), tuple(rejections))
    if any(rejection.code == EXPIRED for rejection in rejections):
        return _ended(indicator, EXPIRED)
    return Outcome(indicator.id, Standing.REJECTED, (), tuple(rejections))


def reject_object(defect: Defect, stix_id: str, feed_id: str) -> Outcome:
    """Make the outcome of an object that cannot be read as an indicator."""
    rejection = Rejection(feed_id, stix_id, defect.code, defect.detail, field=defect.field)
    return Outcome(stix_id, Standing.REJECTED, rejections=(rejection,))


def _untimely(indicator: StixIndicator, feed: FeedDefinition, now: datetime) -> Outcome | None:
    """Settle an indicator whose term is over, impossible or yet to come; None for all others.

    One that is yet to come is refused now and comes back by itself at a later evaluation.
    """
    begins, ends = indicator.valid_from, indicator.valid_until
    if indicator.revoked or (ends is not None and ends <= now):
        # Also where it ends as it begins: publishers write so what is out of date at birth.
        ended = REVOKED if indicator.revoked else EXPIRED
        return _ended(indicator, ended)
    if begins <= now:
        return None
    if ends is not None and ends < begins:
        detail = f"its term ends at {moment(ends)}, before it begins at {moment(begins)}"
        return _refused(indicator, feed, BAD_VALIDITY, detail, "valid_until")
    detail = f"its term begins at {moment(begins)}"
    return _refused(indicator, feed, NOT_YET_VALID, detail, "valid_from")._replace(due=begins)


def _ended(indicator: StixIndicator, detail: str) -> Outcome:
    named = values_named(indicator.pattern)
    return Outcome(indicator.id, Standing.ENDED, detail=detail, values=named)


def _unfit(indicator: StixIndicator, feed: FeedDefinition, *, benign: bool) -> Outcome | None:
    """Settle an indicator that no rule is to see; None for all others."""
    if refusal := unrepaired(feed, indicator.repairs):
        return _refused(indicator, feed, refusal.code, refusal.detail, refusal.field)
    if benign:
        detail = "the publisher calls it benign, which is neither an alert nor an Allow"
        return _refused(indicator, feed, BENIGN, detail, "indicator_types")
    return None


def _refused(
    indicator: StixIndicator,
    feed: FeedDefinition,
    code: str,
    detail: str,
    field: str,
    position: int | None = None,
) -> Outcome:
    rejection = Rejection(feed.id, indicator.id, code, detail, field=field, position=position)
    # No atom was judged, so that only this says what the object is about.
    named = () if code == UNREADABLE_PATTERN else values_named(indicator.pattern)
    return Outcome(indicator.id, Standing.REJECTED, rejections=(rejection,), values=named)
