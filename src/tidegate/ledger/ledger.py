"""What the feeds said: objects as delivered, cursors, and what the last evaluation made of them.

Objects are namespaced by feed: no feed can touch another's. A page and its cursor are committed
together, so a crash repeats a page and never skips one. The latest version of an object wins by
`modified`; a revocation is for good (STIX 2.1 §3.6). Evaluations are derived data: they are
replaced whole and can always be made again.

Refuses to interpret patterns or policies; `mapping` does, and the results come back to be kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from tidegate.clock import read_stamp, stamp
from tidegate.errors import StoreDamaged, StoreLocked
from tidegate.ledger.schema import connect
from tidegate.stix.objects import parse_time

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the ledger knows about one feed. Times are UTC."""

    id: str
    cursor: str | None = None
    published: datetime | None = None
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    error: str = ""
    fetched: int = 0
    junk: int = 0
    objects: int = 0
    indicators: int = 0
    mapped: int = 0
    rejected: int = 0
    ended: int = 0
    candidates: int = 0
    rejected_atoms: int = 0


def _time(text: str | None) -> datetime | None:
    return None if text is None else read_stamp(text)


class Ledger:
    """One SQLite file for all feeds of a home."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.link = connect(path)

    def close(self) -> None:
        """Release the file."""
        self.link.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Raises StoreLocked when another process writes for too long."""
        try:
            self.link.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            raise StoreLocked(f"{self.path} is in use", "try again in a moment") from fault
        try:
            yield self.link
            self.link.execute("COMMIT")
        except sqlite3.DatabaseError as fault:
            self._roll_back()
            raise StoreDamaged(
                f"{self.path}: {fault}", "free some disk space or move it"
            ) from fault
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self.link.in_transaction:  # SQLite ends it by itself when the disk is full
            self.link.execute("ROLLBACK")

    # -- feeds ---------------------------------------------------------------------------------

    def feed(self, feed: str) -> FeedState:
        """What is known about a feed; a blank state when it was never pulled."""
        row = self.link.execute("SELECT * FROM feed WHERE id = ?", (feed,)).fetchone()
        if row is None:
            return FeedState(feed)
        ident, cursor, published, attempt, success, error, *counts = row
        return FeedState(
            ident, cursor, _time(published), _time(attempt), _time(success), error, *counts
        )

    def start_run(self, feed: str, now: datetime) -> int:
        """Note that a pull begins and return its number, higher than any before."""
        with self.transaction() as link:
            link.execute(
                "INSERT INTO feed (id, last_attempt) VALUES (?, ?) "
                "ON CONFLICT (id) DO UPDATE SET last_attempt = excluded.last_attempt, "
                "fetched = 0, junk = 0",
                (feed, stamp(now)),
            )
            run = link.execute(
                "SELECT COALESCE(MAX(run), 0) + 1 FROM object WHERE feed = ?", (feed,)
            ).fetchone()[0]
        return int(run)

    def add_page(
        self,
        feed: str,
        run: int,
        objects: Iterable[Object],
        *,
        junk: int,
        cursor: str | None,
        whole: bool,
        now: datetime,
    ) -> None:
        """Keep one page and its cursor in one commit.

        `whole` says that the page is part of a complete publication: its content then replaces
        what was known even without a newer `modified`, as some publishers edit in place.
        """
        seen = stamp(now)
        rows = [_row(feed, item, seen, run) for item in objects]
        with self.transaction() as link:
            link.executemany(_UPSERT_WHOLE if whole else _UPSERT, rows)
            # For good, also when it arrives after a later version.
            link.executemany(
                "UPDATE object SET revoked = 1 WHERE feed = ? AND id = ?",
                [row[:2] for row in rows if row[_REVOKED]],
            )
            link.execute(
                "UPDATE feed SET fetched = fetched + ?, junk = junk + ?, "
                "cursor = COALESCE(?, cursor) WHERE id = ?",
                (len(rows) + junk, junk, cursor, feed),
            )

    def finish_run(
        self, feed: str, run: int, *, whole: bool, published: datetime | None, now: datetime
    ) -> None:
        """Note success; of a whole publication, forget what it no longer lists."""
        with self.transaction() as link:
            if whole:
                link.execute("DELETE FROM object WHERE feed = ? AND run < ?", (feed, run))
            link.execute(
                "UPDATE feed SET last_success = ?, error = '', "
                "published = COALESCE(?, published) WHERE id = ?",
                (stamp(now), None if published is None else stamp(published), feed),
            )

    def fail_run(self, feed: str, error: str) -> None:
        """Note why a pull failed; everything committed before stays."""
        with self.transaction() as link:
            link.execute("UPDATE feed SET error = ? WHERE id = ?", (error, feed))

    # -- objects -------------------------------------------------------------------------------

    def count_objects(self, feed: str) -> tuple[int, int]:
        """Objects of a feed: all, and those of type indicator."""
        row = self.link.execute(
            "SELECT COUNT(*), COALESCE(SUM(type = 'indicator'), 0) FROM object WHERE feed = ?",
            (feed,),
        ).fetchone()
        return int(row[0]), int(row[1])

    def indicators(self, feed: str) -> Iterator[Object]:
        """The latest version of each indicator object of a feed, by id."""
        cursor = self.link.execute(
            "SELECT id, raw, revoked FROM object WHERE feed = ? AND type = 'indicator' ORDER BY id",
            (feed,),
        )
        for ident, raw, revoked in cursor:
            item: Object = orjson.loads(raw)
            item["id"] = ident
            if revoked:
                item["revoked"] = True
            yield item

    def object(self, feed: str, stix_id: str) -> Object | None:
        """One object as the feed delivered it."""
        row = self.link.execute(
            "SELECT raw FROM object WHERE feed = ? AND id = ?", (feed, stix_id)
        ).fetchone()
        return None if row is None else orjson.loads(row[0])


