"""The last evaluation of each feed: candidates, rejections, the waiting room. All derived data.

Owns the queries behind `why`, `rejections` and `quota`. Refuses to be the truth: everything here
can be made again from the objects, the feed definitions and the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import orjson

from tidegate.errors import InvalidValue
from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import classify
from tidegate.ledger.candidates import body_of, read_candidate
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.repairs import Stage, put_repairs
from tidegate.mapping.candidate import Candidate, Rejection, Standing
from tidegate.mapping.evaluated import Evaluated


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that earned no slot: its score and its place in the queue, first is 1."""

    key: RowKey
    score: float
    place: int
    feeds: tuple[str, ...]
    reason: str


def save_evaluation(ledger: Ledger, found: Evaluated, extra: Sequence[Rejection]) -> None:
    """Replace a feed's evaluation. `extra` are rejections of objects that are no indicators.

    Values of rejections are kept in canonical form, too: `why` asks by that, whatever the feed
    wrote. Rows are made as they are written: all at once they would outweigh the objects.
    """
    feed, counts = found.feed, found.counts()
    with ledger.transaction() as link:
        for table in ("outcome", "candidate", "alias", "rejection", "ended_value"):
            link.execute(f"DELETE FROM {table} WHERE feed = ?", (feed,))  # noqa: S608 - our own table names
        link.executemany(
            "INSERT INTO outcome VALUES (?, ?, ?, ?)",
            ((feed, e.stix_id, Standing.ENDED.value, e.detail) for e in found.ended),
        )
        link.executemany(
            "INSERT INTO candidate VALUES (?, ?, ?, ?, ?)",
            ((feed, c.stix_id, c.type.value, c.value, body_of(c)) for c in found.candidates),
        )
        link.executemany(
            "INSERT INTO alias VALUES (?, ?, ?)",
            (
                (feed, alias.partition(":")[2], c.value)
                for c in found.candidates
                for alias in c.aliases
            ),
        )
        link.executemany(
            "INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    feed,
                    r.stix_id,
                    r.code,
                    r.detail,
                    r.field,
                    r.value,
                    r.position,
                    r.atom,
                    _canonical(r.value),
                )
                for r in chain(found.rejections, extra)
            ),
        )
        link.executemany(
            "INSERT INTO ended_value VALUES (?, ?, ?)",
            ((feed, e.stix_id, value) for e in found.ended for value in e.values),
        )
        put_repairs(link, feed, Stage.EVALUATION, found.repairs)
        # Another process may have pulled since; what came then was not judged.
        objects, since = ledger.count_objects(feed)
        objects += found.indicators - since
        link.execute(
            "UPDATE feed SET objects = ?, indicators = ?, mapped = ?, rejected = ?, ended = ?, "
            "candidates = ?, rejected_atoms = ? WHERE id = ?",
            (
                objects,
                found.indicators,
                *(counts[name] for name in _COUNTED),
                feed,
            ),
        )


_COUNTED = ("mapped", "rejected", "ended", "candidates", "rejected_atoms")


def _canonical(text: str) -> str:
    """The canonical form of a refused value, or the text itself where it has none."""
    if not text:
        return ""
    try:
        return classify(text)[1]
    except InvalidValue:
        return text


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


def waiting_for(ledger: Ledger, tenant: str, value: str) -> list[Waiting]:
    """The waiting rows of a value."""
    rows = ledger.link.execute(
        "SELECT type, value, groups, score, place, feeds, reason FROM waiting "
        "WHERE tenant = ? AND value = ? ORDER BY place",
        (tenant, value),
    )
    return [
        Waiting(
            RowKey(IndicatorType(kind), text, tuple(orjson.loads(groups))),
            score,
            place,
            tuple(orjson.loads(feeds)),
            reason,
        )
        for kind, text, groups, score, place, feeds, reason in rows
    ]


def candidates_for(ledger: Ledger, value: str) -> list[Candidate]:
    """What feeds propose for a value, under any of a file's hashes."""
    rows = ledger.link.execute(
        "SELECT feed, stix_id, type, value, body FROM candidate "
        "WHERE value = :value OR value IN (SELECT value FROM alias WHERE alias = :value) "
        "ORDER BY feed, stix_id",
        {"value": value},
    )
    return [read_candidate(*row) for row in rows]


def candidates_in(ledger: Ledger, stix_id: str) -> list[Candidate]:
    """What one object proposes, in whichever feeds have it."""
    rows = ledger.link.execute(
        "SELECT feed, stix_id, type, value, body FROM candidate WHERE stix_id = ? "
        "ORDER BY feed, type, value",
        (stix_id,),
    )
    return [read_candidate(*row) for row in rows]


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
    rows = ledger.link.execute(
        "SELECT feed, stix_id, code, detail, field, value, position, atom FROM rejection "
        "WHERE (:feed IS NULL OR feed = :feed) AND (:code IS NULL OR code = :code) "
        "AND (:value IS NULL OR value = :value OR canonical = :value) "
        "AND (:stix_id IS NULL OR stix_id = :stix_id) "
        "ORDER BY feed, code, stix_id, atom",
        {"feed": feed, "code": code, "value": value, "stix_id": stix_id},
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


def unique_shares(ledger: Ledger, feeds: Sequence[str]) -> dict[str, float]:
    """For each of these feeds that has candidates: the share of values that no other one has."""
    rows = ledger.link.execute(
        "SELECT feed, AVG(feeds = 1) FROM (SELECT feed, COUNT(*) OVER (PARTITION BY type, value) "
        "AS feeds FROM (SELECT DISTINCT feed, type, value FROM candidate "
        "WHERE feed IN (SELECT value FROM json_each(?)))) GROUP BY feed",
        (_text(feeds),),
    )
    return dict(rows.fetchall())


def ended_naming(ledger: Ledger, value: str) -> list[tuple[str, str, str]]:
    """Revoked or expired indicator objects that name `value`: feed, object id, what ended.

    `value` is canonical, or any hash of a file.
    """
    rows = ledger.link.execute(
        "SELECT DISTINCT o.feed, o.stix_id, o.detail FROM ended_value e JOIN outcome o "
        "ON o.feed = e.feed AND o.stix_id = e.stix_id "
        "WHERE e.value = ? ORDER BY o.feed, o.stix_id LIMIT 20",
        (value,),
    )
    return [(feed, stix_id, detail) for feed, stix_id, detail in rows]


def ended_in(ledger: Ledger, stix_id: str) -> list[tuple[str, str, str]]:
    """The feeds in which one object is revoked or expired: feed, object id, what ended."""
    rows = ledger.link.execute(
        "SELECT feed, stix_id, detail FROM outcome WHERE stix_id = ? AND standing = ? "
        "ORDER BY feed",
        (stix_id, Standing.ENDED.value),
    )
    return [(feed, ident, detail) for feed, ident, detail in rows]


def _text(names: Sequence[str]) -> str:
    return orjson.dumps(list(names)).decode()
