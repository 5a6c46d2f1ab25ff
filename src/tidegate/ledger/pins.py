"""How the collection of a TAXII feed was found, so that the next pull asks there directly.

Owns one row a feed, worth something only while its source is the same. Refuses to say whether it
still holds: whoever asks there sees.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class FeedPin:
    """The pin of one feed; `source` is the fingerprint of where it is read."""

    ledger: Ledger
    feed: str
    source: str

    def recall(self) -> tuple[str, str, str] | None:
        """Return TAXII version, API root and id that were kept for this source; None: nothing."""
        if not self.ledger.has("pin"):
            return None
        row = self.ledger.link.execute(
            "SELECT version, root, collection FROM pin WHERE feed = ? AND source = ?",
            (self.feed, self.source),
        ).fetchone()
        return None if row is None else (row[0], row[1], row[2])

    def keep(self, version: str, root: str, collection: str) -> None:
        """Keep this from now on, in place of what was kept for the feed before."""
        with self.ledger.transaction() as link:
            link.execute(
                "INSERT OR REPLACE INTO pin VALUES (?, ?, ?, ?, ?)",
                (self.feed, self.source, version, root, collection),
            )
