"""Candidates with the same identity become one wanted row that keeps all its sources.

The candidate of the most trusted feed leads: it gives action, severity, title and context. Among
equally trusted ones the higher confidence leads, then the stricter action, then feed and object id,
so that the input order never matters. The row lives as long as the longest-lived source that asks
for the leading action. Refuses to look at the list: `diff` compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from tidegate.allocation.rank import Proposed as Ranked
from tidegate.allocation.rank import score_alone, score_at
from tidegate.indicators.indicator import EMPTY, Indicator, RowKey, Source, row_id
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.mapping.candidate import Candidate
from tidegate.stix.markings import strictest

CONTEXT_TEXTS = 8
"""Texts of one kind that a row keeps of its context."""

STRICTNESS = (Action.ALLOW, Action.ALERT_ONLY, Action.WARN, Action.BLOCK, Action.ALERT_AND_BLOCK)


_new = tuple.__new__
"""Makes a named tuple without its own ways, of which a million would be noticed."""


class Proposed(Ranked, Protocol):
    """What is merged: `mapping.candidate` has it in a long form and a short one."""

    @property
    def value(self) -> str:
        """The canonical value."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The device groups; none are all devices."""

    @property
    def action(self) -> Action:
        """What Defender would do."""

    @property
    def ends(self) -> float | None:
        """When its term ends, in seconds since 1970 UTC."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """The weaker hashes of the same file."""

    @property
    def passed_over(self) -> bool:
        """Whether prevention passes over it."""


class Wanted(NamedTuple):
    """A row that feeds want: what ranking and allocation need to know of it.

    Of a million wanted rows a few thousand get a slot, so the row itself is made then, by `row_of`.
    `feed` leads it and is the one that it counts against; `feeds` are all that name it, sorted.
    `ends` is when it expires, in seconds since 1970 UTC.
    """

    type: IndicatorType
    value: str
    groups: tuple[str, ...]
    score: float
    feed: str
    feeds: tuple[str, ...]
    action: Action
    severity: Severity
    ends: float | None
    aliases: tuple[str, ...] = ()
    passed_over: bool = False

    @property
    def key(self) -> RowKey:
        """The identity of the row: the first three fields."""
        return _new(RowKey, self[:3])

    @property
    def feed_key(self) -> RowKey:
        """The identity under which feeds know it: no person has moved it."""
        return self.key

    @property
    def expires(self) -> datetime | None:
        """When it expires, in UTC."""
        return None if self.ends is None else datetime.fromtimestamp(self.ends, UTC)


def _lead_first(candidate: Proposed) -> tuple[object, ...]:
    confidence = -1 if candidate.confidence is None else candidate.confidence
    return (
        -candidate.trust,
        -confidence,
        -STRICTNESS.index(candidate.action),
        candidate.feed,
    )


def _latest(times: Sequence[float | None]) -> float | None:
    known = [time for time in times if time is not None]
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


def merge(proposals: Iterable[Proposed], moment: datetime) -> list[Wanted]:
    """Make one wanted row of proposals that stand together and are for the same one.

    They come in the order of row identities, those of one feed in that of its objects; the rows
    come in that order, too.
    """
    wanted: list[Wanted] = []
    now = moment.timestamp()
    group: list[Proposed] = []
    for proposal in proposals:
        if group:
            if proposal.value == group[0].value and _same(proposal, group[0]):
                group.append(proposal)
                continue
            wanted.append(_alone(group[0], now) if len(group) == 1 else _merged(group, now))
        group = [proposal]
    if group:
        wanted.append(_merged(group, now))
    return wanted


def _alone(lead: Proposed, now: float) -> Wanted:
    """What a single proposal wants: nine of ten rows of a million, so the tuple is made at once."""
    feed, aliases = lead.feed, lead.aliases
    return _new(
        Wanted,
        (
            lead.type,
            lead.value,
            lead.groups,
            score_alone(lead, now),
            feed,
            (feed,),
            lead.action,
            lead.severity,
            lead.ends,
            tuple(sorted(aliases)) if len(aliases) > 1 else aliases,
            lead.passed_over,
        ),
    )


def _same(one: Proposed, other: Proposed) -> bool:
    """Whether two proposals for one value are for the same row."""
    return one.groups == other.groups and one.type is other.type


def in_order(candidates: Iterable[Candidate]) -> list[list[Candidate]]:
    """Candidates by row identity, in its order; those of one row with the leading one first."""
    groups: dict[RowKey, list[Candidate]] = {}
    for candidate in sorted(candidates, key=lambda each: each.stix_id):
        groups.setdefault(candidate.key, []).append(candidate)
    return [sorted(groups[key], key=_lead_first) for key in sorted(groups)]


def _merged(group: list[Proposed], now: float) -> Wanted:
    if len(group) == 1:
        return _alone(group[0], now)
    group.sort(key=_lead_first)
    lead = group[0]
    action = lead.action
    return Wanted(
        lead.type,
        lead.value,
        lead.groups,
        score_at(group, now),
        lead.feed,
        tuple(sorted({each.feed for each in group})),
        action,
        lead.severity,
        _latest([each.ends for each in group if each.action is action]),
        tuple(sorted({alias for each in group for alias in each.aliases})),
        any(each.passed_over for each in group),
    )


class Backed(NamedTuple):
    """A row as its candidates make it, and the one that leads it."""

    row: Indicator
    lead: Candidate


def backed(candidates: Sequence[Candidate], moment: datetime) -> Backed:
    """Make the row of the candidates of one identity, with all that they say of it.

    `moment` is when it is made, in UTC.
    """
    (group,) = [[*candidates]] if len(candidates) == 1 else in_order(candidates)
    lead = group[0]
    wanted = _merged(list[Proposed](group), moment.timestamp())
    return Backed(_row(group, lead, wanted, moment), lead)


def _row(
    group: Sequence[Candidate], lead: Candidate, wanted: Wanted, moment: datetime
) -> Indicator:
    sources = {Source(c.feed, c.stix_id, c.rule) for c in group}
    return Indicator(
        id=row_id(wanted.key),
        type=wanted.type,
        value=wanted.value,
        groups=wanted.groups,
        action=lead.action,
        severity=lead.severity,
        title=lead.title,
        description=lead.description,
        created=moment,
        updated=moment,
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
