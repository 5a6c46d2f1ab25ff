"""The ground on which slots are handed out, and handing them out: once, or again without a flood.

Owns what a plan compares: the list as it is, what feeds want of it, who may compete for which room.
Refuses to hold anything back: the brake decides afterwards, in `planning`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tidegate.allocation.allocate import Quota
from tidegate.allocation.brake import Changes
from tidegate.allocation.compress import Compressed, compress, known_of
from tidegate.allocation.coverage import Known
from tidegate.allocation.diff import ageing, diff, outlived
from tidegate.allocation.merge import Backed, Wanted, backed, merge
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Op, PlanCounts
from tidegate.ledger.evaluation import candidates_of, proposals
from tidegate.ledger.ledger import FeedState
from tidegate.service.agreeing import unchanged
from tidegate.service.contending import Field, contenders
from tidegate.service.endings import Endings
from tidegate.service.evaluating import FeedEvaluation
from tidegate.service.workspace import Workspace


class HandedOut(NamedTuple):
    """Who gets a slot, why others leave, and how the list changes by it."""

    found: Compressed
    gone: Endings
    changes: Changes


@dataclass(frozen=True, slots=True)
class Ground:
    """What slots are handed out on: the list, what feeds want beside it, and the room.

    `incumbents` are the feeds' rows on the list, as those know them. `merged` counts the candidates
    that joined others in one row; `aged` are the changes by which rows age out that no feed asks
    for.
    """

    ws: Workspace
    now: datetime
    moment: datetime
    held: tuple[Indicator, ...]
    live: frozenset[str]
    field: Field
    merged: int
    incumbents: frozenset[RowKey]
    quotas: Mapping[str, Quota]
    aged: Changes
    known: Known

    @classmethod
    def of(
        cls, ws: Workspace, feeds: Sequence[FeedDefinition], evaluated: Sequence[FeedEvaluation]
    ) -> Ground:
        """Look at the list and at what the feeds propose."""
        now = ws.clock()
        state = ws.store.state()
        held = tuple(ws.store.active(now))
        moment = moment_from((item.state for item in evaluated), held, state.at, now)
        # A feed that was never read is not empty: its rows, if any, age out.
        live = frozenset(i.feed for i in evaluated if i.state.last_success is not None)
        wanted = merge(proposals(ws.ledger, [item.feed for item in evaluated]), moment)
        field = contenders(held, wanted, state.suppressions.values(), live, now)
        aged = ageing(held, field.staying, moment, now)
        ends = {change.row.id: change.row for change in aged}
        # What ages out from now on covers only what ends before it.
        listed = [ends.get(row.id, row) for row in held]
        pinned = {row.feed_key for row in held if row.pinned}
        apart = {feed.id for feed in feeds if feed.each_hash}
        return cls(
            ws,
            now,
            moment,
            held,
            live,
            field,
            incumbents=frozenset(row.feed_key for row in held if row.origin is Origin.FEED),
            merged=sum(i.state.candidates for i in evaluated) - len(wanted) + field.joined,
            quotas={f.id: Quota(f.share.floor, f.share.ceiling) for f in feeds},
            aged=aged,
            known=known_of(field.competing, listed, field.staying, pinned, apart),
        )

    @property
    def room(self) -> int:
        """The slots for which rows compete."""
        others = sum(row.origin is not Origin.FEED for row in self.held)
        return self.ws.settings.for_feeds - others - len(self.field.staying)

    def made(self, rows: Iterable[Wanted]) -> Iterator[Backed]:
        """The rows themselves, with all that their candidates say."""
        named = ((item.key, item.feeds) for item in rows)
        return (backed(each, self.moment) for each in candidates_of(self.ws.ledger, named))

    def hand_out(self, wanted: Sequence[Wanted]) -> HandedOut:
        """Hand out the slots among these, and compare with the list."""
        ws, held, staying = self.ws, self.held, self.field.staying
        found = compress(wanted, self.room, self.quotas, self.known, self.incumbents)
        gone = Endings(ws.ledger, found, wanted, self.incumbents, self.field.suppressed)
        least = outlived(held, gone.covered)
        same = unchanged(ws, held, found.allocation.kept) - least.keys()
        rows = [item for item in found.allocation.kept if item.key not in same]
        changes = diff(held, self.made(rows), staying | same, gone.why, self.moment, least)
        return HandedOut(found, gone, changes + self.aged)

    def counts(self, handed: HandedOut, late: int) -> PlanCounts:
        """The plan in numbers; `late` rows wait for other reasons than rank."""
        found, _, changes = handed
        kept = {item.key for item in found.allocation.kept}
        touched = sum(c.op is not Op.REMOVE and c.row.feed_key in kept for c in changes)
        return PlanCounts(
            kept=len(kept),
            keep=len(kept) - touched,
            waiting=len(found.allocation.waiting) + late,
            merged=self.merged,
            suppressed=len(self.field.suppressed),
            covered=len(found.covered),
            saved=found.saved,
        )


def moment_from(
    states: Iterable[FeedState],
    held: Iterable[Indicator],
    changed: datetime | None,
    now: datetime,
) -> datetime:
    """When the inputs of a plan were last as they are: the last pull or the last change.

    A list that does not know when it changed says so by its rows; without any input it is now.
    """
    pulls = (state.last_success for state in states)
    known = [when for when in (*pulls, changed) if when is not None]
    return max(known or (row.updated for row in held), default=now)
