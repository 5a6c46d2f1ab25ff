"""Candidates with the same identity become one wanted row that keeps all its sources.

The candidate of the most trusted feed leads: it gives action, severity, title and context. Among
equally trusted ones the higher confidence leads, then the stricter action, then feed and object id,
so that the input order never matters. The row lives as long as the longest-lived source that asks
for the leading action. Refuses to look at the list: `diff` compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tidegate.allocation.rank import score
from tidegate.indicators.indicator import EMPTY, Indicator, RowKey, Source, row_id
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.mapping.candidate import Candidate
from tidegate.stix.markings import strictest

CONTEXT_TEXTS = 8
"""Texts of one kind that a row keeps of its context."""

STRICTNESS = (Action.ALLOW, Action.ALERT_ONLY, Action.WARN, Action.BLOCK, Action.ALERT_AND_BLOCK)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row that feeds want, by its identity, with the evidence behind it.

    Of a million wanted rows a few thousand get a slot, so the row itself is made when it is asked
    for. `moment` is when it would be made, in UTC.
    """

    key: RowKey
    candidates: tuple[Candidate, ...]
    score: float
    moment: datetime

    @property
    def lead(self) -> Candidate:
        """The candidate that speaks for the row."""
        return self.candidates[0]

    @property
    def type(self) -> IndicatorType:
        """The type of the value."""
        return self.key.type

    @property
    def value(self) -> str:
        """The canonical value."""
        return self.key.value

    @property
    def groups(self) -> tuple[str, ...]:
        """The device groups; none are all devices."""
        return self.key.groups

    @property
    def feed(self) -> str:
        """The feed that the row counts against: that of the candidate that leads it."""
        return self.candidates[0].feed

    @property
    def action(self) -> Action:
        """What Defender would do."""
        return self.candidates[0].action

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.candidates[0].severity

    @property
    def expires(self) -> datetime | None:
        """When the row would end, UTC; None is never."""
        action = self.action
        return _latest([c.expires for c in self.candidates if c.action is action])

    @property
    def feed_key(self) -> RowKey:
        """The identity under which feeds know it: no person has moved it."""
        return self.key

    @property
    def feeds(self) -> tuple[str, ...]:
        """Whose it is, sorted."""
        if len(self.candidates) == 1:
            return (self.candidates[0].feed,)
        return tuple(sorted({candidate.feed for candidate in self.candidates}))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The weaker hashes of the same file that any source names, sorted."""
        if len(self.candidates) == 1 and not self.candidates[0].aliases:
            return ()
        return tuple(sorted({alias for c in self.candidates for alias in c.aliases}))

    @property
    def row(self) -> Indicator:
        """The row, made anew at each call."""
        return _row(self)


def _lead_first(candidate: Candidate) -> tuple[object, ...]:
    confidence = -1 if candidate.confidence is None else candidate.confidence
    return (
        -candidate.trust,
        -confidence,
        -STRICTNESS.index(candidate.action),
        candidate.feed,
        candidate.stix_id,
        candidate.rule,
    )


def _latest(times: Sequence[datetime | None]) -> datetime | None:
    known = [moment for moment in times if moment is not None]
    return None if len(known) < len(times) else max(known)


def _context(group: Sequence[Candidate]) -> Mapping[str, tuple[str, ...]]:
    """What all sources say around the value, the lead first; the first few of each kind."""
    if not any(candidate.context for candidate in group):
        return EMPTY
    found: dict[str, dict[str, None]] = {}
    for candidate in group:
        for name, texts in candidate.context.items():
            found.setdefault(name, {}).update(dict.fromkeys(texts))
    return {name: tuple(texts)[:CONTEXT_TEXTS] for name, texts in sorted(found.items())}


def merge(candidates: Iterable[Candidate], now: datetime) -> list[Wanted]:
    """Group candidates by row identity, best score first, ties by identity."""
    groups: dict[RowKey, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.key, []).append(candidate)
    wanted = []
    for key, group in groups.items():
        if len(group) > 1:
            group.sort(key=_lead_first)
        wanted.append(Wanted(key, tuple(group), score(group, now), now))
    wanted.sort(key=lambda item: (-item.score, item.key))
    return wanted


def _row(wanted: Wanted) -> Indicator:
    key, group, now = wanted.key, wanted.candidates, wanted.moment
    lead = wanted.lead
    sources = {Source(c.feed, c.stix_id, c.rule) for c in group}
    return Indicator(
        id=row_id(key),
        type=key.type,
        value=key.value,
        groups=key.groups,
        action=lead.action,
        severity=lead.severity,
        title=lead.title,
        description=lead.description,
        created=now,
        updated=now,
        origin=Origin.FEED,
        expires=wanted.expires,
        feeds=wanted.feeds,
        sources=tuple(sorted(sources)),
        aliases=wanted.aliases,
        confidence=lead.confidence,
        # What several sources say of one value may be shared no wider than the strictest allows.
        tlp=strictest(*(c.tlp for c in group)),
        score=wanted.score,
        category=lead.category,
        mitre=lead.mitre,
        recommended_actions=lead.recommended_actions,
        context=_context(group),
    )
