"""What feeds said of a value or in an object, for the story that `why` tells.

Owns the questions to the ledger and the steps that answer them: which object, which rule, what was
read leniently, what stands around it, why it was refused, since when it is named. Feeds that are
switched off have no say; only their names are told. Refuses to look at the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from tidegate.feed import FeedDefinition
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.term import parse_moment
from tidegate.ledger.evaluation import (
    candidates_for,
    candidates_in,
    ended_in,
    ended_naming,
    refused_naming,
    rejections,
)
from tidegate.ledger.leaving import unlisted
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.pulls import Life, life_of
from tidegate.ledger.refused import contested_contents
from tidegate.mapping.candidate import Candidate, Rejection
from tidegate.mapping.judge import EXPIRED
from tidegate.mapping.translate import UNREADABLE_PATTERN
from tidegate.mapping.widening import WIDENING
from tidegate.service.quoting import named_by, quoted
from tidegate.service.story import Seen, Story, lives_until, told_time
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.stix.pattern_judge import grammar_says
from tidegate.stix.repairs import REPAIRS

_CONTESTED = 1_000
"""Objects of a feed in conflict that are looked into for one value."""

_TOLD = 6
"""Objects of one value that are told of one by one."""

_SHORTEST = 3
"""Shorter texts that are no values are told nothing by feeds."""


def names_object(text: str) -> bool:
    """Whether a text is the id of a STIX indicator rather than a value."""
    return text.startswith("indicator--")


@dataclass(frozen=True, slots=True)
class Said:
    """What the feeds that are switched on said of a value; `off` are others that named it."""

    feeds: Mapping[str, FeedDefinition]
    candidates: list[Candidate]
    refused: list[Rejection]
    ended: list[tuple[str, str, str]]
    unlisted: list[tuple[str, str, datetime]]
    seen: tuple[Seen, ...]
    off: tuple[str, ...] = ()


def hear(ws: Workspace, story: Story, text: str, kind: IndicatorType | None, value: str) -> Said:
    """Ask the ledger what feeds said, and tell it."""
    feeds = {feed.id: feed for feed in active_feeds(ws)}
    active = frozenset(feeds)
    ledger = ws.ledger
    refused = _refusals(ledger, active, text, kind, value)
    if names_object(text):
        candidates, ended = candidates_in(ledger, text), ended_in(ledger, text)
    else:
        candidates = candidates_for(ledger, value)
        ended = ended_naming(ledger, value) if kind is not None else []
    silent = {c.feed for c in candidates} | {r.feed for r in refused} | {e[0] for e in ended}
    candidates = [c for c in candidates if c.feed in active]
    refused = [r for r in refused if r.feed in active]
    ended = [] if candidates else [e for e in ended if e[0] in active]
    said = [*((c.feed, c.stix_id) for c in candidates), *((r.feed, r.stix_id) for r in refused)]
    # A feed that names it under another id, or says that it ended, lists it still.
    left = [each for each in unlisted(ledger, value) if each[0] in active - silent]
    seen = _lives(ws, [*said, *(each[:2] for each in (*ended, *left))])
    for each in seen:
        story.tell("note", "feed", _told_life(each))
    for candidate in _some(story, candidates):
        _named(ws, story, candidate)
    for rejection in refused[:_TOLD]:
        story.tell(
            "no",
            "mapping",
            f"{rejection.feed} {rejection.stix_id}: {rejection.code}, {rejection.detail}",
        )
        _refused(ws, story, rejection)
    if len(refused) > _TOLD:
        story.tell("no", "mapping", f"{len(refused) - _TOLD:,} more refusals")
    for feed, stix_id, detail in ended:
        since = _since(ws, feed, stix_id) if detail == EXPIRED else ""
        story.tell("no", "feed", f"{feed} named it in {stix_id}: {detail}{since}")
    for feed, stix_id, since_when in left:
        story.tell(
            "no",
            "feed",
            f"{feed} no longer lists it since {told_time(since_when)}; it stood in {stix_id}",
        )
    off = tuple(sorted(silent - active))
    for feed in off:
        story.tell("note", "feed", f"{feed} named it, but is switched off")
    return Said(feeds, candidates, refused, ended, left, seen, off)


def _some(story: Story, candidates: list[Candidate]) -> list[Candidate]:
    """The candidates that are told one by one: some values stand in hundreds of objects."""
    if len(candidates) <= _TOLD:
        return candidates
    shown = sorted(candidates, key=lambda each: each.evidence, reverse=True)[:_TOLD]
    more = len(candidates) - _TOLD
    story.tell("note", "feed", f"the {_TOLD} latest objects are told of; {more:,} more name it")
    return shown


def _refusals(
    ledger: Ledger, feeds: frozenset[str], text: str, kind: IndicatorType | None, value: str
) -> list[Rejection]:
    """What was refused of an object or a value, or of a text that is neither."""
    if names_object(text):
        return rejections(ledger, stix_id=text)
    if kind is None and len(text) < _SHORTEST:
        return []
    found = rejections(ledger, value=value) or rejections(ledger, value=text)
    if kind is None:
        return found
    whole = [each for each in refused_naming(ledger, value) if each not in found]
    return [*found, *whole, *_contested(ledger, feeds, value)]


def _contested(ledger: Ledger, feeds: Iterable[str], value: str) -> list[Rejection]:
    """Rejections of objects whose contents are in conflict, where one of these names the value.

    Neither content is read, so that it is looked for as it stands, in quotes.
    """
    literal = f"'{value}'".casefold()
    return [
        rejection
        for feed in sorted(feeds)
        for ident, contents in contested_contents(ledger, feed, _CONTESTED)
        # Most are passed over as they lie, before one is read.
        if any(
            literal in text.casefold()
            and literal in str(orjson.loads(text).get("pattern")).casefold()
            for text in contents
        )
        for rejection in rejections(ledger, feed=feed, stix_id=ident)
    ]


def _lives(ws: Workspace, objects: Iterable[tuple[str, str]]) -> tuple[Seen, ...]:
    """When each feed named it, in whichever of its objects: publishers mint new ids."""
    lives: dict[str, list[Life]] = {}
    for feed, stix_id in dict.fromkeys(objects):
        if life := life_of(ws.ledger, feed, stix_id):
            lives.setdefault(feed, []).append(life)
    return tuple(
        Seen(
            feed,
            min(life.first_seen for life in known),
            max(life.last_seen for life in known),
            tuple(sorted(when for life in known for when in life.earlier)),
        )
        for feed, known in sorted(lives.items())
    )


def _told_life(seen: Seen) -> str:
    first, last = f"{seen.first:%Y-%m-%d}", f"{seen.last:%Y-%m-%d}"
    told = f"{seen.feed}: seen {first}" + (f" to {last}" if last != first else "")
    if not seen.earlier:
        return told
    return f"{told}, {len(seen.earlier):,} earlier version{'' if len(seen.earlier) == 1 else 's'}"


def _since(ws: Workspace, feed: str, stix_id: str) -> str:
    """The object's own end, as the feed wrote it; without one a rule's term ended."""
    until = (ws.ledger.object(feed, stix_id) or {}).get("valid_until")
    return f" (valid_until {until[:40]})" if isinstance(until, str) else ""


def _own_end(ws: Workspace, candidate: Candidate) -> str:
    """Say so where the end is the object's own: the rule's term would be later, or none."""
    until = (ws.ledger.object(candidate.feed, candidate.stix_id) or {}).get("valid_until")
    try:
        own = parse_moment(until) if isinstance(until, str) else None
    except ValueError:
        return ""
    ends = own is not None and own == candidate.expires
    return ", the feed's own valid_until" if ends else ""


def _refused(ws: Workspace, story: Story, rejection: Rejection) -> None:
    """Tell where in its pattern, and whose fault it is that one cannot be read."""
    if rejection.position is None and rejection.code != UNREADABLE_PATTERN:
        return
    found = (ws.ledger.object(rejection.feed, rejection.stix_id) or {}).get("pattern")
    if part := quoted(found, rejection.position):
        story.tell("note", "pattern", part)
    if rejection.code == UNREADABLE_PATTERN and isinstance(found, str):
        story.tell("note", "mapping", grammar_says(found))


def _patterned(ws: Workspace, story: Story, candidate: Candidate) -> None:
    """Tell which part of the pattern names the value, and how the feed spelled it."""
    found = (ws.ledger.object(candidate.feed, candidate.stix_id) or {}).get("pattern")
    part, spelled = named_by(found, candidate.value)
    if part:
        story.tell("ok", "pattern", part)
    if spelled not in ("", candidate.value):
        story.tell("ok", "canonical", f"{spelled} is {candidate.value}")


def _named(ws: Workspace, story: Story, candidate: Candidate) -> None:
    confidence = (
        "no confidence" if candidate.confidence is None else (f"confidence {candidate.confidence}")
    )
    story.tell(
        "ok",
        "feed",
        f"{candidate.feed} says so in {candidate.stix_id} ({confidence}, last on "
        f"{told_time(candidate.evidence)})",
    )
    _patterned(ws, story, candidate)
    story.tell(
        "ok",
        "policy",
        f"rule {candidate.rule!r} of {candidate.feed}: {candidate.action.value}, "
        f"{candidate.severity.value}, {lives_until(candidate.expires)}"
        f"{_own_end(ws, candidate)}",
    )
    if candidate.sightings:
        story.tell("note", "context", f"{candidate.feed} saw it {candidate.sightings:,} times")
    for name, texts in sorted(candidate.context.items()):
        story.tell("note", "context", f"{name.replace('_', ' ')}: {'; '.join(texts)}")
    if candidate.mitre:
        story.tell("note", "context", f"techniques: {', '.join(candidate.mitre)}")
    if candidate.aliases:
        others = ", ".join(alias.partition(":")[2] for alias in candidate.aliases)
        story.tell("note", "mapping", f"{candidate.value} stands for the file's {others}, too")
    for name in candidate.repairs:
        story.tell("note", "repair", f"{name}: {REPAIRS.get(name, 'read leniently')}")
    for code in candidate.widening:
        story.tell("note", "widening", f"{code}: {WIDENING.get(code, 'it matches more')}")
