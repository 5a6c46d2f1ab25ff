"""One atom of an indicator's pattern: a candidate for the list, or the reason why it is none.

Owns the order of the questions about an atom: sayable, valid, repaired, wanted, permitted, guarded,
supported, still alive. Refuses exceptions for bad input, and questions about the whole object,
which translate.py has asked before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tidegate.errors import InvalidValue
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import scope
from tidegate.indicators.kinds import FILE_TYPES, Action, Dialect, IndicatorType, supported
from tidegate.indicators.limits import VALUE_LENGTH
from tidegate.mapping.candidate import Candidate, Rejection
from tidegate.mapping.context import Telling
from tidegate.mapping.expiry import bounded, expiry
from tidegate.mapping.guard import Guards, Verdict
from tidegate.mapping.policy import Decision, Facts, decide
from tidegate.mapping.repair import canonical_repaired
from tidegate.mapping.widening import beside_context, widening
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.repairs import ALIAS_DROPPED, FIELD, REPAIRS

ACTION_NOT_SUPPORTED = "action_not_supported"
ALLOW_NOT_PERMITTED = "allow_not_permitted"
DECAYED = "decayed"
EXPIRED = "expired"
NOT_REPAIRED = "not_repaired"
POLICY_SKIP = "policy_skip"
GUARD = "guard_"
"""Prefix of the codes of guards: `guard_protected`, `guard_special_purpose`, …"""

_BLOCKING = (Action.ALERT_AND_BLOCK, Action.BLOCK, Action.WARN)
_STRENGTH = {kind: rank for rank, kind in enumerate((*FILE_TYPES, IndicatorType.CERTIFICATE))}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an atom or object is no candidate, before it is told apart from its neighbours."""

    code: str
    detail: str
    field: str = "pattern"


def moment(when: datetime) -> str:
    """A moment as rejections tell it."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def skipped_by(rule: str) -> str:
    """What a rejection by a rule says; the rules of a feed are counted by it, too."""
    return f'rule "{rule}" skips it'


def unrepaired(feed: FeedDefinition, repairs: Iterable[str]) -> Refusal | None:
    """Refuse what was only readable by a repair that the feed switches off."""
    off = feed.unrepaired
    for name in repairs if off else ():
        if name in off:
            detail = f"{name} is switched off: {REPAIRS[name]}"
            return Refusal(NOT_REPAIRED, detail, FIELD.get(name, "pattern"))
    return None


class _Identity(NamedTuple):
    """What an atom is about, in canonical form."""

    type: IndicatorType
    value: str
    aliases: tuple[tuple[IndicatorType, str], ...]
    repairs: tuple[str, ...]


class Judge(NamedTuple):
    """What all atoms of one object share. `evidence` and `now` are UTC."""

    telling: Telling
    guards: Guards
    dialect: Dialect
    facts: Facts
    evidence: datetime
    now: datetime

    def judge(self, atom: PatternAtom, number: int) -> Candidate | Rejection:
        """Turn one atom, the object's `number`th from 0, into a candidate or a rejection."""
        found = Refusal(atom.code, atom.detail) if atom.code else self._candidate(atom)
        if isinstance(found, Candidate):
            return found
        return Rejection(
            self.telling.feed.id,
            self.telling.indicator.id,
            found.code,
            found.detail,
            field=found.field,
            value=atom.value[:VALUE_LENGTH],
            position=atom.position,
            atom=number,
        )

    def _candidate(self, atom: PatternAtom) -> Candidate | Refusal:
        telling = self.telling
        indicator, feed = telling.indicator, telling.feed
        try:
            identity = _identify(atom, apart=feed.each_hash)
        except InvalidValue as error:
            return Refusal(error.code, error.message)
        repairs = tuple(dict.fromkeys((*indicator.repairs, *atom.repairs, *identity.repairs)))
        if refusal := unrepaired(feed, repairs):
            return refusal
        kind, value = identity.type, identity.value
        names = (value, *(text for _, text in identity.aliases))
        facts = self.facts
        if atom.beside:
            facts = facts._replace(beside=frozenset(path for path, _ in atom.beside))
        decision = decide(facts, feed, kind, names)
        settled = self._settle(identity, decision)
        if isinstance(settled, Refusal):
            return settled
        action, warnings = settled
        expires = self._expires(kind, decision)
        if isinstance(expires, Refusal):
            return expires
        return Candidate(
            feed=feed.id,
            stix_id=indicator.id,
            rule=decision.rule,
            type=kind,
            value=value,
            action=action,
            severity=decision.severity,
            title=telling.title(decision.title, kind, value),
            evidence=self.evidence,
            trust=feed.trust,
            description=telling.description(decision.description, kind, value),
            groups=scope(decision.groups) if decision.groups else (),
            expires=expires,
            confidence=indicator.confidence,
            tlp=telling.tlp,
            category=decision.category or telling.category,
            mitre=telling.techniques,
            recommended_actions=telling.advice(decision.recommended_actions, kind, value),
            aliases=tuple(f"{other.value}:{text}" for other, text in identity.aliases),
            warnings=warnings,
            repairs=repairs,
            widening=widening(kind, atom),
            context={**telling.kept, **beside_context(atom)} if atom.beside else telling.kept,
            sightings=telling.around.sightings,
        )

    def _expires(self, kind: IndicatorType, decision: Decision) -> datetime | Refusal | None:
        feed, indicator = self.telling.feed, self.telling.indicator
        term = bounded(decision.expires, kind, indicator.confidence, feed.expiry)
        if term is not None and not term:
            return Refusal(DECAYED, "its confidence is no higher than what decay ends at")
        expires = expiry(self.evidence, term, indicator.valid_until)
        if expires is not None and expires <= self.now:
            return Refusal(EXPIRED, f"its term ended at {moment(expires)}")
        return expires

    def _settle(
        self, identity: _Identity, decision: Decision
    ) -> tuple[Action, tuple[str, ...]] | Refusal:
        """Return the action that policy, guards and Defender agree on, and the guards' warnings."""
        action = decision.action
        if action is None:
            return Refusal(POLICY_SKIP, skipped_by(decision.rule))
        if action is Action.ALLOW and not self.telling.feed.permit_allow:
            return Refusal(ALLOW_NOT_PERMITTED, "the feed has no permit_allow")
        warnings: list[str] = []
        for kind, value in ((identity.type, identity.value), *identity.aliases):
            finding = self.guards.check(kind, value, action)
            if finding.verdict is Verdict.PASS:
                continue
            if finding.verdict is Verdict.REFUSE:
                return Refusal(GUARD + finding.guard, finding.reason)
            if finding.verdict is Verdict.DOWNGRADE and action in _BLOCKING:
                action = Action.ALERT_ONLY
            warnings.append(f"{GUARD}{finding.guard}: {finding.reason}")
        if not supported(self.dialect, identity.type, action):
            detail = f"Defender takes no {action.value} for {identity.type.value}"
            return Refusal(ACTION_NOT_SUPPORTED, detail)
        return action, tuple(warnings)


