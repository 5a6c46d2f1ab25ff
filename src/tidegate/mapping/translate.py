"""From one STIX indicator to candidates for the list, or to rejections that say why not.

Owns the order of the questions: ended, begun, benign, readable, sayable, valid, wanted, supported,
guarded, still alive. Refuses exceptions for bad input; every object ends as mapped, rejected or
ended, and every atom of a mapped or rejected object as a candidate or a rejection.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.errors import InvalidValue, PatternError
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import scope
from tidegate.indicators.kinds import FILE_TYPES, Action, Dialect, IndicatorType, supported
from tidegate.indicators.limits import DESCRIPTION_LENGTH, TITLE_LENGTH, VALUE_LENGTH
from tidegate.mapping.candidate import Candidate, Outcome, Rejection, Standing
from tidegate.mapping.guard import Guards, Verdict
from tidegate.mapping.policy import BENIGN, Decision, Facts, decide, facts_of
from tidegate.mapping.repair import canonical_repaired
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.markings import tlp_of
from tidegate.stix.objects import Defect, StixIndicator
from tidegate.stix.pattern import read_pattern

UNREADABLE_PATTERN = "unreadable_pattern"
POLICY_SKIP = "policy_skip"
ACTION_NOT_SUPPORTED = "action_not_supported"
ALLOW_NOT_PERMITTED = "allow_not_permitted"
EXPIRED = "expired"
REVOKED = "revoked"
BAD_VALIDITY = "bad_validity"
NOT_YET_VALID = "not_yet_valid"
GUARD = "guard_"
"""Prefix of the codes of guards: `guard_protected`, `guard_special_purpose`, …"""

_BLOCKING = (Action.ALERT_AND_BLOCK, Action.BLOCK, Action.WARN)


def translate(
    indicator: StixIndicator,
    feed: FeedDefinition,
    guards: Guards,
    dialect: Dialect,
    published: datetime | None,
    now: datetime,
    heard: datetime | None = None,
) -> Outcome:
    """Decide what becomes of one indicator.

    `published` is when the feed last listed the object (None: unknown); with `modified` it is the
    evidence that relative expiry counts from. `heard` is when we last asked the feed: no evidence
    is later, whatever it says (None: now). All are UTC. Raises nothing for bad input.
    """
    if untimely := _untimely(indicator, feed, now):
        return untimely
    evidence = indicator.modified
    if published is not None and published > evidence:
        evidence = published
    # Evidence from the future would let a feed keep a value for as long as it likes; evidence that
    # moves with the clock would make a plan of the same inputs another one.
    evidence = min(evidence, now if heard is None else heard)
    tlp = tlp_of(indicator.marking_refs) or feed.tlp_default
    facts = facts_of(indicator, tlp, now - evidence)
    if facts.benign:
        detail = "the publisher calls it benign, which is neither an alert nor an Allow"
        return _refused(indicator, feed, BENIGN, detail, "indicator_types")
    try:
        atoms = read_pattern(indicator.pattern)
    except PatternError as error:
        return _refused(
            indicator, feed, UNREADABLE_PATTERN, error.message, "pattern", error.position
        )
    context = _Context(
        indicator=indicator,
        feed=feed,
        guards=guards,
        dialect=dialect,
        facts=facts,
        evidence=evidence,
        tlp=tlp,
        now=now,
    )
    candidates: list[Candidate] = []
    rejections: list[Rejection] = []
    for number, atom in enumerate(atoms):
        found = context.judge(atom, number)
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            rejections.append(found)
    if candidates:
        return Outcome(indicator.id, Standing.MAPPED, tuple(candidates), tuple(rejections))
    if any(rejection.code == EXPIRED for rejection in rejections):
        return Outcome(indicator.id, Standing.ENDED, detail=EXPIRED)
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
        return Outcome(indicator.id, Standing.ENDED, detail=ended)
    if begins <= now:
        return None
    if ends is not None and ends < begins:
        detail = f"its term ends at {_moment(ends)}, before it begins at {_moment(begins)}"
        return _refused(indicator, feed, BAD_VALIDITY, detail, "valid_until")
    detail = f"its term begins at {_moment(begins)}"
    return _refused(indicator, feed, NOT_YET_VALID, detail, "valid_from")


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _refused(
    indicator: StixIndicator,
    feed: FeedDefinition,
    code: str,
    detail: str,
    field: str,
    position: int | None = None,
) -> Outcome:
    rejection = Rejection(feed.id, indicator.id, code, detail, field=field, position=position)
    return Outcome(indicator.id, Standing.REJECTED, rejections=(rejection,))


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why an atom is no candidate, before it is told apart from its neighbours."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Identity:
    """What an atom is about, in canonical form."""

    type: IndicatorType
    value: str
    aliases: tuple[tuple[IndicatorType, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Context:
    """What all atoms of one object share."""

    indicator: StixIndicator
    feed: FeedDefinition
    guards: Guards
    dialect: Dialect
    facts: Facts
    evidence: datetime
    tlp: str
    now: datetime

    def judge(self, atom: PatternAtom, number: int) -> Candidate | Rejection:
        """Turn one atom into a candidate or a rejection."""
        found = _Refusal(atom.code, atom.detail) if atom.code else self._candidate(atom)
        if isinstance(found, Candidate):
            return found
        return Rejection(
            self.feed.id,
            self.indicator.id,
            found.code,
            found.detail,
            field="pattern",
            value=atom.value[:VALUE_LENGTH],
            position=atom.position,
            atom=number,
        )

    def _candidate(self, atom: PatternAtom) -> Candidate | _Refusal:
        try:
            identity = _identify(atom)
        except InvalidValue as error:
            return _Refusal(error.code, error.message)
        names = (identity.value, *(value for _, value in identity.aliases))
        decision = decide(self.facts, self.feed, identity.type, names)
        settled = self._settle(identity, decision)
        if isinstance(settled, _Refusal):
            return settled
        action, warnings = settled
        expires = _expiry(self.evidence, decision.expires, self.indicator.valid_until)
        if expires is not None and expires <= self.now:
            return _Refusal(EXPIRED, f"its term ended at {_moment(expires)}")
        indicator, feed = self.indicator, self.feed
        title = " ".join(indicator.name.split()) or f"{feed.title}: {identity.value}"
        return Candidate(
            feed=feed.id,
            stix_id=indicator.id,
            rule=decision.rule,
            type=identity.type,
            value=identity.value,
            action=action,
            severity=decision.severity,
            title=title[:TITLE_LENGTH],
            evidence=self.evidence,
            trust=feed.trust,
            description=indicator.description[:DESCRIPTION_LENGTH],
            groups=scope(decision.groups) if decision.groups else (),
            expires=expires,
            confidence=indicator.confidence,
            tlp=self.tlp,
            category=decision.category,
            aliases=tuple(f"{kind.value}:{value}" for kind, value in identity.aliases),
            warnings=(*indicator.repairs, *atom.repairs, *identity.notes, *warnings),
        )

    def _settle(
        self, identity: _Identity, decision: Decision
    ) -> tuple[Action, tuple[str, ...]] | _Refusal:
        """Return the action that policy, guards and Defender agree on, and the guards' warnings."""
        action = decision.action
        if action is None:
            return _Refusal(POLICY_SKIP, f'rule "{decision.rule}" skips it')
        if action is Action.ALLOW and not self.feed.permit_allow:
            return _Refusal(ALLOW_NOT_PERMITTED, "the feed has no permit_allow")
        warnings: list[str] = []
        for kind, value in ((identity.type, identity.value), *identity.aliases):
            finding = self.guards.check(kind, value, action)
            if finding.verdict is Verdict.PASS:
                continue
            if finding.verdict is Verdict.REFUSE:
                return _Refusal(GUARD + finding.guard, finding.reason)
            if finding.verdict is Verdict.DOWNGRADE and action in _BLOCKING:
                action = Action.ALERT_ONLY
            warnings.append(f"{GUARD}{finding.guard}: {finding.reason}")
        if not supported(self.dialect, identity.type, action):
            detail = f"Defender takes no {action.value} for {identity.type.value}"
            return _Refusal(ACTION_NOT_SUPPORTED, detail)
        return action, tuple(warnings)


