"""What is to be judged of a feed, and keeping what came of it.

Owns the comparison of the objects with what was judged before: an object is judged again when it
changed, when it is due, or when the basis (policy, guards, context) is another, or the clock is
behind the time by which it was judged; what stands is not read. Results gather in temporary tables
and are put in force in one transaction, so that nobody ever sees half of them and nobody waits
while objects are judged; those that somebody else was quicker with are not. Refuses to judge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tidegate.errors import InvalidValue
from tidegate.indicators.value import classify
from tidegate.ledger.candidates import body_of, proposal_keys, proposal_row
from tidegate.ledger.ledger import Ledger, Object
from tidegate.ledger.link import Link
from tidegate.ledger.repairs import Stage, put_repairs
from tidegate.mapping.candidate import Outcome, Rejection, Standing

_BATCH = 2_000


class Sight(NamedTuple):
    """An indicator object as it lies in the ledger, and what tells this version from others."""

    object: Object
    digest: bytes
    revoked: bool


class Judged(NamedTuple):
    """What one object came to, and which version of it was judged."""

    outcome: Outcome
    digest: bytes = b""
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What of a feed is to be judged: these objects, or all of them where `ids` is None.

    `marks` are those of the changed ones, to be taken back when it is done; `at` is the time by
    which it is judged, in seconds since 1970, UTC; `since` the mark of the evaluation that stands
    when this is asked, None for whichever does.
    """

    ids: frozenset[str] | None
    marks: tuple[tuple[str, bytes], ...] = ()
    at: float = field(default=0.0, compare=False)
    since: bytes | None = field(default=None, compare=False)


def outstanding(
    ledger: Ledger, feed: str, basis: bytes, junk: int, now: datetime, around: Collection[str]
) -> Outstanding | None:
    """What is to be judged of a feed; None when all that stands is as it was.

    `around` are types of objects that say something of others: where one of these changed, all is
    judged again.
    """
    link = ledger.link
    asked = "SELECT basis, junk, at, mark FROM evaluated WHERE feed = ?"
    at = now.timestamp()
    row = link.execute(asked, (feed,)).fetchone()
    if row is None:
        # From here on what changes is marked, also while the rest is judged.
        with ledger.transaction() as writing:
            writing.execute("INSERT OR IGNORE INTO evaluated VALUES (?, x'', -1, 0, x'')", (feed,))
            row = writing.execute(asked, (feed,)).fetchone()
    known, told, then, since = row
    marks = tuple(link.execute("SELECT id, mark FROM changed WHERE feed = ?", (feed,)).fetchall())
    prefixes = tuple(f"{kind}--" for kind in around)
    # What ended by a clock that was wrong is not over.
    if known != basis or at < then or any(ident.startswith(prefixes) for ident, _ in marks):
        return Outstanding(None, marks, at, since)
    due = link.execute("SELECT stix_id FROM judged WHERE feed = ? AND due <= ?", (feed, at))
    ids = frozenset(ident for ident, _ in marks).union(ident for (ident,) in due)
    return Outstanding(ids, marks, at, since) if ids or told != junk else None


def sights(ledger: Ledger, feed: str, ids: Collection[str] | None) -> Iterator[Sight]:
    """The latest version of a feed's indicators: these, or all of them; in no order that matters.

    Of a million rows each would otherwise have to be fetched from another place of the file.
    """
    which = "FROM object WHERE feed = ? AND type = 'indicator'"
    values: tuple[str, ...] = (feed,)
    if ids is not None:
        _ask(ledger.link, ids)
        which += " AND id IN (SELECT id FROM temp.asked)"
    for ident, raw, revoked, digest in ledger.link.execute(
        f"SELECT id, raw, revoked, digest {which}",
        values,
    ):
        item = ledger.decoded(raw, ident)
        item["id"] = ident
        if revoked:
            item["revoked"] = True
        yield Sight(item, digest, bool(revoked))


