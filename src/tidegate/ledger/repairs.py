"""How often something of a feed was read leniently, by the names of stix/repairs.py.

Owns the counts of the last pull and of the last evaluation, each replaced by the next. Derived
data, like the outcomes. Refuses to know what a repair is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from tidegate.ledger.ledger import Ledger
from tidegate.ledger.link import Link


class Stage(StrEnum):
    """Who counted."""

    PULL = "pull"
    EVALUATION = "evaluation"


def put_repairs(link: Link, feed: str, stage: Stage, counts: Mapping[str, int]) -> None:
    """Replace the counts of a stage, within a transaction."""
    link.execute("DELETE FROM repair WHERE feed = ? AND stage = ?", (feed, stage.value))
    link.executemany(
        "INSERT INTO repair VALUES (?, ?, ?, ?)",
        [(feed, stage.value, name, count) for name, count in sorted(counts.items()) if count],
    )


def save_pull_repairs(ledger: Ledger, feed: str, counts: Mapping[str, int]) -> None:
    """Replace the counts of a feed's last pull."""
    with ledger.transaction() as link:
        put_repairs(link, feed, Stage.PULL, counts)


def repairs_of(ledger: Ledger, feed: str) -> dict[str, int]:
    """What was read leniently in a feed, by name; nothing in a ledger of an older version."""
    if not ledger.has("repair"):
        return {}
    rows = ledger.link.execute("SELECT name, count FROM repair WHERE feed = ?", (feed,))
    found: Counter[str] = Counter()
    for name, count in rows:
        found[name] += count
    return dict(sorted(found.items()))
