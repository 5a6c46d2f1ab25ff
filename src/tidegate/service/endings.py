"""Why a row leaves the list: the sentence that the plan, the journal and `why` show.

Looked up from how the row's sources ended in the last evaluation. Refuses to decide who leaves.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from tidegate.allocation.allocate import Allocation, Queued
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.ledger.evaluation import end_of
from tidegate.ledger.ledger import Ledger


class Endings:
    """Why a row leaves: looked up from how its sources ended; made ready by the first question."""

    def __init__(
        self, ledger: Ledger, allocation: Allocation, suppressed: Collection[RowKey]
    ) -> None:
        self._ledger = ledger
        self._allocation = allocation
        self._suppressed = suppressed

    @cached_property
    def _waiting(self) -> dict[RowKey, tuple[int, Queued]]:
        return {q.wanted.key: (n, q) for n, q in enumerate(self._allocation.waiting, 1)}

    def why(self, row: Indicator) -> str:
        """One sentence for the plan, the journal and `why`."""
        key = row.feed_key
        if key in self._waiting:
            place, queued = self._waiting[key]
            return (
                f"waits at place {place:,}: {queued.reason}, its score is {queued.wanted.score:g}"
            )
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