def _ask(link: Link, ids: Iterable[str]) -> None:
    link.execute("CREATE TEMP TABLE IF NOT EXISTS asked (id TEXT PRIMARY KEY) WITHOUT ROWID")
    link.execute("DELETE FROM temp.asked")
    link.executemany("INSERT OR IGNORE INTO temp.asked VALUES (?)", ((ident,) for ident in ids))


def save_evaluation(
    ledger: Ledger,
    feed: str,
    judged: Iterable[Judged],
    extra: Sequence[Rejection] = (),
    *,
    outstanding: Outstanding = Outstanding(None),
    basis: bytes = b"",
) -> bool:
    """Put in force what outstanding objects of a feed came to.

    Those that were asked for and did not come are gone. `extra` are rejections beside: of what is
    no indicator, and of refused versions. False: another process has saved an evaluation since
    `outstanding` was asked, and nothing is in force of this one, which may rest on other rules and
    on versions that are older than those judged there.
    """
    _spool(ledger, feed, judged)
    with ledger.transaction() as link:
        since = link.execute("SELECT mark FROM evaluated WHERE feed = ?", (feed,)).fetchone()
        if outstanding.since is not None and (since is None or since[0] != outstanding.since):
            return False
        if outstanding.ids is None:
            for table in ("judged", "proposal", "named", "rejection"):
                link.execute(f"DELETE FROM {table} WHERE feed = ?", (feed,))  # noqa: S608 - our own table names
        else:
            _ask(link, outstanding.ids)
            _withdraw(link, feed)
        for table in ("judged", "named", "rejection"):
            link.execute(f"INSERT INTO {table} SELECT * FROM temp.fresh_{table}")  # noqa: S608 - our own table names
        link.execute(
            "INSERT INTO proposal SELECT * FROM temp.fresh_proposal "
            "ORDER BY feed, kind, value, groups, stix_id, place"
        )
        link.execute("DELETE FROM rejection WHERE feed = ? AND beside", (feed,))
        link.executemany(_REFUSED, (_refused_row(r, beside=True) for r in extra))
        link.executemany(
            "DELETE FROM changed WHERE feed = ? AND id = ? AND mark = ?",
            ((feed, ident, mark) for ident, mark in outstanding.marks),
        )
        junk = _put_totals(link, feed, ledger)
        link.execute(
            "INSERT OR REPLACE INTO evaluated VALUES (?, ?, ?, ?, randomblob(8))",
            (feed, basis, junk, outstanding.at),
        )
        for table in _FRESH:
            link.execute(f"DELETE FROM temp.fresh_{table}")  # noqa: S608 - our own table names
    return True


_FRESH = ("judged", "proposal", "named", "rejection")
_REFUSED = "INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _spool(ledger: Ledger, feed: str, judged: Iterable[Judged]) -> None:
    """Gather what objects came to beside the tables that others read, batch by batch."""
    link = ledger.link
    for table in _FRESH:
        made = f"CREATE TEMP TABLE IF NOT EXISTS fresh_{table} AS SELECT * FROM {table} LIMIT 0"  # noqa: S608 - our own table names
        link.execute(made)
        link.execute(f"DELETE FROM temp.fresh_{table}")  # noqa: S608 - our own table names
    for batch in _batches(judged):
        with ledger.reading():  # each row would else be a transaction of its own
            link.executemany(
                "INSERT INTO temp.fresh_judged VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_judged_row(feed, each) for each in batch),
            )
            link.executemany(
                f"INSERT INTO temp.fresh_proposal VALUES ({', '.join('?' * 16)})",  # noqa: S608 - question marks only
                (
                    proposal_row(candidate, place)
                    for each in batch
                    for place, candidate in enumerate(each.outcome.candidates)
                ),
            )
            link.executemany(
                "INSERT INTO temp.fresh_named VALUES (?, ?, ?, ?)",
                (row for each in batch for row in _named_rows(feed, each.outcome)),
            )
            link.executemany(
                _REFUSED.replace("rejection", "temp.fresh_rejection"),
                (_refused_row(r) for each in batch for r in each.outcome.rejections),
            )


