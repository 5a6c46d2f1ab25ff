"""Why a row leaves the list: the sentence that the plan, the journal and `why` show.

Looked up from how the row's sources ended in the last evaluation. Refuses to decide who leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from tidegate.allocation.compress import COVERED, Compressed
from tidegate.allocation.merge import Wanted
from tidegate.allocation.places import named
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.ledger.evaluation import end_of, has_ended, names_refused
from tidegate.ledger.ledger import Ledger

WAITS = "waits at place "
"""How the reason of a row begins that leaves by the limit."""


class Endings:
    """Why a row leaves: looked up from how its sources ended; made ready by the first question."""

    def __init__(
        self,
        ledger: Ledger,
        found: Compressed,
        competing: Sequence[Wanted],
        incumbents: Collection[RowKey],
        suppressed: Collection[RowKey],
    ) -> None:
        self._ledger = ledger
        self._allocation = found.allocation
        self._found = found
        self._competing = competing
        self._incumbents = incumbents
        self._suppressed = suppressed

    @cached_property
    def waiting(self) -> Collection[RowKey]:
        """The rows that hold a slot and are to wait for one."""
        asked = {key for _, key in named(self._competing, self._incumbents)}
        return asked - {item.key for item in self._allocation.kept} - self.covered.keys()

    @cached_property
    def _places(self) -> Mapping[RowKey, int]:
        """Where they are in the queue, from 0."""
        return {key: place for place, key in named(self._allocation.waiting, self.waiting)}

    @cached_property
    def covered(self) -> dict[RowKey, RowKey]:
        """The rows that hold a slot and are covered now, and what covers each, as feeds know it."""
        found = self._found.covered
        return {
            key: getattr(found[place].by, "feed_key", found[place].by.key)
            for place, key in named([each.wanted for each in found], self._incumbents)
        }

    def withdrawn(self, row: Indicator) -> bool:
        """Whether all sources of a row are revoked or over, which is their publishers' word."""
        return bool(row.sources) and all(
            has_ended(self._ledger, source.feed, source.stix_id) for source in row.sources
        )

    def refused(self, row: Indicator, feeds: Collection[str]) -> bool:
        """Whether all feeds of a row are among these, and go on naming it in what is refused."""
        names = (row.value, *(text.partition(":")[2] for text in row.aliases))
        return (
            bool(row.feeds)
            and set(row.feeds) <= set(feeds)
            and all(names_refused(self._ledger, feed, names) for feed in row.feeds)
        )

    def why(self, row: Indicator) -> str:
        """One sentence for the plan, the journal and `why`."""
        key = row.feed_key
        if key in self.waiting:
            place = self._places[key]
            score, reason = self._allocation.waiting[place].score, self._allocation.reason(place)
            return f"{WAITS}{place + 1:,}: {reason}, its score is {score:g}"
        if key in self.covered:
            by = self.covered[key]
            return f"{COVERED}{by.type.value} {by.value}"
        if key in self._suppressed:
            return "suppressed by hand"
        reasons = []
        for source in row.sources:
            said = end_of(self._ledger, source.feed, source.stix_id)
            if said is None:
                reasons.append(f"{source.feed} no longer lists it")
            elif said:
                reasons.append(f"{source.feed}: {said}")
            else:
                reasons.append(f"{source.feed} changed what it says")
        return "; ".join(sorted(set(reasons))) or "no feed wants it any more"
