"""What feeds said of a value or in an object, for the story that `why` tells.

Owns the questions to the ledger and the steps that answer them: which object, which rule, what was
read leniently, what stands around it, why it was refused. Feeds that are switched off have no say;
only their names are told. Refuses to look at the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.indicators.kinds import IndicatorType
from tidegate.ledger.evaluation import (
    candidates_for,
    candidates_in,
    ended_in,
    ended_naming,
    rejections,
)
from tidegate.ledger.leaving import unlisted
from tidegate.mapping.candidate import Candidate, Rejection
from tidegate.mapping.judge import EXPIRED
from tidegate.mapping.translate import UNREADABLE_PATTERN
from tidegate.mapping.widening import WIDENING
from tidegate.service.planning import active_feeds
from tidegate.service.story import Story, told_time
from tidegate.service.workspace import Workspace
from tidegate.stix.pattern_judge import grammar_says
from tidegate.stix.repairs import REPAIRS

_SHORTEST = 3
"""Shorter texts that are no values are told nothing by feeds."""


def names_object(text: str) -> bool:
    """Whether a text is the id of a STIX indicator rather than a value."""
    return text.startswith("indicator--")


@dataclass(frozen=True, slots=True)
class Said:
    """What the feeds that are switched on said of a value."""

    active: frozenset[str]
    candidates: list[Candidate]
    refused: list[Rejection]
    ended: list[tuple[str, str, str]]
    unlisted: list[tuple[str, str, datetime]]


def hear(ws: Workspace, story: Story, text: str, kind: IndicatorType | None, value: str) -> Said:
    """Ask the ledger what feeds said, and tell it."""
    active = frozenset(feed.id for feed in active_feeds(ws))
    ledger = ws.ledger
    refused: list[Rejection] = []
    if names_object(text):
        candidates, ended = candidates_in(ledger, text), ended_in(ledger, text)
        refused = rejections(ledger, stix_id=text)
    else:
        candidates = candidates_for(ledger, value)
        ended = ended_naming(ledger, value) if kind is not None else []
        if kind is not None or len(text) >= _SHORTEST:
            refused = rejections(ledger, value=value) or rejections(ledger, value=text)
    silent = {c.feed for c in candidates} | {r.feed for r in refused} | {e[0] for e in ended}
    candidates = [c for c in candidates if c.feed in active]
    refused = [r for r in refused if r.feed in active]
    ended = [] if candidates else [e for e in ended if e[0] in active]
    for candidate in candidates:
        _seen(story, candidate)
    for rejection in refused:
        story.tell(
            "no",
            "mapping",
            f"{rejection.feed} {rejection.stix_id}: {rejection.code}, {rejection.detail}",
        )
        if rejection.code == UNREADABLE_PATTERN:
            _judged(ws, story, rejection)
    for feed, stix_id, detail in ended:
        since = _since(ws, feed, stix_id) if detail == EXPIRED else ""
        story.tell("no", "feed", f"{feed} named it in {stix_id}: {detail}{since}")
    # A feed that names it under another id, or says that it ended, lists it still.
    left = [each for each in unlisted(ledger, value) if each[0] in active - silent]
    for feed, stix_id, since_when in left:
        story.tell(
            "no",
            "feed",
            f"{feed} no longer lists it since {told_time(since_when)}; it stood in {stix_id}",
        )
    for feed in sorted(silent - active):
        story.tell("note", "feed", f"{feed} named it, but is switched off")
    return Said(active, candidates, refused, ended, left)


def _since(ws: Workspace, feed: str, stix_id: str) -> str:
    """The object's own end, as the feed wrote it; without one a rule's term ended."""
    until = (ws.ledger.object(feed, stix_id) or {}).get("valid_until")
    return f" (valid_until {until[:40]})" if isinstance(until, str) else ""


def _judged(ws: Workspace, story: Story, rejection: Rejection) -> None:
    """Tell whose fault an unreadable pattern is."""
    found = (ws.ledger.object(rejection.feed, rejection.stix_id) or {}).get("pattern")
    if isinstance(found, str):
        story.tell("note", "mapping", grammar_says(found))


def _seen(story: Story, candidate: Candidate) -> None:
    confidence = (
        "no confidence" if candidate.confidence is None else (f"confidence {candidate.confidence}")
    )
    story.tell(
        "ok",
        "feed",
        f"{candidate.feed} says so in {candidate.stix_id} ({confidence}, last on "
        f"{told_time(candidate.evidence)})",
    )
    story.tell(
        "ok",
        "policy",
        f"rule {candidate.rule!r} of {candidate.feed}: {candidate.action.value}, "
        f"{candidate.severity.value}, {_until(candidate)}",
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


def _until(candidate: Candidate) -> str:
    return "never expires" if candidate.expires is None else f"until {told_time(candidate.expires)}"
