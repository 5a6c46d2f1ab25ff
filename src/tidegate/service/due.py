"""When a feed has its turn: what `every` in its feed.toml comes to, held against its last attempt.

Owns what `sync --due`, `watch` and `feeds list` mean by due and by next. Refuses to hurry: a feed
that failed waits for its next turn like one that landed, and one without `every` has no turns.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from tidegate.errors import UsageError
from tidegate.feed import FeedDefinition
from tidegate.ledger.ledger import FeedState
from tidegate.service.workspace import Workspace, active_feeds

_EARLY_SHARE = 10
_EARLY_MOST = timedelta(minutes=5)


class Turn(NamedTuple):
    """When a feed is to be pulled next."""

    at: datetime
    feed: str


def next_turn(feed: FeedDefinition, state: FeedState, now: datetime) -> datetime | None:
    """When the feed is to be pulled next, which may be over; None when only on demand."""
    if feed.every is None:
        return None
    last = state.last_attempt
    # An attempt in the future was noted by a clock that has been set back since.
    return now if last is None or last > now else last + feed.every


def due_among(ws: Workspace, feeds: Iterable[FeedDefinition]) -> tuple[FeedDefinition, ...]:
    """Those of the feeds whose turn has come, or nearly so."""
    early = _early(ws)
    return tuple(feed for feed in feeds if _is_due(ws, feed, early))


def _early(ws: Workspace) -> timedelta:
    """How much too early a turn may come.

    A timer that fires once an hour starts a feed's pull some seconds earlier or later each time, as
    the feeds before it take longer or less long; by the second, every other turn would be missed.
    A part of the shortest interval, as the timer comes round so often.
    """
    found = [feed.every for feed in active_feeds(ws) if feed.every is not None]
    return min((every / _EARLY_SHARE for every in found), default=_EARLY_MOST)


def _is_due(ws: Workspace, feed: FeedDefinition, early: timedelta) -> bool:
    state = ws.ledger.feed(feed.id)  # before the clock: another process may be noting its attempt
    now = ws.clock()
    turn = next_turn(feed, state, now)
    return turn is not None and turn - min(early, _EARLY_MOST) <= now


def next_of(ws: Workspace) -> Turn | None:
    """The feed of this home that is to be pulled next; None when all are on demand."""
    turns = []
    for feed in active_feeds(ws):
        state = ws.ledger.feed(feed.id)
        if (at := next_turn(feed, state, ws.clock())) is not None:
            turns.append(Turn(at, feed.id))
    return min(turns, default=None)


def shortest(ws: Workspace) -> timedelta:
    """The smallest `every` of the active feeds.

    Raises UsageError when none has one, or the fault of a feed that cannot be read.
    """
    found = [feed.every for feed in active_feeds(ws) if feed.every is not None]
    if not found:
        for entry in ws.catalogue.entries():
            if entry.error is not None and not entry.shipped:
                raise entry.error
        raise UsageError(
            "there is nothing to schedule: no feed that is on says how often",
            f'write every = "1h" into its {ws.home.feeds_dir}/ID/feed.toml; '
            "`tidegate feeds list` shows which are on",
        )
    return min(found)
