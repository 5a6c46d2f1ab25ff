"""From the ledger to a plan: evaluate what feeds said, hand out slots, compare with the list.

No download happens here, so a changed policy can be planned in seconds. Owns the sentence that a
removal is explained with. Refuses to write anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.allocation.allocate import Allocation, Quota, allocate
from tidegate.allocation.brake import Thresholds, brake
from tidegate.allocation.diff import diff, stays
from tidegate.allocation.merge import merge
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Op, PlanCounts, SyncPlan
from tidegate.ledger.evaluation import Waiting
from tidegate.ledger.ledger import FeedState, Object
from tidegate.mapping.candidate import Candidate, Outcome, Rejection, Standing
from tidegate.mapping.translate import reject_object, translate
from tidegate.service.workspace import Workspace
from tidegate.stix.objects import Defect, read_indicator


@dataclass(frozen=True, slots=True)
class FeedEvaluation:
    """What one feed's objects come to under its policy now."""

    feed: str
    outcomes: tuple[Outcome, ...]
    state: FeedState

    @property
    def candidates(self) -> Iterable[Candidate]:
        """All candidates of the feed."""
        return (c for outcome in self.outcomes for c in outcome.candidates)

    def counts(self) -> dict[str, int]:
        """Indicators by how they ended, and atoms; see DESIGN's equations."""
        standing = [outcome.standing for outcome in self.outcomes]
        candidates = sum(len(outcome.candidates) for outcome in self.outcomes)
        rejected_atoms = sum(outcome.rejected_atoms for outcome in self.outcomes)
        return {
            "mapped": standing.count(Standing.MAPPED),
            "rejected": standing.count(Standing.REJECTED),
            "ended": standing.count(Standing.ENDED),
            "atoms": candidates + rejected_atoms,
            "candidates": candidates,
            "rejected_atoms": rejected_atoms,
        }

    def unread(self) -> tuple[Rejection, ...]:
        """Entries of the feed's pages that were no STIX objects at all."""
        if not self.state.junk:
            return ()
        detail = f"{self.state.junk} entries in this feed's pages are not JSON objects"
        return (Rejection(self.feed, "", "not_an_object", detail),)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All active feeds evaluated, and the plan that follows."""

    feeds: tuple[FeedEvaluation, ...]
    plan: SyncPlan
    allocation: Allocation
    waiting: tuple[Waiting, ...] = field(default=())


def active_feeds(ws: Workspace) -> tuple[FeedDefinition, ...]:
    """The feeds that this home has switched on, by id."""
    return tuple(
        entry.definition for entry in ws.catalogue.active() if entry.definition is not None
    )


def evaluate_feed(
    ws: Workspace, feed: FeedDefinition, objects: Iterable[Object], state: FeedState
) -> FeedEvaluation:
    """Translate a feed's indicators under its policy. One bad object never sinks the rest."""
    now, guards, dialect = ws.clock(), ws.guards, ws.dialect
    outcomes = []
    for raw in objects:
        indicator = read_indicator(raw)
        if isinstance(indicator, Defect):
            outcomes.append(reject_object(indicator, str(raw["id"]), feed.id))
        else:
            outcomes.append(translate(indicator, feed, guards, dialect, state.published, now))
    return FeedEvaluation(feed.id, tuple(outcomes), state)


def evaluate(
    ws: Workspace,
    feeds: Sequence[FeedDefinition],
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Evaluate the feeds from the ledger and plan the list that follows."""
    evaluated = []
    for feed in feeds:
        progress(f"reading what {feed.id} said")
        evaluated.append(
            evaluate_feed(ws, feed, ws.ledger.indicators(feed.id), ws.ledger.feed(feed.id))
        )
    progress("ranking")
    return plan_list(ws, feeds, evaluated)


def plan_list(
    ws: Workspace, feeds: Sequence[FeedDefinition], evaluated: Sequence[FeedEvaluation]
) -> Evaluation:
    """Hand out the slots and compare with the list."""
    now = ws.clock()
    state = ws.store.state()
    held = tuple(ws.store.active(now))
    # A feed that was never read is not empty: its rows, if any, age out.
    live = {item.feed for item in evaluated if item.state.last_success is not None}
    candidates = [c for evaluation in evaluated for c in evaluation.candidates]
    wanted = merge(candidates, now)

    suppressed_keys = {
        s.key for s in state.suppressions.values() if s.until is None or s.until > now
    }
    not_ours = {row.key for row in held if row.origin is not Origin.FEED}
    staying = {row.feed_key for row in held if stays(row, live)}
    suppressed = [w for w in wanted if w.key in suppressed_keys and w.key not in not_ours]
    joined = [w for w in wanted if w.key in not_ours]
    competing = [w for w in wanted if w.key not in suppressed_keys and w.key not in not_ours]
    # A row that another feed still wants competes like any other.
    staying -= {w.key for w in competing}
    room = ws.settings.limit - len(not_ours) - len(staying)
    quotas = {f.id: Quota(f.share.floor, f.share.ceiling) for f in feeds}
    pinned = {row.feed_key for row in held if row.pinned}
    allocation = allocate(competing, room, quotas, pinned)

    gone = _Endings(evaluated, allocation, suppressed_keys)
    changes = diff(held, allocation.kept, staying, gone.why, now)
    thresholds = Thresholds(ws.settings.brake.count, ws.settings.brake.percent)
    queued = {item.wanted.key for item in allocation.waiting}
    braked = brake(held, changes, queued, ws.settings.limit, thresholds)
    counts = PlanCounts(
        kept=len(allocation.kept),
        keep=len(allocation.kept)
        - sum(1 for change in changes if change.op in (Op.CREATE, Op.UPDATE)),
        waiting=len(allocation.waiting),
        merged=len(candidates) - len(wanted) + len(joined),
        suppressed=len(suppressed),
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
    return Evaluation(tuple(evaluated), plan, allocation, _queue(allocation))


def _queue(allocation: Allocation) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(item.wanted.key, item.wanted.score, place, item.wanted.row.feeds, item.reason)
        for place, item in enumerate(allocation.waiting, 1)
    )


class _Endings:
    """Why a row leaves: looked up from how its sources ended."""

    def __init__(
        self,
        evaluated: Iterable[FeedEvaluation],
        allocation: Allocation,
        suppressed: set[RowKey],
    ) -> None:
        self._outcomes: Mapping[tuple[str, str], Outcome] = {
            (evaluation.feed, outcome.stix_id): outcome
            for evaluation in evaluated
            for outcome in evaluation.outcomes
        }
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
