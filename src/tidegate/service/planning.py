"""From the ledger to a plan: evaluate what feeds said, hand out slots, compare with the list.

No download happens here, so a changed policy can be planned in seconds. The same inputs give the
same plan whatever the clock says meanwhile, unless something expires, begins or reaches an age that
a rule asks for: what a plan dates, it dates by its inputs. Refuses to write to the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from tidegate.allocation.allocate import Allocation, Queued, Quota
from tidegate.allocation.brake import Changes, FeedNumbers, Thresholds, brake
from tidegate.allocation.compress import Compressed, compress, known_of
from tidegate.allocation.conflict import beside
from tidegate.allocation.diff import ageing, diff, outlived
from tidegate.allocation.flood import FLOOD, flooding, floods
from tidegate.allocation.merge import Backed, Wanted, backed, merge
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Op, PlanCounts, SyncPlan
from tidegate.ledger.agreed import judgement_of
from tidegate.ledger.evaluation import Waiting, candidates_of, proposals
from tidegate.ledger.ledger import FeedState
from tidegate.ledger.wishes import Wish
from tidegate.service.agreeing import unchanged
from tidegate.service.collecting import uncollected
from tidegate.service.contending import contenders
from tidegate.service.endings import Endings
from tidegate.service.evaluating import (
    FeedEvaluation,
    active_feeds,
    evaluate_feeds,
)
from tidegate.service.measuring import numbers_of
from tidegate.service.workspace import Workspace
from tidegate.store.records import indicator_record


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All active feeds evaluated, and the plan that follows.

    `late` are rows that wait for other reasons than rank. `wishes` are what feeds want beside
    rows that people decided on: conflicts, where they differ. `numbers` are how much feeds propose
    beside before, `braked` the feeds whose part the brake holds for that, `notes` what is to be
    said of the room on the list. `judgement` tells whether any feed was judged since.
    """

    feeds: tuple[FeedEvaluation, ...]
    plan: SyncPlan
    allocation: Allocation
    late: tuple[Queued, ...] = ()
    wishes: tuple[Wish, ...] = ()
    numbers: tuple[FeedNumbers, ...] = ()
    braked: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    judgement: frozenset[tuple[str, bytes]] = frozenset()

    def queue(self) -> Iterator[Waiting]:
        """The rows that wait for a slot, the next one in first."""
        for place, item in enumerate(chain(self.allocation.queue(), self.late), 1):
            wanted = item.wanted
            yield Waiting(wanted.key, wanted.score, place, wanted.feeds, item.reason)


