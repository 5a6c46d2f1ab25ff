"""Why a row leaves the list: the sentence that the plan, the journal and `why` show.

Looked up from how the row's sources ended in the same evaluation. Refuses to decide who leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from tidegate.allocation.allocate import Allocation, Queued
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.mapping.evaluated import Evaluated


class Endings:
    """Why a row leaves: looked up from how its sources ended; made ready by the first question."""

    def __init__(
        self,
        evaluated: Sequence[Evaluated],
        allocation: Allocation,
        suppressed: Collection[RowKey],
    ) -> None:
        self._evaluated = evaluated
        self._allocation = allocation
        self._suppressed = suppressed

    @cached_property
    def _waiting(self) -> dict[RowKey, tuple[int, Queued]]:
        return {q.wanted.key: (n, q) for n, q in enumerate(self._allocation.waiting, 1)}

    @cached_property
    def _said(self) -> dict[tuple[str, str], str]:
        """How each object of a feed ended, in a word; for one that is mapped, an empty one."""
        found: dict[tuple[str, str], str] = {}
        for feed in self._evaluated:
            for ended in feed.ended:
                found[feed.feed, ended.stix_id] = ended.detail
            for rejection in reversed(feed.rejections):  # the first of an object is told
                found[feed.feed, rejection.stix_id] = rejection.code
            for candidate in feed.candidates:
                found.setdefault((feed.feed, candidate.stix_id), "")
        return found

    @cached_property
    def _over(self) -> set[tuple[str, str]]:
        """The objects that their publishers revoked or let expire."""
        return {(feed.feed, ended.stix_id) for feed in self._evaluated for ended in feed.ended}

    def withdrawn(self, row: Indicator) -> bool:
        """Whether all sources of a row are revoked or over, which is their publishers' word."""
        return bool(row.sources) and all((s.feed, s.stix_id) in self._over for s in row.sources)

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
            said = self._said.get((source.feed, source.stix_id))
            if said is None:
                reasons.append(f"{source.feed} no longer lists it")
            elif said:
                reasons.append(f"{source.feed}: {said}")
            else:
                reasons.append(f"{source.feed} changed what it says")
        return "; ".join(sorted(set(reasons))) or "no feed wants it any more"
