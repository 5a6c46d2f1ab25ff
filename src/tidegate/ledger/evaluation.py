"""The last evaluation of each feed: proposals, candidates, rejections, the waiting room.

Owns the queries behind plans, `why`, `rejections` and `quota`. Refuses to be the truth: everything
here can be made again from the objects, the feed definitions and the list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import orjson

from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import IndicatorType
from tidegate.ledger.candidates import (
    COLUMNS,
    KIND,
    names_text,
    read_candidates,
    read_proposal,
)
from tidegate.ledger.derived import KINDS
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.link import Link
from tidegate.mapping.candidate import Candidate, Proposal, Rejection, Standing


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that earned no slot: its score and its place in the queue, first is 1."""

    key: RowKey
    score: float
    place: int
    feeds: tuple[str, ...]
    reason: str


def save_waiting(ledger: Ledger, tenant: str, rows: Iterable[Waiting]) -> None:
    """Replace the waiting room of a tenant."""
    with ledger.transaction() as link:
        link.execute("DELETE FROM waiting WHERE tenant = ?", (tenant,))
        link.executemany(
            "INSERT INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    tenant,
                    row.key.type.value,
                    row.key.value,
                    _text(row.key.groups),
                    row.score,
                    row.place,
                    _text(row.feeds),
                    row.reason,
                )
                for row in rows
            ),
        )


def count_waiting(ledger: Ledger, tenant: str) -> int:
    """How many rows wait for a slot."""
    return int(
        ledger.link.execute("SELECT COUNT(*) FROM waiting WHERE tenant = ?", (tenant,)).fetchone()[
            0
        ]
    )


def count_waiting_by_feeds(ledger: Ledger, tenant: str) -> list[tuple[tuple[str, ...], int]]:
    """How many rows wait of each set of feeds that want them."""
    rows = ledger.link.execute(
        "SELECT feeds, COUNT(*) FROM waiting WHERE tenant = ? GROUP BY feeds", (tenant,)
    )
    return [(tuple(orjson.loads(feeds)), count) for feeds, count in rows]


def count_waiting_for(ledger: Ledger, tenant: str, reason: str) -> int:
    """How many rows wait for a reason that begins so."""
    row = ledger.link.execute(
        "SELECT COUNT(*) FROM waiting WHERE tenant = ?1 AND substr(reason, 1, ?3) = ?2",
        (tenant, reason, len(reason)),
    ).fetchone()
    return int(row[0])


_WAITING = "SELECT type, value, groups, score, place, feeds, reason FROM waiting WHERE tenant = ? "


def waiting_for(ledger: Ledger, tenant: str, values: Collection[str]) -> list[Waiting]:
    """The waiting rows of these values, the next one in first."""
    rows = ledger.link.execute(
        _WAITING + "AND value IN (SELECT value FROM json_each(?)) ORDER BY place",  # noqa: S608 - our own words
        (tenant, _text(sorted(values))),
    )
    return [_waiting(row) for row in rows]


def first_waiting(
    ledger: Ledger, tenant: str, most: Mapping[tuple[str, ...], int], which: Callable[[str], bool]
) -> Iterator[Waiting]:
    """Up to so many rows for each set of feeds that want them, the next one in first.

    `which` says by its reason whether a row counts. The room is written in its order, so that no
    million rows have to be sorted or even read.
    """
    left = {_text(feeds): rows for feeds, rows in most.items() if rows}
    for row in ledger.link.execute(_WAITING + "ORDER BY rowid", (tenant,)) if left else ():
        feeds = row[5]
        if feeds in left and which(row[6]):
            yield _waiting(row)
            left[feeds] -= 1
            if not left[feeds]:
                del left[feeds]
                if not left:
                    return


def _waiting(row: tuple[str, str, str, float, int, str, str]) -> Waiting:
    kind, text, groups, score, place, feeds, reason = row
    key = RowKey(IndicatorType(kind), text, tuple(orjson.loads(groups)))
    return Waiting(key, score, place, tuple(orjson.loads(feeds)), reason)


def proposals(ledger: Ledger, feeds: Sequence[str]) -> Iterator[Proposal]:
    """What these feeds propose, in the order of row identities: type, value, groups.

    Each feed's lie in this order, and those for one row in that of their objects, so that SQLite
    only merges them.
    """
    if not feeds:
        return iter(())
    part = f"SELECT {COLUMNS} FROM proposal WHERE feed = ?"  # noqa: S608 - our own words
    order = " ORDER BY kind, value, groups"
    if len(feeds) <= _MOST_PARTS:
        rows = ledger.link.execute(" UNION ALL ".join([part] * len(feeds)) + order, feeds)
    else:
        which = "feed IN (SELECT value FROM json_each(?))"
        rows = ledger.link.execute(part.replace("feed = ?", which) + order, (_text(feeds),))
    return map(read_proposal, rows)