def each_hash(atoms: Iterable[PatternAtom]) -> Iterator[PatternAtom]:
    """Make an atom of every hash of a file; each has all others as its aliases."""
    for atom in atoms:
        hashes = ((atom.type, atom.value), *atom.aliases)
        for place, (kind, value) in enumerate(hashes):
            others = tuple((k, text) for k, text in (*hashes[:place], *hashes[place + 1 :]) if k)
            yield atom._replace(type=kind, value=value, aliases=others)


def _identify(atom: PatternAtom, *, apart: bool) -> _Identity:
    """Bring an atom's values into canonical form, the strongest valid hash first.

    `apart`: the atom's own value comes first, and must be valid. Raises InvalidValue, that of the
    first value, when none of them has a canonical form.
    """
    if atom.type is None:
        raise InvalidValue("no_type", "the pattern names no type")
    if not atom.aliases:
        kind, value, repairs = canonical_repaired(atom.type, atom.value)
        return _Identity(kind, value, (), repairs)
    found: dict[tuple[IndicatorType, str], None] = {}
    repairs_of: list[str] = []
    first: InvalidValue | None = None
    for kind, text in ((atom.type, atom.value), *atom.aliases):
        try:
            kind, value, repairs = canonical_repaired(kind, text)  # noqa: PLW2901 - the repaired type
        except InvalidValue as error:
            if apart and not found and first is None:
                raise  # the atom's own value: the others have atoms of their own
            first = first or error
            repairs_of.append(ALIAS_DROPPED)
            continue
        found[kind, value] = None
        repairs_of.extend(repairs)
    if not found:
        raise first or InvalidValue("empty", "no value")
    ranked = sorted(found, key=lambda pair: _STRENGTH[pair[0]])
    chosen = next(iter(found)) if apart else ranked[0]
    ranked.remove(chosen)
    return _Identity(*chosen, tuple(ranked), tuple(repairs_of))
