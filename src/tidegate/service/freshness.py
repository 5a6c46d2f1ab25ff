"""How a feed does by its own measure: is it as fresh as it promises, and does anybody else have it.

Owns the words `fresh`, `late`, `stale`, `never` and `unknown`, and the share of a feed's values
that no other feed proposes. Refuses a measure for all feeds: a weekly list is not stale on Tuesday.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.feed import FeedDefinition
from tidegate.ledger.ledger import FeedState
from tidegate.ledger.publications import rhythm
from tidegate.ledger.report import unique_shares
from tidegate.service.due import next_turn
from tidegate.service.workspace import Workspace, active_feeds

_LATE, _STALE = 1.1, 3
"""Ages in rhythms. A pull takes its time, so the first tenth after its turn is not late."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`age` is since the last success. None where there is no such thing, or it is not known.

    `unique` is the share, 0 to 1, of an active feed's candidate values that are its alone.
    """

    word: str
    age: timedelta | None
    next_run: datetime | None
    unique: float | None


def unique_of(ws: Workspace) -> Mapping[str, float]:
    """For each active feed with candidates, the share that no other active feed proposes."""
    return unique_shares(ws.ledger, [feed.id for feed in active_feeds(ws)])


def freshness(
    ws: Workspace,
    definition: FeedDefinition | None,
    state: FeedState,
    unique: float | None,
    *,
    on: bool,
) -> Freshness:
    """How a feed does now. One that is not `on` has no next run."""
    now = ws.clock()
    age = None if state.last_success is None else max(now - state.last_success, timedelta())
    every = definition.every if definition is not None else None
    pace = every or rhythm(ws.ledger, state.id)
    due = next_turn(definition, state, now) if definition is not None and on else None
    return Freshness(word_for(age, pace), age, due, unique)


def word_for(age: timedelta | None, pace: timedelta | None) -> str:
    """The word for an age, measured by how often the feed is to be pulled or is published."""
    if age is None:
        return "never"
    if not pace:
        return "unknown"
    if age > _STALE * pace:
        return "stale"
    return "late" if age > _LATE * pace else "fresh"
