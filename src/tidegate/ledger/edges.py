"""Where each feed's slots end, as the last plan left it: whom a row that waits would displace.

Owns the table. Derived data, like the waiting room: it is replaced whole and can always be made
again. Refuses to hand out slots.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from tidegate.allocation.allocate import Edge
from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import IndicatorType
from tidegate.ledger.ledger import Ledger


def save_edges(ledger: Ledger, tenant: str, found: Iterable[Edge]) -> None:
    """Replace the edges of a tenant."""
    with ledger.transaction() as link:
        link.execute("DELETE FROM edge WHERE tenant = ?", (tenant,))
        link.executemany(
            "INSERT INTO edge VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    tenant,
                    each.feed,
                    each.slots,
                    each.key.type.value,
                    each.key.value,
                    orjson.dumps(list(each.key.groups)).decode(),
                    each.worth,
                )
                for each in found
            ],
        )


def edges(ledger: Ledger, tenant: str) -> list[Edge]:
    """What the last plan left, feed by feed; nothing in a ledger of an older version."""
    if not ledger.has("edge"):
        return []
    rows = ledger.link.execute(
        "SELECT feed, slots, type, value, groups, worth FROM edge WHERE tenant = ? ORDER BY feed",
        (tenant,),
    )
    return [
        Edge(feed, slots, _key(kind, value, groups), worth)
        for feed, slots, kind, value, groups, worth in rows
    ]


def _key(kind: str, value: str, groups: str) -> RowKey:
    return RowKey(IndicatorType(kind), value, tuple(orjson.loads(groups)))
