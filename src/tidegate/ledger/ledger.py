"""What the feeds said: objects as delivered, cursors, and what the last evaluation made of them.

Objects are namespaced by feed: no feed can touch another's. A page and its cursor are committed
together, so a crash repeats a page and never skips one; the cursor of a whole publication is
committed with the end of its pull, where what it left out is forgotten. Which version of an
object is in force, versions.py says; intake.py writes it. Evaluations are derived data:
they are replaced whole and can always be made again.

Refuses to interpret patterns or policies; `mapping` does, and the results come back to be kept.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from tidegate.clock import read_stamp, stamp
from tidegate.errors import ConfigError, StoreDamaged, TidegateError
from tidegate.ledger.derived import double, drop_doubles
from tidegate.ledger.intake import take_page
from tidegate.ledger.leaving import remove_unlisted
from tidegate.ledger.link import AGAIN, Link, guarded
from tidegate.ledger.pulls import end_pull, is_sweep, move, put_position
from tidegate.ledger.reader import connect_reader, mark
from tidegate.ledger.schema import connect
from tidegate.ledger.versions import Reading

Object = dict[str, Any]

"""How a transaction begins, ends well and ends badly; a part is one within another."""


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

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._mark = mark(path) if read_only else ()
        self.link = Link(connect_reader(path) if read_only else connect(path), path)
        self._putting_off = False
        self.aside = False
        # A ledger that nobody closed is closed when it is dropped.
        weakref.finalize(self, self.link.close)

    def outdated(self) -> bool:
        """Whether a ledger opened read-only was written to since; open it again to see that."""
        return bool(self._mark) and self._mark != mark(self.path)

    def close(self) -> None:
        """Release the file."""
        self.link.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Link]:
        """All or nothing. Raises StoreLocked when another process writes for too long.

        While commits are put off, all of them together are all or nothing: a savepoint of its own
        for each would copy the pages of the file that it touches. Raises ConfigError when those
        before were lost, since a later page's cursor would leave them out.
        """
        if self._putting_off and not self.link.in_transaction:
            raise ConfigError(
                f"{self.path}: what came last could not be kept",
                "see whether the disk is full or failing, then sync again",
            )
        if not self._putting_off:
            # Doubles are this connection's own: nobody else has to wait for what is written there.
            self.link.execute("BEGIN" if self.aside else "BEGIN IMMEDIATE")
        try:
            with guarded(self.path):
                yield self.link
            if not self._putting_off:
                self.link.execute("COMMIT")
        except BaseException:
            if self.link.in_transaction:
                with contextlib.suppress(TidegateError):  # what went wrong first is told
                    self.link.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Link]:
        """Let all that is read within be of one moment, whoever writes meanwhile.

        Nobody waits for it. Only temporary tables may be written to; they are undone with it.
        """
        if self.link.in_transaction:
            yield self.link
            return
        self.link.execute("BEGIN")
        try:
            yield self.link
            self.link.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(TidegateError):  # what went wrong first is told
                self.link.execute("ROLLBACK")
            raise

    def put_off_commits(self) -> None:
        """Let transactions from now on be committed together, by `commit`.

        Each commit writes anew all pages of the file that it touches, which are many where ids are
        random. Nobody else can write meanwhile. Raises as `transaction` does.
        """
        if not self._putting_off:
            self.link.execute("BEGIN IMMEDIATE")
            self._putting_off = True

    def commit(self) -> None:
        """Commit what was put off, if anything was."""
        if self._putting_off:
            self._putting_off = False
            if self.link.in_transaction:
                self.link.execute("COMMIT")

    def go_aside(self) -> bool:
        """Let evaluations go to temporary tables from now on; False where they do already."""
        if self.aside:
            return False
        with self.reading():
            double(self)
        self.aside = True
        return True

    def come_back(self) -> None:
        """Forget the temporary tables, and what was evaluated there."""
        if self.aside:
            self.aside = False
            drop_doubles(self)

    def has(self, table: str) -> bool:
        """Whether there is this table: one of an older version, only looked at, may lack it."""
        known = self.link.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
        )
        return known.fetchone() is not None

    # -- feeds ---------------------------------------------------------------------------------

    def feed(self, feed: str) -> FeedState:
        """What is known about a feed; a blank state when it was never pulled."""
        row = self.link.execute(f"SELECT {_STATE} FROM feed WHERE id = ?", (feed,)).fetchone()  # noqa: S608 - our own column names
        if row is None:
            return FeedState(feed)
        ident, cursor, published, attempt, success, error, *counts = row
        try:
            times = (_time(published), _time(attempt), _time(success))
        except ValueError as fault:
            raise self._damaged(f"a time of feed {feed}") from fault
        return FeedState(ident, cursor, *times, error, *counts)

    def start_run(self, feed: str, now: datetime, *, source: str = "") -> int:
        """Note that a pull begins and return its number, higher than any before.

        `source` is a fingerprint of where the feed is read. When it is another than before, the
        stored cursor means nothing there and is dropped; what the old source said stays until a
        pull from the new one has finished.
        """
        with self.transaction() as link:
            link.execute(
                "DELETE FROM reading WHERE feed = ?1 "
                "AND EXISTS (SELECT 1 FROM feed WHERE id = ?1 AND source <> ?2)",
                (feed, source),
            )
            link.execute(
                "INSERT INTO feed (id, run, source, last_attempt) VALUES (?, 1, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET run = run + 1, source = excluded.source, "
                "since = CASE WHEN source = excluded.source THEN since ELSE run + 1 END, "
                "cursor = CASE WHEN source = excluded.source THEN cursor END, "
                "last_attempt = excluded.last_attempt, fetched = 0, junk = 0",
                (feed, source, stamp(now)),
            )
            run = link.execute("SELECT run FROM feed WHERE id = ?", (feed,)).fetchone()[0]
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
        what was known even without a newer `modified`, as some publishers edit in place. From its
        first page on no cursor holds, until `finish_run` stores one.
        """
        with self.transaction() as link:
            reading = Reading.SWEEP if is_sweep(link, feed, run) else Reading.PART
            reading = Reading.PUBLICATION if whole else reading
            count = take_page(link, feed, run, objects, reading=reading, seen=stamp(now))
            position = move(link, feed, run, None if whole else cursor, count)
            link.execute(
                "UPDATE feed SET fetched = fetched + ?, junk = junk + ?, "
                "cursor = CASE WHEN since > ? THEN cursor WHEN ? THEN NULL "
                "ELSE COALESCE(?, cursor) END WHERE id = ?",
                (count + junk, junk, run, whole, position, feed),
            )

    def still_junk(self, feed: str, junk: int) -> None:
        """Count again what a publication that was not sent again holds beside objects."""
        with self.transaction() as link:
            link.execute("UPDATE feed SET junk = ? WHERE id = ?", (junk, feed))

    def finish_run(
        self,
        feed: str,
        run: int,
        *,
        whole: bool,
        published: datetime | None,
        now: datetime,
        cursor: str | None = None,
        honest: bool = True,
    ) -> None:
        """Note success and forget what the source no longer lists.

        That is what a whole publication left out, or a sweep, and all that another source had said
        before. `cursor` stands for that publication; it is stored unless a later pull has begun.
        `honest`: the source is certain to have given all that it has.
        """
        with self.transaction() as link:
            since = link.execute("SELECT since FROM feed WHERE id = ?", (feed,)).fetchone()[0]
            moved = 0 < since <= run
            complete = whole or (honest and is_sweep(link, feed, run))
            if complete or moved:
                before = run if complete else since
                remove_unlisted(link, feed, before, stamp(now), moved=moved)
            when = None if published is None else stamp(published)
            link.execute(
                "UPDATE feed SET last_success = ?, error = '', "
                "published = CASE WHEN ? THEN ? ELSE COALESCE(?, published) END, "
                "cursor = CASE WHEN run = ? THEN COALESCE(?, cursor) ELSE cursor END, "
                "since = CASE WHEN ? THEN 0 ELSE since END WHERE id = ?",
                (stamp(now), moved, when, when, run, cursor, moved, feed),
            )
            if honest:
                end_pull(link, feed, run)

    def rewind(self, feed: str, cursor: str | None, source: str) -> bool:
        """Let the next pull begin at `cursor`, in the server's own form; None: at the beginning.

        From there it is a sweep, and until its end the stored cursor stays. `source` is the
        fingerprint of where it will read. False: the last pull read elsewhere, and so the next one
        begins at the beginning whatever is asked.
        """
        with self.transaction() as link:
            link.execute("INSERT OR IGNORE INTO feed (id, source) VALUES (?, ?)", (feed, source))
            put_position(link, feed, cursor)
            known = link.execute("SELECT source FROM feed WHERE id = ?", (feed,)).fetchone()[0]
        return bool(known == source)

    def fail_run(self, feed: str, error: str, published: datetime | None = None) -> None:
        """Note why a pull failed; everything committed before stays.

        `published` is when the publication was made of which only a part could be read. It dates a
        feed that has no date yet: what was read is as good as a publication that lists it.
        """
        with self.transaction() as link:
            link.execute(
                "UPDATE feed SET error = ?, published = COALESCE(published, ?) WHERE id = ?",
                (error, None if published is None else stamp(published), feed),
            )

    def leave_run(self, feed: str, before: datetime | None) -> None:
        """Note that a pull was abandoned: no attempt, so that the feed's turn is as it was."""
        with self.transaction() as link:
            link.execute(
                "UPDATE feed SET last_attempt = ? WHERE id = ?",
                (None if before is None else stamp(before), feed),
            )

    # -- objects -------------------------------------------------------------------------------

    def count_objects(self, feed: str) -> tuple[int, int]:
        """Objects of a feed: all, and those of type indicator."""
        row = self.link.execute(
            "SELECT COUNT(*), COALESCE(SUM(type = 'indicator'), 0) FROM object WHERE feed = ?",
            (feed,),
        ).fetchone()
        return int(row[0]), int(row[1])

    def objects_of(self, feed: str, types: Iterable[str]) -> Iterator[Object]:
        """The latest version of each object of these types of a feed, type by type, by id."""
        for kind in types:
            # With a plain `id` SQLite walks all objects in that order instead of sorting a few.
            yield from self._objects("feed = ? AND type = ? ORDER BY +id", (feed, kind))

    def _objects(self, which: str, values: tuple[str, ...]) -> Iterator[Object]:
        rows = self.link.execute(f"SELECT id, raw, revoked FROM object WHERE {which}", values)  # noqa: S608 - our own words
        for ident, raw, revoked in rows:
            item = self.decoded(raw, ident)
            item["id"] = ident
            if revoked:
                item["revoked"] = True
            yield item

    def object(self, feed: str, stix_id: str) -> Object | None:
        """One object as the feed delivered it."""
        row = self.link.execute(
            "SELECT raw FROM object WHERE feed = ? AND id = ?", (feed, stix_id)
        ).fetchone()
        return None if row is None else self.decoded(row[0], stix_id)

    def decoded(self, raw: bytes, stix_id: str) -> Object:
        """An object as its bytes say it. Raises StoreDamaged."""
        try:
            item: Object = orjson.loads(raw)
        except orjson.JSONDecodeError as fault:
            raise self._damaged(f"object {stix_id[:80]!a}") from fault
        return item

    def _damaged(self, what: str) -> StoreDamaged:
        return StoreDamaged(f"{self.path}: {what} is not what was written", AGAIN)


_STATE = (
    "id, cursor, published, last_attempt, last_success, error, fetched, junk, objects, indicators, "
    "mapped, rejected, ended, candidates, rejected_atoms"
)
