"""One page of objects into the table of what feeds said, by the rules of versions.py.

Owns the writing of objects: a page whose ids are all new is inserted at once; what is known of the
other ids is looked up once, and only what changes is written. Refuses to open a transaction: a page
and its cursor are one commit, which the ledger makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from tidegate.ledger.derived import mark_changed
from tidegate.ledger.link import Link
from tidegate.ledger.refused import put_refused, settle_refused
from tidegate.ledger.versions import REFUSED, Reading, Verdict, Version, comparable, judge

_AT_ONCE = 900
"""Values bound in one statement; SQLite builds of every age take 999."""

_TIMES = 10
"""Earlier versions of an object whose times are kept."""

_WIDTH = len("2026-01-01T00:00:00.000000+00:00 ")


class Row(NamedTuple):
    """An object as its table keeps it, and as it came."""

    feed: str
    id: str
    type: str
    modified: str
    revoked: bool
    digest: bytes
    raw: bytes
    first_seen: str
    run: int


@dataclass(slots=True)
class _Known:
    """What is known of an id while a page is read."""

    modified: str
    revoked: bool
    digest: bytes
    run: int
    raw: bytes | None = None


def row_of(feed: str, item: dict[str, Any], seen: str, run: int) -> Row:
    """Return the row that keeps an object."""
    raw = orjson.dumps(item)
    digest = hashlib.sha256(raw).digest()
    ident = item.get("id")
    if not isinstance(ident, str) or not ident:
        # An object without identity is known by its content, so that it is counted once.
        ident = "unidentified--" + digest.hex()[:32]
    kind = item.get("type")
    return Row(
        feed,
        ident,
        kind if isinstance(kind, str) else _type_of(ident),
        comparable(item.get("modified") or item.get("created")),
        item.get("revoked") is True,
        digest,
        raw,
        seen,
        run,
    )


def _type_of(ident: str) -> str:
    """Read a missing type off the id, which begins with it (STIX 2.1 §2.9)."""
    return ident.partition("--")[0]


def take_page(
    link: Link, feed: str, run: int, items: Iterable[dict[str, Any]], *, reading: Reading, seen: str
) -> int:
    """Keep a page's objects, within a transaction, and return how many there are."""
    rows = [row_of(feed, item, seen, run) for item in items]
    if not rows:
        return 0
    _leave_to_new_source(link, feed, [row.id for row in rows])
    if not _any_withdrawn(link, feed) and _all_new(link, rows):
        mark_changed(link, feed, _marked(rows))
    else:
        known = _known(link, feed, [row.id for row in rows])
        _Page(link, feed, run, reading, known).take(rows)
    return len(rows)


def _all_new(link: Link, rows: Sequence[Row]) -> bool:
    """Insert a page if nothing of it is known and no id comes twice; else leave all as it was.

    To look each id up first would walk the index twice.
    """
    first = rows[0]
    if link.execute(
        "SELECT 1 FROM object WHERE feed = ? AND id = ?", (first.feed, first.id)
    ).fetchone():
        return False
    last = "SELECT COALESCE(MAX(rowid), 0) FROM object"
    before = link.execute(last).fetchone()[0]
    _insert(link, rows, "INSERT OR IGNORE")
    if link.execute(last).fetchone()[0] - before == len(rows):
        return True
    link.execute("DELETE FROM object WHERE rowid > ?", (before,))
    return False


