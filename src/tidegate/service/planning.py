"""From the ledger to a plan: evaluate what feeds said, hand out slots, compare with the list.

No download happens here, so a changed policy can be planned in seconds. The same inputs give the
same plan whatever the clock says meanwhile, unless something expires, begins or reaches an age that
a rule asks for: what a plan dates, it dates by its inputs. Refuses to write to the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from tidegate.allocation.allocate import Allocation, Queued
from tidegate.allocation.brake import FeedNumbers, Thresholds, brake
from tidegate.allocation.conflict import beside
from tidegate.allocation.flood import FLOOD, flooding, floods
from tidegate.allocation.merge import Wanted
from tidegate.feed import FeedDefinition
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.ledger.agreed import judgement_of
from tidegate.ledger.evaluation import Waiting
from tidegate.ledger.wishes import Wish
from tidegate.service.collecting import uncollected
from tidegate.service.evaluating import (
    FeedEvaluation,
    evaluate_feeds,
)
from tidegate.service.handing_out import Ground, moment_from
from tidegate.service.measuring import numbers_of
from tidegate.service.workspace import Workspace, active_feeds
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
    ground = Ground.of(ws, feeds, evaluated)
    held, field = ground.held, ground.field
    said = {each.feed: each.state.candidates for each in evaluated if each.feed in ground.live}
    numbers = numbers_of(ws, feeds, said)
    limit, settings = ws.settings.for_feeds, ws.settings.brake
    thresholds = Thresholds(settings.count, settings.percent, settings.shrink)
    late: list[Queued] = []
    handed = ground.hand_out(field.competing)
    full = handed.changes
    if flood := floods(full, numbers, limit, thresholds):
        # Handed out again without the flood: others shall not wait for room that stays free.
        calm: list[Wanted] = []
        for item in field.competing:
            if flooding(item.feeds, flood) and item.key not in ground.incumbents:
                late.append(Queued(item, FLOOD))
            else:
                calm.append(item)
        handed = ground.hand_out(calm)
    found, gone, changes = handed
    late += [Queued(each.wanted, each.reason) for each in found.covered]
    removals = [change.row for change in changes if change.op is Op.REMOVE]
    ruled_out = {each.feed for each in numbers if each.ruled_out}
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
    state = ws.store.state()
    plan = SyncPlan(
        lineage=state.lineage,
        serial=state.serial,
        door="sync",
        reason="sync of " + (", ".join(sorted(ground.live)) or "no feed"),
        changes=braked.go,
        counts=ground.counts(handed, len(late)),
        held=braked.held,
        held_reason=braked.reason,
    )
    # Also what is suppressed now: lifting that makes it a conflict again.
    wishes = tuple(
        Wish(each.row.key, indicator_record(each.row))
        for each in ground.made(beside(held, field.near))
    )
    return Evaluation(
        tuple(evaluated),
        plan,
        found.allocation,
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
    return moment_from(states, held, ws.store.state().at, now)
