"""When a feed's publications were made, as far as its source says: the feed's own rhythm.

Owns the table of the latest of them. Refuses to guess: a source that dates nothing has no rhythm.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from tidegate.clock import read_stamp, stamp
from tidegate.ledger.ledger import Ledger

_KEPT = 20
_ENOUGH = 3
"""Fewer publications than this are no rhythm: one distance may be anything."""


def save_publication(ledger: Ledger, feed: str, made: datetime) -> None:
    """Remember when the publication that was just pulled was made."""
    with ledger.transaction() as link:
        link.execute("INSERT OR IGNORE INTO publication VALUES (?, ?)", (feed, stamp(made)))
        link.execute(
            "DELETE FROM publication WHERE feed = ? AND at NOT IN "
            "(SELECT at FROM publication WHERE feed = ? ORDER BY at DESC LIMIT ?)",
            (feed, feed, _KEPT),
        )


def rhythm(ledger: Ledger, feed: str) -> timedelta | None:
    """The median distance of a feed's publications; None when too few are known."""
    if not ledger.has("publication"):
        return None
    rows = ledger.link.execute("SELECT at FROM publication WHERE feed = ?", (feed,))
    times = sorted(read_stamp(at) for (at,) in rows)
    if len(times) < _ENOUGH:
        return None
    distances = [(b - a).total_seconds() for a, b in pairwise(times)]
    return timedelta(seconds=median(distances))