def _known(link: Link, feed: str, idents: Sequence[str]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for start in range(0, len(idents), _AT_ONCE):
        part = idents[start : start + _AT_ONCE]
        marks = ",".join("?" * len(part))
        # Not by json_each: it ends a text at a NUL, and ids are as feeds write them.
        rows = link.execute(
            f"SELECT id, modified, revoked, digest, run FROM object WHERE feed = ? "  # noqa: S608 - question marks only
            f"AND id IN ({marks})",
            (feed, *part),
        )
        for ident, modified, revoked, digest, run in rows:
            found[ident] = _Known(modified, bool(revoked), digest, run)
    return found


def _leave_to_new_source(link: Link, feed: str, idents: Sequence[str]) -> None:
    """Another source's versions and revocations of an object say nothing about this one's."""
    since = link.execute("SELECT since FROM feed WHERE id = ?", (feed,)).fetchone()[0]
    if not since:
        return
    link.execute("DELETE FROM withdrawn WHERE feed = ?", (feed,))
    for table in ("object", "refused"):
        link.executemany(
            f"DELETE FROM {table} WHERE feed = ? AND id = ? AND run < ?",  # noqa: S608 - our own table names
            [(feed, ident, since) for ident in idents],
        )


def _insert(link: Link, rows: Iterable[Row], verb: str = "INSERT") -> None:
    link.executemany(f"{verb} INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _marked(rows: Iterable[Row]) -> Iterator[str]:
    """The ids of objects that changed, and the type of those whose id does not begin with it."""
    for row in rows:
        yield row.id
        if _type_of(row.id) != row.type:
            yield f"{row.type}--"


def _any_withdrawn(link: Link, feed: str) -> bool:
    """Whether any object of a feed left as revoked."""
    one = link.execute("SELECT 1 FROM withdrawn WHERE feed = ? LIMIT 1", (feed,)).fetchone()
    return one is not None


def _still_revoked(link: Link, row: Row) -> Row:
    """The row, revoked if its object was when it left: a revocation is for good."""
    if (
        row.revoked
        or not link.execute(
            "SELECT 1 FROM withdrawn WHERE feed = ? AND id = ?", (row.feed, row.id)
        ).fetchone()
    ):
        return row
    kept = (row.modified, row.digest, row.raw, row.first_seen)
    put_refused(link, row.feed, row.id, Verdict.WITHDRAWN, kept, row.run)
    return row._replace(revoked=True)


class _Page:
    """A page some of whose ids are known, or come twice."""

    def __init__(
        self, link: Link, feed: str, run: int, reading: Reading, known: dict[str, _Known]
    ) -> None:
        self._link = link
        self._feed = feed
        self._run = run
        self._reading = reading
        self._known = known
        self._new: dict[str, Row] = {}
        self._changed: dict[str, Row] = {}
        self._listed: set[str] = set()
        self._replaced: list[tuple[str, str, str, int]] = []

    def take(self, rows: Iterable[Row]) -> None:
        """Judge each object and write what follows."""
        for row in rows:
            known = self._known.get(row.id)
            if known is None:
                self._new[row.id] = kept = _still_revoked(self._link, row)
                self._known[row.id] = _of(kept)
            elif self._reading is not Reading.PUBLICATION or known.run <= self._run:
                self._judge(row, known)
        self._write()

    def _judge(self, row: Row, known: _Known) -> None:
        again = known.run == self._run
        if row.digest == known.digest:
            verdict = Verdict.SAME
        else:
            held = Version(known.modified, known.revoked, orjson.loads(self._raw(row.id, known)))
            came = Version(row.modified, row.revoked, orjson.loads(row.raw))
            verdict = judge(held, came, self._reading, again=again)
        if verdict is Verdict.NEWER:
            self._take(row, known)
        elif verdict in REFUSED:
            kept = (row.modified, row.digest, row.raw, row.first_seen)
            put_refused(self._link, self._feed, row.id, verdict, kept, self._run)
        if not again and self._reading is not Reading.PART:
            known.run = max(known.run, self._run)
            self._listed.add(row.id)

    def _take(self, row: Row, known: _Known) -> None:
        """Put a version in force."""
        settle_refused(self._link, self._feed, row.id, row.modified, row.digest)
        if row.revoked and not known.revoked and known.modified > row.modified:
            # Known as later than a revocation that arrives only now.
            kept = (known.modified, known.digest, self._raw(row.id, known), row.first_seen)
            put_refused(self._link, self._feed, row.id, Verdict.WITHDRAWN, kept, self._run)
        elif known.modified and known.modified != row.modified:
            self._replaced.append((self._feed, row.id, known.modified + " ", -_TIMES * _WIDTH))
        self._known[row.id] = _of(row, max(known.run, self._run))
        if row.id in self._new:
            self._new[row.id] = row
        else:
            self._changed[row.id] = row

    def _raw(self, ident: str, known: _Known) -> bytes:
        if known.raw is None:
            known.raw = self._link.execute(
                "SELECT raw FROM object WHERE feed = ? AND id = ?", (self._feed, ident)
            ).fetchone()[0]
        return bytes(known.raw)

    def _write(self) -> None:
        link, feed, run = self._link, self._feed, self._run
        _insert(link, self._new.values())
        mark_changed(link, feed, _marked((*self._new.values(), *self._changed.values())))
        link.executemany(
            "UPDATE object SET type = ?, modified = ?, revoked = ?, digest = ?, raw = ?, "
            "run = MAX(run, ?) WHERE feed = ? AND id = ?",
            [
                (row.type, row.modified, row.revoked, row.digest, row.raw, run, feed, ident)
                for ident, row in self._changed.items()
            ],
        )
        link.executemany(
            "UPDATE object SET run = ? WHERE feed = ? AND id = ?",
            [
                (run, feed, ident)
                for ident in sorted(self._listed - self._changed.keys() - self._new.keys())
            ],
        )
        link.executemany(
            "INSERT INTO earlier VALUES (?1, ?2, ?3) ON CONFLICT (feed, id) DO UPDATE SET "
            "times = substr(times || excluded.times, ?4)",
            self._replaced,
        )


def _of(row: Row, run: int | None = None) -> _Known:
    return _Known(row.modified, row.revoked, row.digest, row.run if run is None else run, row.raw)