_MOST_PARTS = 400
"""Parts of one query; SQLite takes 500."""


def candidates_of(
    ledger: Ledger, rows: Iterable[tuple[RowKey, Sequence[str]]]
) -> Iterator[list[Candidate]]:
    """What feeds propose for each of these rows, with all that a row needs, in their order.

    A row is given with the feeds that name it.
    """
    link = ledger.link
    found: list[list[Candidate]] = [[] for _ in range(look_for(link, rows))]
    # One object may stand behind thousands of rows, so each is read once.
    spots: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for place, feed, stix_id, spot in link.execute(
        "SELECT l.place, p.feed, p.stix_id, p.place FROM temp.looked_for l "
        "CROSS JOIN proposal p ON p.feed = l.feed AND p.kind = l.kind AND p.value = l.value "
        "AND p.groups = l.groups"
    ):
        spots.setdefault((feed, stix_id), []).append((place, spot))
    link.execute("CREATE TEMP TABLE IF NOT EXISTS looked_into (feed TEXT, stix_id TEXT)")
    link.execute("DELETE FROM temp.looked_into")
    link.executemany("INSERT INTO temp.looked_into VALUES (?, ?)", sorted(spots))
    for feed, stix_id, body in link.execute(
        "SELECT j.feed, j.stix_id, j.body FROM temp.looked_into l CROSS JOIN judged j "
        "ON j.feed = l.feed AND j.stix_id = l.stix_id"
    ):
        pairs = spots[feed, stix_id]
        each = read_candidates(feed, stix_id, body, (spot for _, spot in pairs))
        for (place, _), candidate in zip(pairs, each, strict=True):
            found[place].append(candidate)
    return iter(found)


def look_for(link: Link, rows: Iterable[tuple[RowKey, Sequence[str]]]) -> int:
    """Put rows into the temporary table `looked_for`, by their places; return how many there are.

    A row is given with the feeds that name it, and stands once for each.
    """
    link.execute(
        "CREATE TEMP TABLE IF NOT EXISTS looked_for "
        "(place INTEGER, feed TEXT, kind INTEGER, value TEXT, groups TEXT)"
    )
    link.execute("DELETE FROM temp.looked_for")
    count = 0
    asked = []
    for place, (key, feeds) in enumerate(rows):
        count += 1
        text = names_text(key.groups)
        asked += [(place, feed, KIND[key.type], key.value, text) for feed in feeds]
    # In the order of the tables: what is near is read together.
    asked.sort(key=itemgetter(1, 2, 3))
    link.executemany("INSERT INTO temp.looked_for VALUES (?, ?, ?, ?, ?)", asked)
    return count


def candidates_for(ledger: Ledger, value: str) -> list[Candidate]:
    """What feeds propose for a value, under any of a file's hashes."""
    link = ledger.link
    mains = link.execute(
        "SELECT DISTINCT main FROM named WHERE value = ? AND main IS NOT NULL", (value,)
    )
    values = {value, *(main for (main,) in mains)}
    rows = link.execute(
        "SELECT feed, stix_id, body FROM judged WHERE (feed, stix_id) IN (SELECT feed, stix_id "
        "FROM proposal WHERE feed IN (SELECT id FROM feed) "
        "AND kind IN (SELECT value FROM json_each(?)) "
        "AND value IN (SELECT value FROM json_each(?))) ORDER BY feed, stix_id",
        (KINDS, _text(sorted(values))),
    )
    return [
        candidate
        for feed, stix_id, body in rows
        for candidate in read_candidates(feed, stix_id, body)
        if candidate.value in values
    ]


def candidates_in(ledger: Ledger, stix_id: str) -> list[Candidate]:
    """What one object proposes, in whichever feeds have it."""
    rows = ledger.link.execute(
        "SELECT feed, stix_id, body FROM judged WHERE feed IN (SELECT id FROM feed) "
        "AND stix_id = ? AND body IS NOT NULL "
        "ORDER BY feed",
        (stix_id,),
    )
    found = [c for feed, ident, body in rows for c in read_candidates(feed, ident, body)]
    return sorted(found, key=lambda c: (c.feed, c.type.value, c.value))


def end_of(ledger: Ledger, feed: str, stix_id: str) -> str | None:
    """How an object ended, in a word: what ended it, or why it was refused, first; "" if mapped.

    None for one that the feed no longer lists.
    """
    row = ledger.link.execute(
        "SELECT standing, detail FROM judged WHERE feed = ? AND stix_id = ?", (feed, stix_id)
    ).fetchone()
    if row is None or row[0] == Standing.MAPPED.value:
        return None if row is None else ""
    if row[0] == Standing.ENDED.value:
        return str(row[1])
    first = ledger.link.execute(
        "SELECT code FROM rejection WHERE feed = ? AND stix_id = ? ORDER BY rowid LIMIT 1",
        (feed, stix_id),
    ).fetchone()
    return "" if first is None else str(first[0])


