"""What feeds want for values that a person has a row for: one side of each conflict.

Owns the table that the last plan left. Derived data, like the waiting room: it is replaced whole
and can always be made again. Refuses to know what a row is: its record is kept as it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import IndicatorType
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.link import Link


@dataclass(frozen=True, slots=True)
class Wish:
    """The row that feeds would have, by its identity, as a record of the store."""

    key: RowKey
    record: Mapping[str, Any]


def save_wishes(ledger: Ledger, tenant: str, wishes: Iterable[Wish]) -> None:
    """Replace what feeds want beside a tenant's own rows."""
    with ledger.transaction() as link:
        link.execute("DELETE FROM wish WHERE tenant = ?", (tenant,))
        _insert(link, tenant, wishes)


def renew_wishes(
    ledger: Ledger, tenant: str, old: Iterable[RowKey], wishes: Iterable[Wish]
) -> None:
    """Put new wishes in the place of some old ones, as a changed policy makes them."""
    with ledger.transaction() as link:
        link.executemany(
            "DELETE FROM wish WHERE tenant = ? AND type = ? AND value = ? AND groups = ?",
            [(tenant, *_columns(key)) for key in old],
        )
        _insert(link, tenant, wishes)


def wishes(ledger: Ledger, tenant: str) -> list[Wish]:
    """What the last plan left, in a stable order; nothing in a ledger of an older version."""
    if not ledger.has("wish"):
        return []
    rows = ledger.link.execute(
        "SELECT type, value, groups, body FROM wish WHERE tenant = ? ORDER BY type, value, groups",
        (tenant,),
    )
    return [
        Wish(
            RowKey(IndicatorType(kind), value, tuple(orjson.loads(groups))),
            orjson.loads(body),
        )
        for kind, value, groups, body in rows
    ]


def _insert(link: Link, tenant: str, wishes: Iterable[Wish]) -> None:
    link.executemany(
        "INSERT OR REPLACE INTO wish VALUES (?, ?, ?, ?, ?)",
        [(tenant, *_columns(wish.key), orjson.dumps(wish.record)) for wish in wishes],
    )


def _columns(key: RowKey) -> tuple[str, str, str]:
    return key.type.value, key.value, orjson.dumps(list(key.groups)).decode()
