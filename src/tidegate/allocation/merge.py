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
from tidegate.indicators.kinds import Action, Origin
from tidegate.mapping.candidate import Candidate
from tidegate.stix.markings import strictest

CONTEXT_TEXTS = 8
"""Texts of one kind that a row keeps of its context."""

STRICTNESS = (Action.ALLOW, Action.ALERT_ONLY, Action.WARN, Action.BLOCK, Action.ALERT_AND_BLOCK)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row that feeds want, with the evidence behind it."""

    row: Indicator
    candidates: tuple[Candidate, ...]
    score: float

    @property
    def key(self) -> RowKey:
        """The row's identity."""
        return self.row.key

    @property
    def lead(self) -> Candidate:
        """The candidate that speaks for the row."""
        return self.candidates[0]


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
    wanted = [_row(key, sorted(group, key=_lead_first), now) for key, group in groups.items()]
    wanted.sort(key=lambda item: (-item.score, item.key))
    return wanted


def _row(key: RowKey, group: Sequence[Candidate], now: datetime) -> Wanted:
    lead = group[0]
    points = score(group)
    sources = {Source(c.feed, c.stix_id, c.rule) for c in group}
    row = Indicator(
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
        expires=_latest([c.expires for c in group if c.action is lead.action]),
        feeds=tuple(sorted({c.feed for c in group})),
        sources=tuple(sorted(sources)),
        aliases=tuple(sorted({alias for c in group for alias in c.aliases})),
        confidence=lead.confidence,
        # What several sources say of one value may be shared no wider than the strictest allows.
        tlp=strictest(*(c.tlp for c in group)),
        score=points,
        category=lead.category,
        mitre=lead.mitre,
        recommended_actions=lead.recommended_actions,
        context=_context(group),
    )
    return Wanted(row, tuple(group), points)