_REVOKED = 4
_INSERT = (
    "INSERT INTO object (feed, id, type, modified, revoked, digest, raw, first_seen, run) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (feed, id) DO UPDATE SET "
)
_TAKE = (
    "type = excluded.type, modified = excluded.modified, "
    "revoked = MAX(revoked, excluded.revoked), digest = excluded.digest, raw = excluded.raw, "
    "run = MAX(run, excluded.run)"
)
_UPSERT = _INSERT + _TAKE + " WHERE excluded.modified >= modified"
# Within one publication the same id may come twice: the later version wins there, too.
_UPSERT_WHOLE = _INSERT + _TAKE + " WHERE run <> excluded.run OR excluded.modified >= modified"


def _row(feed: str, item: Object, seen: str, run: int) -> tuple[object, ...]:
    raw = orjson.dumps(item)
    digest = hashlib.sha256(raw).digest()
    ident = item.get("id")
    if not isinstance(ident, str) or not ident:
        # An object without identity is known by its content, so that it is counted once.
        ident = "unidentified--" + digest.hex()[:32]
    kind = item.get("type")
    modified = item.get("modified") or item.get("created")
    return (
        feed,
        ident,
        kind if isinstance(kind, str) else _type_of(ident),
        _comparable(modified),
        item.get("revoked") is True,
        digest,
        raw,
        seen,
        run,
    )


def _type_of(ident: str) -> str:
    """Read a missing type off the id, which begins with it (STIX 2.1 §2.9)."""
    return ident.partition("--")[0]


def _comparable(text: object) -> str:
    """A timestamp in a form whose text order is its time order; empty when unreadable.

    Publishers write any number of sub-second digits, and `09.6Z` sorts after `09.64Z` as text.
    """
    if not isinstance(text, str):
        return ""
    try:
        return parse_time(text).isoformat(timespec="microseconds")
    except ValueError:
        return ""