def _identify(atom: PatternAtom) -> _Identity:
    """Bring an atom's values into canonical form, the strongest valid hash first.

    Raises InvalidValue, that of the first value, when none of them has a canonical form.
    """
    if atom.type is None:
        raise InvalidValue("no_type", "the pattern names no type")
    if not atom.aliases:
        kind, value, notes = canonical_repaired(atom.type, atom.value)
        return _Identity(kind, value, (), notes)
    found: dict[tuple[IndicatorType, str], None] = {}
    notes_of: list[str] = []
    first: InvalidValue | None = None
    for kind, text in ((atom.type, atom.value), *atom.aliases):
        try:
            kind, value, notes = canonical_repaired(kind, text)  # noqa: PLW2901 - the repaired type
        except InvalidValue as error:
            first = first or error
            notes_of.append(f"alias_{error.code}")
            continue
        found[kind, value] = None
        notes_of.extend(notes)
    if not found:
        raise first or InvalidValue("empty", "no value")
    strongest, *others = sorted(found, key=lambda pair: _STRENGTH[pair[0]])
    return _Identity(*strongest, tuple(others), tuple(notes_of))


_STRENGTH = {kind: rank for rank, kind in enumerate((*FILE_TYPES, IndicatorType.CERTIFICATE))}


def _expiry(
    evidence: datetime, term: timedelta | None, valid_until: datetime | None
) -> datetime | None:
    """Return evidence plus term, but never later than `valid_until`; None means never."""
    if term is None:
        return valid_until
    expires = evidence + term
    return expires if valid_until is None or expires < valid_until else valid_until
