"""Objects that a feed no longer lists: what they stood for, and since when.

Owns how they leave the table of objects, and the memory of it: the values they named in the last
evaluation, and which of them were revoked, because a revocation is for good even when its object
is gone. Refuses to remember without bounds: some publishers mint new ids at every release, so what
the feed still names under another id is forgotten, and of the rest only the latest is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tidegate.clock import read_stamp
from tidegate.ledger.derived import KINDS, mark_changed
from tidegate.ledger.link import Link

if TYPE_CHECKING:  # the ledger itself is built on this module
    from tidegate.ledger.ledger import Ledger

_KEPT = 10_000
"""Values of a feed that are remembered when it no longer lists them."""

_REVOKED_KEPT = 100_000

_NAMED = (
    "SELECT value, stix_id FROM proposal WHERE feed = ?1",
    "SELECT value, stix_id FROM named WHERE feed = ?1",
)
"""What objects named, by the last evaluation."""


def remove_unlisted(link: Link, feed: str, run: int, when: str, *, moved: bool = False) -> None:
    """Remove what was not listed since pull number `run`, within a transaction.

    `when` is the time to remember, in RFC 3339. `moved`: it was read at another source, whose
    revocations say nothing about this one's objects.
    """
    link.execute("CREATE TEMP TABLE IF NOT EXISTS leaving (id TEXT PRIMARY KEY) WITHOUT ROWID")
    link.execute("DELETE FROM temp.leaving")
    link.execute(
        "INSERT INTO temp.leaving SELECT id FROM object WHERE feed = ? AND run < ?", (feed, run)
    )
    stale = "FROM refused WHERE feed = ? AND run < ?"
    settled = link.execute(f"SELECT DISTINCT id {stale}", (feed, run)).fetchall()
    mark_changed(link, feed, (ident for (ident,) in settled))
    link.execute(f"DELETE {stale}", (feed, run))
    if link.execute("SELECT 1 FROM temp.leaving LIMIT 1").fetchone() is None:
        return
    for named in _NAMED:
        link.execute(
            "INSERT OR REPLACE INTO gone (feed, value, stix_id, at, settled) "  # noqa: S608 - our own queries
            f"SELECT ?1, value, stix_id, ?2, 0 FROM (SELECT NULL AS value, NULL AS stix_id "
            f"WHERE 0 UNION ALL {named}) WHERE stix_id IN (SELECT id FROM temp.leaving)",
            (feed, when),
        )
    if not moved:
        _remember_revoked(link, feed)
    leaving = link.execute(
        "SELECT id FROM temp.leaving UNION ALL SELECT DISTINCT type || '--' FROM object "
        "WHERE feed = ? AND id IN (SELECT id FROM temp.leaving) "
        "AND substr(id, 1, length(type) + 2) <> type || '--'",
        (feed,),
    ).fetchall()
    mark_changed(link, feed, (ident for (ident,) in leaving))
    for table in ("earlier", "refused", "object"):
        link.execute(
            f"DELETE FROM {table} WHERE feed = ? AND id IN (SELECT id FROM temp.leaving)",  # noqa: S608 - our own table names
            (feed,),
        )
    link.execute("DELETE FROM temp.leaving")


def _remember_revoked(link: Link, feed: str) -> None:
    link.execute(
        "INSERT OR IGNORE INTO withdrawn SELECT feed, id FROM object "
        "WHERE feed = ? AND revoked AND id IN (SELECT id FROM temp.leaving)",
        (feed,),
    )
    link.execute(
        "DELETE FROM withdrawn WHERE feed = ?1 AND rowid <= (SELECT rowid FROM withdrawn "
        "WHERE feed = ?1 ORDER BY rowid DESC LIMIT 1 OFFSET ?2)",
        (feed, _REVOKED_KEPT),
    )


def settle_leaving(ledger: Ledger, feed: str) -> None:
    """Forget, after an evaluation, what the feed still names or has named too long ago."""
    with ledger.transaction() as link:
        if not link.execute(
            "SELECT 1 FROM gone WHERE feed = ? AND settled = 0 LIMIT 1", (feed,)
        ).fetchone():
            return
        link.execute(
            "DELETE FROM gone WHERE feed = ?1 AND (EXISTS (SELECT 1 FROM proposal p "
            "WHERE p.feed = ?1 AND p.kind IN (SELECT value FROM json_each(?2)) "
            "AND p.value = gone.value) OR EXISTS (SELECT 1 FROM named n "
            "WHERE n.value = gone.value AND n.feed = ?1 AND n.main IS NOT NULL))",
            (feed, KINDS),
        )
        link.execute(
            "DELETE FROM gone WHERE feed = ?1 AND value IN (SELECT value FROM gone "
            "WHERE feed = ?1 ORDER BY at DESC, value LIMIT -1 OFFSET ?2)",
            (feed, _KEPT),
        )
        link.execute("UPDATE gone SET settled = 1 WHERE feed = ? AND settled = 0", (feed,))


def unlisted(ledger: Ledger, text: str) -> list[tuple[str, str, datetime]]:
    """The feeds that no longer list a value, or an object's id: feed, object id, since when.

    `text` is canonical, or any hash of a file. A feed may still name the value elsewhere.
    """
    if not ledger.has("gone"):
        return []
    rows = ledger.link.execute(
        "SELECT feed, stix_id, MAX(at) FROM gone WHERE value = ?1 OR stix_id = ?1 GROUP BY feed "
        "ORDER BY feed",
        (text,),
    )
    return [(feed, stix_id, read_stamp(at)) for feed, stix_id, at in rows]
