"""How much each feed proposed when its part of a plan was last let through, for each list.

The brake compares with this. It stands apart from the last evaluation, which is replaced whatever
becomes of the plan: what is held must not pass for ordinary at the next look. Refuses to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tidegate.ledger.ledger import Ledger


class Measure(NamedTuple):
    """A feed's candidates, and a fingerprint of the policy and source that they came by."""

    basis: str
    candidates: int


def measures(ledger: Ledger, tenant: str) -> dict[str, Measure]:
    """What is known of a tenant's feeds; nothing in a ledger of an older version."""
    if not ledger.has("measure"):
        return {}
    rows = ledger.link.execute(
        "SELECT feed, basis, candidates FROM measure WHERE tenant = ?", (tenant,)
    )
    return {feed: Measure(basis, candidates) for feed, basis, candidates in rows}


def save_measures(ledger: Ledger, tenant: str, found: Mapping[str, Measure]) -> None:
    """Keep these in place of what was known of the same feeds."""
    with ledger.transaction() as link:
        link.executemany(
            "INSERT OR REPLACE INTO measure VALUES (?, ?, ?, ?)",
            ((tenant, feed, *measure) for feed, measure in found.items()),
        )


def read_to_its_end(ledger: Ledger, feed: str) -> bool:
    """Whether the last pull of a feed got all that there is; true where no pull is on record."""
    if not ledger.has("pull"):
        return True
    row = ledger.link.execute(
        "SELECT ended FROM pull WHERE feed = ? ORDER BY run DESC LIMIT 1", (feed,)
    ).fetchone()
    return row is None or bool(row[0])
