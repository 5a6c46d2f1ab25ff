"""Where each pull of a feed began and how far it came: positions, sweeps, and when that was.

Owns the rule where a pull begins. A collection is read on from the position before the last one, so
that about a page is read again: what shares one time across a page boundary, or was added a little
late, is found, and what is known already changes nothing. Now and then, when the last reading from
the beginning is too long ago or a person asked for one, it is read from its beginning: a sweep,
which alone finds what was added late and what was removed. A sweep that broke off is tried again at
the next pull; after two in a row pulls read on for a seventh of the term, so that no feed stands
still and none is read whole for ever. A whole
publication begins with what tells whether it changed.

Positions are the server's own texts, verbatim, and only ever compared with each other. Refuses to
let the stored one go back while a pull runs, and any clock but for how long ago a sweep was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tidegate.clock import read_stamp, stamp
from tidegate.ledger.link import Link
from tidegate.ledger.versions import comparable

if TYPE_CHECKING:  # the ledger itself is built on this module
    from tidegate.ledger.ledger import Ledger

_SHOWN = 20
"""Pulls that are kept one by one; of older ones sweeps and the last of each day."""

_DAYS = 1_000

_TERM, _PATIENCE = timedelta(days=7), 7
"""The usual term of sweeps, and the part of it for which none is tried after two that broke off."""

_SWEEP, _SWEEP_NOW, _FROM_THERE = 1, 2, -1
"""What a person asked: a sweep, tried by now or not yet, or to read from the position before."""

_READ_AGAIN = 5_000
"""Objects that are read again at each pull; where there are more, only once."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a pull begins: a position in the server's words, None for the beginning."""

    cursor: str | None
    sweep: bool


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull: when it began (UTC), from where, how far it came, and whether it got to the end.

    `objects` are those that came. `start` and `cursor` are the server's own words.
    """

    run: int
    at: datetime
    start: str | None
    cursor: str | None
    objects: int
    sweep: bool
    ended: bool

    def record(self) -> dict[str, object]:
        """The fields of `feeds show --json`."""
        return {
            "run": self.run,
            "at": stamp(self.at),
            "start": self.start,
            "cursor": self.cursor,
            "objects": self.objects,
            "sweep": self.sweep,
            "ended": self.ended,
        }


@dataclass(frozen=True, slots=True)
class Life:
    """When a feed's object was first and last seen (UTC), and `modified` of earlier versions.

    What is read again only because it is near the last position does not count as seen.
    """

    first_seen: datetime
    last_seen: datetime
    earlier: tuple[datetime, ...]


def begin_pull(
    ledger: Ledger, feed: str, run: int, *, whole: bool, sweep: timedelta | None, now: datetime
) -> Start:
    """Note that pull number `run` begins, and return where.

    `whole`: the source gives whole publications. `sweep` is how old the last reading from the
    beginning may be; None: as old as it likes.
    """
    with ledger.transaction() as link:
        cursor = link.execute("SELECT cursor FROM feed WHERE id = ?", (feed,)).fetchone()[0]
        reading = link.execute(
            "SELECT swept, asked, before FROM reading WHERE feed = ?", (feed,)
        ).fetchone()
        if reading is None:
            # The first reading, or a ledger that an older version wrote: that is due for a sweep.
            reading = (stamp(now) if cursor is None else None, 0, cursor)
            link.execute("INSERT INTO reading VALUES (?, ?, ?, ?)", (feed, *reading))
        swept, asked, before = reading
        if asked == _FROM_THERE:
            swept, asked = swept or stamp(now), 0
            link.execute("UPDATE reading SET swept = ?, asked = 0 WHERE feed = ?", (swept, feed))
            sweep = None
        old = sweep is not None and (swept is None or not _within(swept, now, sweep))
        pressing = asked == _SWEEP_NOW
        if pressing:
            link.execute("UPDATE reading SET asked = ? WHERE feed = ?", (_SWEEP, feed))
        if whole:
            start = Start(None if asked else cursor, sweep=False)
        elif pressing or ((asked or old) and not _keeps_breaking_off(link, feed, now, sweep)):
            start = Start(None, sweep=True)
        elif before is None and _broke_off(link, feed):
            # A first pull goes on: its position is behind what came already.
            start = Start(cursor, sweep=False)
        else:
            start = Start(before, sweep=False)
        link.execute(
            "INSERT OR REPLACE INTO pull VALUES (?, ?, ?, ?, NULL, 0, ?, 0)",
            (feed, run, stamp(now), start.cursor, start.sweep),
        )
        _thin(link, feed)
    return start


def _broke_off(link: Link, feed: str) -> bool:
    """Whether the last pull did not get to its end."""
    last = link.execute(
        "SELECT NOT ended FROM pull WHERE feed = ? ORDER BY run DESC LIMIT 1", (feed,)
    ).fetchone()
    return last is not None and bool(last[0])


def _keeps_breaking_off(link: Link, feed: str, now: datetime, sweep: timedelta | None) -> bool:
    """Whether the last two sweeps did not get to the end, and the second was not long ago.

    Some servers never come to an honest end: reading all that they hold at each pull would help
    nobody.
    """
    last = link.execute(
        "SELECT at, ended FROM pull WHERE feed = ? AND sweep ORDER BY run DESC LIMIT 2", (feed,)
    ).fetchall()
    if [bool(ended) for _, ended in last] != [False, False]:
        return False
    return _within(last[0][0], now, (sweep or _TERM) / _PATIENCE)


def _within(at: str, now: datetime, term: timedelta) -> bool:
    """Whether a time is less long ago than that; one to come was written by a wrong clock."""
    return timedelta() <= now - read_stamp(at) < term


def _thin(link: Link, feed: str) -> None:
    pair = link.execute(
        "SELECT run, at FROM pull WHERE feed = ? ORDER BY run DESC LIMIT 2 OFFSET ?",
        (feed, _SHOWN - 1),
    ).fetchall()
    if len(pair) > 1 and read_stamp(pair[0][1]).date() == read_stamp(pair[1][1]).date():
        link.execute(
            "DELETE FROM pull WHERE feed = ? AND run = ? AND NOT sweep", (feed, pair[1][0])
        )
    link.execute(
        "DELETE FROM pull WHERE feed = ?1 AND run <= "
        "(SELECT run FROM pull WHERE feed = ?1 ORDER BY run DESC LIMIT 1 OFFSET ?2)",
        (feed, _SHOWN + _DAYS),
    )


def is_sweep(link: Link, feed: str, run: int) -> bool:
    """Whether this pull reads a collection from its beginning to find what has gone."""
    row = link.execute("SELECT sweep FROM pull WHERE feed = ? AND run = ?", (feed, run)).fetchone()
    return row is not None and bool(row[0])


def move(link: Link, feed: str, run: int, cursor: str | None, objects: int) -> str | None:
    """Note a page of a pull, within its transaction, and return the position to store.

    None keeps the stored one: it never goes back.
    """
    link.execute(
        "UPDATE pull SET cursor = COALESCE(?, cursor), objects = objects + ? "
        "WHERE feed = ? AND run = ?",
        (cursor, objects, feed, run),
    )
    if cursor is None:
        return None
    stored, before = link.execute(
        "SELECT f.cursor, r.before FROM feed f LEFT JOIN reading r ON r.feed = f.id WHERE f.id = ?",
        (feed,),
    ).fetchone()
    later = _later(cursor, stored)
    if later or (_later(stored, cursor) and _later(cursor, before)):
        link.execute(
            "UPDATE reading SET before = ? WHERE feed = ?", (stored if later else cursor, feed)
        )
    return cursor if later else None


def _later(cursor: str | None, than: str | None) -> bool:
    """Whether a position is later than another; what cannot be compared is taken for later."""
    if cursor is None or cursor == than:
        return False
    left, right = comparable(cursor), comparable(than)
    return not (left and right) or left > right


def end_pull(link: Link, feed: str, run: int) -> None:
    """Note that a pull came to its honest end, within a transaction.

    The position of a sweep that did is the one to read on from, even where it is earlier than the
    stored one: a server that was restored from a copy counts from there. One that found a
    collection empty is made again at the next pull.

    Where a pull from the position before brought very much and nothing later than the stored one,
    as after an import of which all has one time, the next begins at the stored one.
    """
    link.execute("UPDATE pull SET ended = 1 WHERE feed = ? AND run = ?", (feed, run))
    row = link.execute(
        "SELECT at, start, cursor, sweep, objects FROM pull WHERE feed = ? AND run = ?", (feed, run)
    ).fetchone()
    if row is None:
        return
    at, start, cursor, sweep, objects = row
    if cursor is not None and objects > _READ_AGAIN:
        link.execute(
            "UPDATE reading SET before = ?2 WHERE feed = ?1 AND before IS ?3 "
            "AND ?2 = (SELECT cursor FROM feed WHERE id = ?1)",
            (feed, cursor, start),
        )
    if start is not None:
        return
    if sweep and not objects:
        return  # perhaps a fault of the server: the next pull looks again
    link.execute("UPDATE reading SET swept = ?, asked = 0 WHERE feed = ?", (at, feed))
    stored = link.execute("SELECT cursor FROM feed WHERE id = ?", (feed,)).fetchone()[0]
    if sweep and cursor is not None and _later(stored, cursor):
        link.execute("UPDATE feed SET cursor = ? WHERE id = ?", (cursor, feed))
        link.execute("UPDATE reading SET before = ? WHERE feed = ?", (cursor, feed))


def put_position(link: Link, feed: str, cursor: str | None) -> None:
    """Let the next pull begin at `cursor`, or, with None, from the beginning; in a transaction."""
    if cursor is not None:
        link.execute("UPDATE feed SET cursor = ? WHERE id = ?", (cursor, feed))
    link.execute(
        "INSERT INTO reading VALUES (?1, NULL, ?2, ?3) ON CONFLICT (feed) DO UPDATE SET "
        "asked = excluded.asked, before = COALESCE(excluded.before, before)",
        (feed, _SWEEP_NOW if cursor is None else _FROM_THERE, cursor),
    )


def pulls_of(ledger: Ledger, feed: str) -> list[Pull]:
    """The last pulls of a feed, the newest first."""
    if not ledger.has("pull"):
        return []
    rows = ledger.link.execute(
        "SELECT run, at, start, cursor, objects, sweep, ended FROM pull WHERE feed = ? "
        "ORDER BY run DESC LIMIT ?",
        (feed, _SHOWN),
    )
    return [
        Pull(run, read_stamp(at), start, cursor, objects, bool(sweep), bool(ended))
        for run, at, start, cursor, objects, sweep, ended in rows
    ]


def life_of(ledger: Ledger, feed: str, stix_id: str) -> Life | None:
    """When an object was seen; None for one that is not known. To the day after some pulls."""
    row = ledger.link.execute(
        "SELECT first_seen, run FROM object WHERE feed = ? AND id = ?", (feed, stix_id)
    ).fetchone()
    if row is None or not ledger.has("pull"):
        return None
    first_seen, run = row
    seen = ledger.link.execute(
        "SELECT MIN(at) FROM pull WHERE feed = ?1 AND run >= ?2 "
        "AND ?2 >= (SELECT MIN(run) FROM pull WHERE feed = ?1)",
        (feed, run),
    ).fetchone()[0]
    times = ledger.link.execute(
        "SELECT times FROM earlier WHERE feed = ? AND id = ?", (feed, stix_id)
    ).fetchone()
    earlier = tuple(datetime.fromisoformat(each) for each in (times[0] if times else "").split())
    first = read_stamp(first_seen)
    return Life(first, max(first, read_stamp(seen)) if seen else first, earlier)
