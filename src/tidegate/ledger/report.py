"""What the feeds' proposals amount to beside each other: counts for report cards.

Owns these queries: each reads what is proposed once, so that a million candidates take a few
seconds. Refuses to know the list and the policies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson

from tidegate.ledger.ledger import Ledger
from tidegate.mapping.judge import GUARD

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AMONG = "feed IN (SELECT value FROM json_each(?))"


@dataclass(slots=True)
class Tally:
    """What one feed proposes: values of a type, whatever their scopes.

    `alone` are those that no other feed proposes; `shared` are how many each other one proposes,
    too. `newest` is the latest evidence, `median` the day (UTC) that half of it is older than.
    `sightings` counts those of an object once. `guards` are how many values each guard refused.
    """

    values: int = 0
    alone: int = 0
    shared: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None
    median: datetime | None = None
    sightings: int = 0
    guards: Counter[str] = field(default_factory=Counter)


def tallies(ledger: Ledger, feeds: Collection[str], of: Collection[str]) -> Mapping[str, Tally]:
    """Compare the feeds in `of` with all in `feeds`, which they are among."""
    found = {feed: Tally() for feed in of}
    for names, values in _sets(ledger, feeds):
        for feed in names:
            if feed in found:
                found[feed].values += values
                found[feed].alone += values if len(names) == 1 else 0
                found[feed].shared.update(dict.fromkeys(names - {feed}, values))
    _add_news(ledger, found)
    seen = ledger.link.execute(
        "SELECT feed, SUM(seen) FROM (SELECT feed, stix_id, MAX(sightings) AS seen FROM proposal "  # noqa: S608 - our own words
        f"WHERE {_AMONG} AND sightings > 0 GROUP BY feed, stix_id) GROUP BY feed",
        (_text(found),),
    )
    for feed, sightings in seen:
        found[feed].sightings = sightings
    refused = ledger.link.execute(
        f"SELECT feed, code, COUNT(*) FROM rejection WHERE {_AMONG} AND code >= ? AND code < ? "  # noqa: S608 - our own words
        "GROUP BY feed, code",
        (_text(found), GUARD, GUARD + "\x7f"),
    )
    for feed, code, values in refused:
        found[feed].guards[code.removeprefix(GUARD)] = values
    return found


def unique_shares(ledger: Ledger, feeds: Collection[str]) -> dict[str, float]:
    """For each of these feeds that has candidates: the share of values that no other one has."""
    values: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for names, count in _sets(ledger, feeds):
        values.update(dict.fromkeys(names, count))
        if len(names) == 1:
            alone.update(dict.fromkeys(names, count))
    return {feed: alone[feed] / count for feed, count in values.items()}


def _sets(ledger: Ledger, feeds: Collection[str]) -> list[tuple[frozenset[str], int]]:
    """The sets of feeds that propose the same value, and how many values each set proposes.

    The ids of feeds have no comma.
    """
    rows = ledger.link.execute(
        "SELECT feeds, COUNT(*) FROM (SELECT group_concat(DISTINCT feed) AS feeds FROM proposal "  # noqa: S608 - our own words
        f"WHERE {_AMONG} GROUP BY kind, value) GROUP BY feeds",
        (_text(feeds),),
    )
    return [(frozenset(names.split(",")), count) for names, count in rows]


def _add_news(ledger: Ledger, found: Mapping[str, Tally]) -> None:
    rows = ledger.link.execute(
        "SELECT feed, CAST(evidence / 86400 AS INTEGER) AS day, COUNT(*), MAX(evidence) "  # noqa: S608 - our own words
        f"FROM proposal WHERE {_AMONG} GROUP BY feed, day ORDER BY feed, day",
        (_text(found),),
    ).fetchall()
    total: Counter[str] = Counter()
    for feed, _, count, _ in rows:
        total[feed] += count
    before: Counter[str] = Counter()
    for feed, day, count, newest in rows:
        if before[feed] <= total[feed] // 2 < before[feed] + count:
            found[feed].median = _EPOCH + timedelta(days=day)
        before[feed] += count
        found[feed].newest = datetime.fromtimestamp(newest, UTC)


def _text(names: Collection[str]) -> str:
    return orjson.dumps(list(names)).decode()
