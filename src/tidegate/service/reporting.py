"""The report card of a feed: what it adds, what it costs, and whether it is worth its slots.

Refuses to judge: a feed that nobody else confirms may be the best or the worst.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tidegate.clock import stamp
from tidegate.ledger.evaluation import count_waiting_by_feeds
from tidegate.ledger.report import tallies
from tidegate.service.quota import charged, quota, trusted
from tidegate.service.workspace import Workspace, active_feeds


@dataclass(frozen=True, slots=True)
class ReportCard:
    """One active feed beside the others.

    Shares are 0 to 1, None of nothing. `values` are distinct ones of a type; `overlap` is how many
    each other feed has of them, too, the most first. `held` and `waiting` are rows that count
    against the feed; `guards` are values refused, by guard; `rejected_share` is of its indicators.
    """

    id: str
    trust: int
    candidates: int
    values: int
    unique_share: float | None
    overlap: Mapping[str, int]
    held: int
    waiting: int
    guards: Mapping[str, int]
    rejected_share: float | None
    newest: datetime | None
    median: datetime | None
    sightings: int

    @property
    def slots_per_sighting(self) -> float | None:
        """What a sighting costs in slots; None where nothing was ever seen."""
        return self.held / self.sightings if self.sightings else None

    def share_of(self, feed: str) -> float:
        """The share of this feed's values that another one has, too."""
        return self.overlap.get(feed, 0) / self.values if self.values else 0.0

    def record(self) -> dict[str, object]:
        """The fields of `feeds report --json`."""
        per = self.slots_per_sighting
        return {
            "id": self.id,
            "trust": self.trust,
            "candidates": self.candidates,
            "values": self.values,
            "unique_share": _rounded(self.unique_share),
            "overlap": [
                {"feed": feed, "values": values, "share": _rounded(self.share_of(feed))}
                for feed, values in self.overlap.items()
            ],
            "held": self.held,
            "waiting": self.waiting,
            "guards": dict(self.guards),
            "rejected_share": _rounded(self.rejected_share),
            "newest": None if self.newest is None else stamp(self.newest),
            "median": None if self.median is None else stamp(self.median),
            "sightings": self.sightings,
            "slots_per_sighting": _rounded(per),
        }


def report_cards(ws: Workspace, only: str | None = None) -> tuple[ReportCard, ...]:
    """The cards of the active feeds, by id, or the one of a feed; none for one that is off."""
    everybody = active_feeds(ws)
    feeds = [feed for feed in everybody if only in {None, feed.id}]
    if not feeds:
        return ()
    trust = trusted(everybody)
    held = quota(ws).by_feed
    waits: Counter[str] = Counter()
    for names, rows in count_waiting_by_feeds(ws.ledger, ws.tenant):
        waits[charged(names, trust)] += rows
    found = tallies(ws.ledger, trust, [feed.id for feed in feeds])
    cards = []
    for feed in feeds:
        tally, state = found[feed.id], ws.ledger.feed(feed.id)
        cards.append(
            ReportCard(
                id=feed.id,
                trust=feed.trust,
                candidates=state.candidates,
                values=tally.values,
                unique_share=tally.alone / tally.values if tally.values else None,
                overlap=_most_first(tally.shared),
                held=held.get(feed.id, 0),
                waiting=waits[feed.id],
                guards=_most_first(tally.guards),
                rejected_share=state.rejected / state.indicators if state.indicators else None,
                newest=tally.newest,
                median=tally.median,
                sightings=tally.sightings,
            )
        )
    return tuple(cards)


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