def has_ended(ledger: Ledger, feed: str, stix_id: str) -> bool:
    """Whether an object is revoked or over."""
    row = ledger.link.execute(
        "SELECT standing FROM judged WHERE feed = ? AND stix_id = ?", (feed, stix_id)
    ).fetchone()
    return row is not None and row[0] == Standing.ENDED.value


def names_refused(ledger: Ledger, feed: str, values: Sequence[str]) -> bool:
    """Whether a feed names one of these, which are canonical, in what was refused of it."""
    found = ledger.link.execute(
        "SELECT 1 FROM rejection WHERE canonical IN (SELECT value FROM json_each(?1)) "
        "AND feed = ?2 AND NOT beside UNION ALL SELECT 1 FROM named n JOIN judged j "
        "ON j.feed = n.feed AND j.stix_id = n.stix_id "
        "WHERE n.value IN (SELECT value FROM json_each(?1)) AND n.feed = ?2 AND n.main IS NULL "
        "AND j.standing = ?3 LIMIT 1",
        (_text(values), feed, Standing.REJECTED.value),
    )
    return found.fetchone() is not None


def refused_naming(ledger: Ledger, value: str) -> list[Rejection]:
    """Rejections of whole objects that name `value`, which is canonical, or any hash of a file."""
    rows = ledger.link.execute(
        "SELECT DISTINCT n.stix_id FROM named n JOIN judged j "
        "ON j.feed = n.feed AND j.stix_id = n.stix_id "
        "WHERE n.value = ? AND n.main IS NULL AND j.standing = ? ORDER BY n.stix_id LIMIT 20",
        (value, Standing.REJECTED.value),
    )
    return [
        found for (stix_id,) in rows.fetchall() for found in rejections(ledger, stix_id=stix_id)
    ]


_NARROWED = {
    "feed": "feed = :feed",
    "code": "code = :code",
    "value": "(value = :value OR canonical = :value)",
    "stix_id": "stix_id = :stix_id",
}


def rejections(
    ledger: Ledger,
    *,
    feed: str | None = None,
    code: str | None = None,
    value: str | None = None,
    stix_id: str | None = None,
) -> list[Rejection]:
    """Rejections of the last evaluation, narrowed by feed, reason code, value or object.

    `value` is the text as the feed wrote it or its canonical form.
    """
    asked = {"feed": feed, "code": code, "value": value, "stix_id": stix_id}
    # Only what is asked for: with "IS NULL OR" beside it, SQLite would use no index.
    which = " AND ".join(_NARROWED[name] for name, text in asked.items() if text is not None)
    rows = ledger.link.execute(
        "SELECT feed, stix_id, code, detail, field, value, position, atom FROM rejection "  # noqa: S608 - our own words
        f"WHERE {which or '1'} ORDER BY feed, code, stix_id, atom",
        asked,
    )
    return [
        Rejection(feed_id, ident, reason, detail, field, text, position, atom)
        for feed_id, ident, reason, detail, field, text, position, atom in rows
    ]


def rejections_by_code(ledger: Ledger, feed: str) -> list[tuple[str, int, str]]:
    """Reasons of a feed's rejections: code, how many, one of their details; the most first."""
    rows = ledger.link.execute(
        "SELECT code, COUNT(*), MIN(detail) FROM rejection WHERE feed = ? "
        "GROUP BY code ORDER BY 2 DESC, 1",
        (feed,),
    )
    return [(code, number, detail) for code, number, detail in rows]


def ended_naming(ledger: Ledger, value: str) -> list[tuple[str, str, str]]:
    """Revoked or expired indicator objects that name `value`: feed, object id, what ended.

    `value` is canonical, or any hash of a file.
    """
    rows = ledger.link.execute(
        "SELECT DISTINCT j.feed, j.stix_id, j.detail FROM named n JOIN judged j "
        "ON j.feed = n.feed AND j.stix_id = n.stix_id "
        "WHERE n.value = ? AND n.main IS NULL AND j.standing = ? ORDER BY j.feed, j.stix_id "
        "LIMIT 20",
        (value, Standing.ENDED.value),
    )
    return [(feed, stix_id, detail) for feed, stix_id, detail in rows]


def ended_in(ledger: Ledger, stix_id: str) -> list[tuple[str, str, str]]:
    """The feeds in which one object is revoked or expired: feed, object id, what ended."""
    rows = ledger.link.execute(
        "SELECT feed, stix_id, detail FROM judged WHERE feed IN (SELECT id FROM feed) "
        "AND stix_id = ? AND standing = ? ORDER BY feed",
        (stix_id, Standing.ENDED.value),
    )
    return [(feed, ident, detail) for feed, ident, detail in rows]


def _text(names: Sequence[str]) -> str:
    return orjson.dumps(list(names)).decode()