def evaluate(
    ws: Workspace,
    feeds: Sequence[FeedDefinition],
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Evaluate the feeds from the ledger and plan the list that follows."""
    with ws.one_ledger():
        evaluated = evaluate_feeds(ws, feeds, progress)
        progress("ranking")
        return plan_list(ws, feeds, evaluated)


def plan_list(
    ws: Workspace, feeds: Sequence[FeedDefinition], evaluated: Sequence[FeedEvaluation]
) -> Evaluation:
    """Hand out the slots and compare with the list.

    What feeds propose is read as of one moment: another process may evaluate meanwhile.
    """
    with uncollected(), ws.one_ledger(), ws.ledger.reading():
        known = [FeedEvaluation(item.feed, ws.ledger.feed(item.feed)) for item in evaluated]
        return _plan_list(ws, feeds, known)


def _plan_list(
    ws: Workspace, feeds: Sequence[FeedDefinition], evaluated: Sequence[FeedEvaluation]
) -> Evaluation:
    now = ws.clock()
    state = ws.store.state()
    held = tuple(ws.store.active(now))
    moment = _moment((item.state for item in evaluated), held, state.at, now)
    # A feed that was never read is not empty: its rows, if any, age out.
    live = {item.feed for item in evaluated if item.state.last_success is not None}
    candidates = sum(item.state.candidates for item in evaluated)
    wanted = merge(proposals(ws.ledger, [item.feed for item in evaluated]), moment)

    def made(rows: Iterable[Wanted]) -> Iterator[Backed]:
        named = ((item.key, item.feeds) for item in rows)
        return (backed(each, moment) for each in candidates_of(ws.ledger, named))

    field = contenders(held, wanted, state.suppressions.values(), live, now)
    others = sum(row.origin is not Origin.FEED for row in held)
    room = ws.settings.for_feeds - others - len(field.staying)
    quotas = {f.id: Quota(f.share.floor, f.share.ceiling) for f in feeds}
    pinned = {row.feed_key for row in held if row.pinned}
    incumbents = {row.feed_key for row in held if row.origin is Origin.FEED}
    apart = {feed.id for feed in feeds if feed.each_hash}
    aged = ageing(held, field.staying, moment, now)
    ends = {change.row.id: change.row for change in aged}
    # What ages out from now on covers only what ends before it.
    listed = [ends.get(row.id, row) for row in held]
    known = known_of(field.competing, listed, field.staying, pinned, apart)

    def handed_out(wanted: Sequence[Wanted]) -> tuple[Compressed, Endings, Changes]:
        found = compress(wanted, room, quotas, known, incumbents)
        gone = Endings(ws.ledger, found, incumbents, field.suppressed)
        least = outlived(held, gone.covered)
        same = unchanged(ws, held, found.allocation.kept) - least.keys()
        rows = [item for item in found.allocation.kept if item.key not in same]
        changes = diff(held, made(rows), field.staying | same, gone.why, moment, least)
        return found, gone, changes + aged

    numbers = numbers_of(
        ws, feeds, {item.feed: item.state.candidates for item in evaluated if item.feed in live}
    )
    limit, settings = ws.settings.for_feeds, ws.settings.brake
    thresholds = Thresholds(settings.count, settings.percent, settings.shrink)
    late: list[Queued] = []
    found, gone, changes = handed_out(field.competing)
    full = changes
    if flood := floods(changes, numbers, limit, thresholds):
        # Handed out again without the flood: others shall not wait for room that stays free.
        calm: list[Wanted] = []
        for item in field.competing:
            if flooding(item.feeds, flood) and item.key not in incumbents:
                late.append(Queued(item, FLOOD))
            else:
                calm.append(item)
        found, gone, changes = handed_out(calm)
    allocation = found.allocation
    removals = [change.row for change in changes if change.op is Op.REMOVE]
    ruled_out = {each.feed for each in numbers if each.ruled_out}
    late += [Queued(each.wanted, each.reason) for each in found.covered]
    braked = brake(
        held,
        changes,
        gone.waiting,
        limit,
        thresholds,
        numbers,
        withdrawn={row.id for row in removals if gone.withdrawn(row)},
        refused={row.id for row in removals if gone.refused(row, ruled_out)},
        covered=gone.covered,
        floods=flood,
        full=full,
    )
    kept_keys = {item.key for item in allocation.kept}
    counts = PlanCounts(
        kept=len(allocation.kept),
        keep=len(allocation.kept)
        - sum(1 for c in changes if c.op is not Op.REMOVE and c.row.feed_key in kept_keys),
        waiting=len(allocation.waiting) + len(late),
        merged=candidates - len(wanted) + field.joined,
        suppressed=len(field.suppressed),
        covered=len(found.covered),
        saved=found.saved,
    )
    plan = SyncPlan(
        lineage=state.lineage,
        serial=state.serial,
        door="sync",
        reason="sync of " + (", ".join(sorted(live)) or "no feed"),
        changes=braked.go,
        counts=counts,
        held=braked.held,
        held_reason=braked.reason,
    )
    # Also what is suppressed now: lifting that makes it a conflict again.
    wishes = tuple(
        Wish(each.row.key, indicator_record(each.row)) for each in made(beside(held, field.near))
    )
    return Evaluation(
        tuple(evaluated),
        plan,
        allocation,
        tuple(late),
        wishes,
        numbers,
        braked.feeds,
        braked.notes,
        judgement_of(ws.ledger),
    )


def moment_of(ws: Workspace) -> datetime:
    """When a plan made now would date its inputs."""
    now = ws.clock()
    states = (ws.ledger.feed(feed.id) for feed in active_feeds(ws))
    # Rows are made when they are looked at, which is where nothing else is known.
    held = (row for _ in (None,) for row in ws.store.active(now))
    return _moment(states, held, ws.store.state().at, now)


def _moment(
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
