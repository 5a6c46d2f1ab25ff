"""What a scan of events has raised, and how far it came in each file.

Owns two tables: alerts as digests, so that a million of them are some 30 MB, and places in files.
Refuses to know what an alert or a list is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidegate.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read: bytes, and lines up to there.

    `content` is a fingerprint of what was read, `list` one of what it was judged by.
    """

    offset: int
    lines: int
    content: bytes
    list: bytes


@dataclass(frozen=True, slots=True)
class Scan:
    """The memory of one named scan of one tenant."""

    ledger: Ledger
    tenant: str
    name: str

    def place(self, file: str) -> Place | None:
        """Return how far this file was read; None: it never was."""
        if not self.ledger.has("scan_place"):
            return None
        row = self.ledger.link.execute(
            "SELECT place, line, content, list FROM scan_place "
            "WHERE tenant = ? AND scan = ? AND file = ?",
            (self.tenant, self.name, file),
        ).fetchone()
        return None if row is None else Place(*row)

    def raised(self, alert: bytes) -> bool:
        """Whether this alert was raised before."""
        found = self.ledger.link.execute(
            "SELECT 1 FROM scan_raised WHERE tenant = ? AND scan = ? AND alert = ?",
            (self.tenant, self.name, alert),
        )
        return found.fetchone() is not None

    def known(self) -> bool:
        """Whether this scan has ever remembered anything; an older ledger lacks the tables."""
        return self.ledger.has("scan_raised")

    def remember(self, alerts: Iterable[bytes], places: Sequence[tuple[str, Place]] = ()) -> None:
        """Keep alerts, and places in files, in one commit."""
        with self.ledger.transaction() as link:
            link.executemany(
                "INSERT OR IGNORE INTO scan_raised VALUES (?, ?, ?)",
                [(self.tenant, self.name, alert) for alert in alerts],
            )
            link.executemany(
                "INSERT OR REPLACE INTO scan_place VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (self.tenant, self.name, file, it.offset, it.lines, it.content, it.list)
                    for file, it in places
                ],
            )
