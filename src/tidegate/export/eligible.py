"""Which rows a partner may have, whose word they may be told, and why all others stay.

A row is what several sources said together, each under its own terms. A source may speak when its
feed lets its word be passed on and when everything it says, its context among it, is within the
ceiling. Where all may, the row goes as it stands; where some may, it is made anew from those alone,
as if the others did not exist: no title, description, hash, confidence or date of theirs is in it.
Where none may, it stays, with the reason.

Source: TLP 2.0 (FIRST); STIX 2.1 §7.2 (markings). A marking that is no TLP level keeps its object
back: what it demands only a person can read. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from tidegate.allocation.merge import backed
from tidegate.indicators.indicator import Indicator, Source
from tidegate.indicators.kinds import Origin
from tidegate.indicators.limits import DESCRIPTION_LENGTH
from tidegate.mapping.candidate import Candidate
from tidegate.mapping.context import MARKING
from tidegate.partner import Partner
from tidegate.stix.markings import LEVELS, others_of, strictest, tlp_of
from tidegate.stix.objects import marking_refs

_PERSONS = ("action", "severity", "groups", "expires")
"""Fields that a person sets and that no source could be quoted in."""


Raws = Mapping[tuple[str, str], Mapping[str, Any]]
"""Objects as delivered, by feed and id."""


@dataclass(frozen=True, slots=True)
class Feeds:
    """What is known of the feeds: their titles by id, and which may not be passed on.

    `accepted` holds, for a feed that has any, the markings beside TLP that let it be passed on.
    """

    titles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    forbidding: frozenset[str] = frozenset()
    accepted: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Shared:
    """A row as the partner may see it.

    `tlp` is its level, `markings` are ids of accepted ones beside it, `told` the sources that speak
    and `raws` their objects as delivered.
    """

    row: Indicator
    tlp: str
    told: tuple[Source, ...] = ()
    raws: tuple[Mapping[str, Any], ...] = ()
    markings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """A row that was asked for and stays; `code` is stable, `detail` is for the operator alone.

    Codes: `expired`, `feed_unknown`, `marking_unknown`, `redistribution_forbidden`,
    `tlp_above_ceiling`, `tlp_unknown`, `tlp_unmarked`.
    """

    row: Indicator
    code: str
    detail: str


class _No(NamedTuple):
    code: str
    detail: str


def judge(
    row: Indicator,
    candidates: Sequence[Candidate],
    raws: Raws,
    partner: Partner,
    feeds: Feeds,
    now: datetime,
) -> Shared | Withheld:
    """Decide about one row.

    `candidates` is what feeds say of its value now, and `raws` holds the objects of its sources.
    """
    if not row.active(now):
        return Withheld(row, "expired", f"it expired at {row.expires:%Y-%m-%d %H:%M:%S}Z")
    sets = [feeds.accepted.get(feed, frozenset()) for feed in row.feeds]
    # Whose marking it is the row does not say: all must accept it, or each speaks for itself.
    accepted = frozenset.intersection(*sets) if sets else frozenset()
    beside = row.context.get(MARKING, ())
    whole = _level(partner, row.tlp, beside, accepted)
    if row.origin is not Origin.FEED:
        return Withheld(row, *whole) if isinstance(whole, _No) else Shared(row, whole)
    sources = row.sources or tuple(Source(feed, "") for feed in row.feeds)
    heard: list[_Word] = []
    silent: list[_No] = []
    for source in sources:
        word = _word(source, row, candidates, raws)
        found = _may_speak(word, partner, feeds, now)
        if found is None:
            heard.append(word)
        else:
            silent.append(found)
    if isinstance(whole, str) and not silent:
        level = strictest(whole, *(word.tlp for word in heard)) or whole
        return Shared(row, level, sources, *_behind(heard, beside))
    speaking = [word for word in heard if word.candidate is not None]
    if speaking:
        return _reduced(row, speaking, partner)
    why = silent[0] if silent else whole
    return Withheld(row, *why) if isinstance(why, _No) else Shared(row, why)


class _Word(NamedTuple):
    """What one source says of a row now. `candidate` is None where it says something else."""

    feed: str
    candidate: Candidate | None
    raw: Mapping[str, Any]
    tlp: str | None
    others: tuple[str, ...]


def _word(source: Source, row: Indicator, candidates: Sequence[Candidate], raws: Raws) -> _Word:
    raw = raws.get((source.feed, source.stix_id), {})
    said = [c for c in candidates if (c.feed, c.stix_id) == (source.feed, source.stix_id)]
    refs = marking_refs(raw)
    levels = [tlp for tlp in (*(c.tlp for c in said), tlp_of(refs)) if tlp is not None]
    unknown = next((tlp for tlp in levels if tlp not in LEVELS), None)
    others = (*(ref for c in said for ref in c.context.get(MARKING, ())), *others_of(refs))
    same = next((c for c in said if c.key == row.feed_key), None)
    return _Word(source.feed, same, raw, unknown or strictest(*levels), others)


def _may_speak(word: _Word, partner: Partner, feeds: Feeds, now: datetime) -> _No | None:
    """Why a source may not speak; None where it may."""
    feed = word.feed
    if feed not in feeds.titles:
        return _No("feed_unknown", f"feed {feed} is not in this home: its terms are not known")
    if feed in feeds.forbidding:
        return _No("redistribution_forbidden", f"feed {feed} has redistribute = false")
    candidate = word.candidate
    if candidate is not None and candidate.expires is not None and candidate.expires <= now:
        return _No("expired", f"what feed {feed} says has expired")
    if word.tlp is None and not word.others:
        return None  # not heard now: what the row carries is all there is
    level = _level(partner, word.tlp, word.others, feeds.accepted.get(feed, frozenset()))
    return level if isinstance(level, _No) else None


def _level(
    partner: Partner, tlp: str | None, others: Sequence[str], accepted: frozenset[str]
) -> _No | str:
    """The level under which something may leave, or why it may not."""
    unknown = next((ref for ref in others if ref not in accepted), None)
    if unknown is not None:
        way = "which is no TLP level; see `shareable_markings` of feed.toml"
        return _No("marking_unknown", f"it carries {unknown[:80]}, {way}")
    level = tlp or partner.unmarked_as
    if level is None:
        return _No("tlp_unmarked", "nobody said that it may be passed on; see `unmarked_as`")
    if level not in LEVELS:
        return _No("tlp_unknown", "its marking is no TLP level")
    if LEVELS.index(level) > LEVELS.index(partner.tlp_max):
        ceiling = partner.tlp_max.upper()
        return _No("tlp_above_ceiling", f"TLP:{level.upper()} is above TLP:{ceiling}")
    return level


def _reduced(row: Indicator, words: Sequence[_Word], partner: Partner) -> Shared:
    """The row as it would be if only these sources existed, and what a person decided about it."""
    made = backed([word.candidate for word in words if word.candidate], row.updated)
    lead = next(word for word in words if word.candidate is made.lead)
    told = lead.raw.get("description")
    only = replace(
        made.row,
        id=row.id,
        created=row.created,
        updated=row.updated,
        description=told[:DESCRIPTION_LENGTH] if isinstance(told, str) else "",
        **{name: getattr(row, name) for name in _PERSONS if name in row.owned},
    )
    level = strictest(*(word.tlp for word in words)) or partner.tlp_max
    return Shared(only, level, only.sources, *_behind(words, ()))


def _behind(
    words: Sequence[_Word], beside: Sequence[str]
) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """The objects behind what is told, and all markings beside TLP that it carries."""
    markings = {ref for word in words for ref in word.others}.union(beside)
    return tuple(word.raw for word in words if word.raw), tuple(sorted(markings))