def _batches(judged: Iterable[Judged]) -> Iterator[list[Judged]]:
    """Part them so that neither many objects nor many values of one are held at once."""
    batch: list[Judged] = []
    values = 0
    for each in judged:
        batch.append(each)
        values += 1 + len(each.outcome.candidates) + len(each.outcome.rejections)
        if values >= _BATCH:
            yield batch
            batch, values = [], 0
    if batch:
        yield batch


def _judged_row(feed: str, judged: Judged) -> tuple[object, ...]:
    outcome = judged.outcome
    return (
        feed,
        outcome.stix_id,
        judged.digest,
        judged.revoked,
        outcome.standing.value,
        len(outcome.candidates),
        outcome.rejected_atoms,
        " ".join(sorted(outcome.repairs)) if outcome.candidates else "",
        None if outcome.due is None else outcome.due.timestamp(),
        outcome.detail,
        body_of(outcome.candidates) if outcome.candidates else None,
    )


def _named_rows(feed: str, outcome: Outcome) -> Iterator[tuple[object, ...]]:
    for candidate in outcome.candidates:
        for alias in candidate.aliases:
            yield feed, outcome.stix_id, alias.partition(":")[2], candidate.value
    for value in outcome.values:
        yield feed, outcome.stix_id, value, None


def _refused_row(r: Rejection, *, beside: bool = False) -> tuple[object, ...]:
    """Values are kept in canonical form, too: `why` asks by that, whatever the feed wrote."""
    return (
        r.feed,
        r.stix_id,
        r.code,
        r.detail,
        r.field,
        r.value,
        r.position,
        r.atom,
        _canonical(r.value),
        beside,
    )


def _canonical(text: str) -> str:
    """The canonical form of a refused value, or the text itself where it has none."""
    if not text:
        return ""
    try:
        return classify(text)[1]
    except InvalidValue:
        return text


def _withdraw(link: Link, feed: str) -> None:
    """Take out what the objects that are asked for came to before."""
    which = "feed = ? AND stix_id IN (SELECT id FROM temp.asked)"
    before = link.execute(
        f"SELECT stix_id, body FROM judged WHERE {which} AND body IS NOT NULL",  # noqa: S608 - our own words
        (feed,),
    )
    keys = [key for stix_id, body in before for key in proposal_keys(feed, stix_id, body)]
    link.executemany(
        "DELETE FROM proposal WHERE feed = ? AND kind = ? AND value = ? AND groups = ? "
        "AND stix_id = ? AND place = ?",
        keys,
    )
    for table in ("judged", "named", "rejection"):
        link.execute(f"DELETE FROM {table} WHERE {which}", (feed,))  # noqa: S608 - our own words


def _put_totals(link: Link, feed: str, ledger: Ledger) -> int:
    """Renew the counts of a feed, and return how many entries of it are no objects."""
    standings = dict.fromkeys(Standing, 0)
    repairs: dict[str, int] = {}
    candidates = rejected_atoms = 0
    for standing, names, objects, made, refused in link.execute(
        "SELECT standing, repairs, COUNT(*), SUM(candidates), SUM(rejected_atoms) FROM judged "
        "WHERE feed = ? GROUP BY standing, repairs",
        (feed,),
    ):
        standings[Standing(standing)] += objects
        candidates += made
        rejected_atoms += refused
        for name in names.split():
            repairs[name] = repairs.get(name, 0) + objects
    put_repairs(link, feed, Stage.EVALUATION, repairs)
    indicators = sum(standings.values())
    # Another process may have pulled since; what came then was not judged.
    objects, since = ledger.count_objects(feed)
    link.execute(
        "UPDATE feed SET objects = ?, indicators = ?, mapped = ?, rejected = ?, ended = ?, "
        "candidates = ?, rejected_atoms = ? WHERE id = ?",
        (
            objects + indicators - since,
            indicators,
            *(standings[each] for each in (Standing.MAPPED, Standing.REJECTED, Standing.ENDED)),
            candidates,
            rejected_atoms,
            feed,
        ),
    )
    row = link.execute("SELECT junk FROM feed WHERE id = ?", (feed,)).fetchone()
    return 0 if row is None else int(row[0])
