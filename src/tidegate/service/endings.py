"""Why a row leaves the list: the sentence that the plan, the journal and `why` show.

Looked up from how the row's sources ended in the same evaluation. Refuses to decide who leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tidegate.allocation.allocate import Allocation
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.mapping.candidate import Outcome, Standing


class Endings:
    """Why a row leaves: looked up from how its sources ended."""

    def __init__(
        self,
        outcomes: Iterable[tuple[str, Outcome]],
        allocation: Allocation,
        suppressed: Collection[RowKey],
    ) -> None:
        self._outcomes = {(feed, outcome.stix_id): outcome for feed, outcome in outcomes}
        self._waiting = {q.wanted.key: (n, q) for n, q in enumerate(allocation.waiting, 1)}
        self._suppressed = suppressed

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
            outcome = self._outcomes.get((source.feed, source.stix_id))
            if outcome is None:
                reasons.append(f"{source.feed} no longer lists it")
            elif outcome.standing is Standing.ENDED:
                reasons.append(f"{source.feed}: {outcome.detail}")
            elif outcome.rejections:
                reasons.append(f"{source.feed}: {outcome.rejections[0].code}")
            else:
                reasons.append(f"{source.feed} changed what it says")
        return "; ".join(sorted(set(reasons))) or "no feed wants it any more"
