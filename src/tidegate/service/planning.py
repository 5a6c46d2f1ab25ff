"""From the ledger to a plan: evaluate what feeds said, hand out slots, compare with the list.

No download happens here, so a changed policy can be planned in seconds. The same inputs give the
same plan whatever the clock says meanwhile, unless something expires, begins or reaches an age that
a rule asks for: what a plan dates, it dates by its inputs. Refuses to write to the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tidegate.allocation.allocate import Allocation, Quota, allocate
from tidegate.allocation.brake import Thresholds, brake
from tidegate.allocation.conflict import beside
from tidegate.allocation.diff import ageing, diff, stays
from tidegate.allocation.merge import Backed, Wanted, backed, merge
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator, RowKey, Suppression
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Op, PlanCounts, SyncPlan
from tidegate.ledger.evaluation import Waiting, candidates_of, proposals
from tidegate.ledger.ledger import FeedState
from tidegate.ledger.wishes import Wish
from tidegate.service.endings import Endings
from tidegate.service.evaluating import (
    FeedEvaluation,
    active_feeds,
    evaluate_feeds,
    uncollected,
)
from tidegate.service.workspace import Workspace
from tidegate.store.records import indicator_record


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All active feeds evaluated, and the plan that follows.

    `wishes` are what feeds want beside rows that people decided on: conflicts, where they differ.
    """

    feeds: tuple[FeedEvaluation, ...]
    plan: SyncPlan
    allocation: Allocation
    waiting: tuple[Waiting, ...] = field(default=())
    wishes: tuple[Wish, ...] = field(default=())


def evaluate(
    ws: Workspace,
    feeds: Sequence[FeedDefinition],
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Evaluate the feeds from the ledger and plan the list that follows."""
    evaluated = evaluate_feeds(ws, feeds, progress)
    progress("ranking")
    return plan_list(ws, feeds, evaluated)


def plan_list(
    ws: Workspace, feeds: Sequence[FeedDefinition], evaluated: Sequence[FeedEvaluation]
) -> Evaluation:
    """Hand out the slots and compare with the list."""
    with uncollected():
        return _plan_list(ws, feeds, evaluated)


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

    def back(item: Wanted) -> Backed:
        return backed(candidates_of(ws.ledger, item.key, item.feeds), moment)

    suppressed_keys = kept_out(state.suppressions.values(), wanted, now)
    # A feed's row that a person moved to another scope is still known to its feeds by the old one,
    # and keeps others off the new one.
    moved = [row for row in held if row.origin is Origin.FEED and row.key != row.feed_key]
    not_ours = {row.key for row in held if row.origin is not Origin.FEED}
    not_ours |= {row.key for row in moved}
    not_ours -= {row.feed_key for row in moved}
    staying = {row.feed_key for row in held if stays(row, live)}
    suppressed = [w for w in wanted if w.key in suppressed_keys and w.key not in not_ours]
    joined = [w for w in wanted if w.key in not_ours]
    competing = [w for w in wanted if w.key not in suppressed_keys and w.key not in not_ours]
    # A row that another feed still wants competes like any other.
    staying -= {w.key for w in competing}
    others = sum(row.origin is not Origin.FEED for row in held)
    room = ws.settings.limit - others - len(staying)
    quotas = {f.id: Quota(f.share.floor, f.share.ceiling) for f in feeds}
    pinned = {row.feed_key for row in held if row.pinned}
    allocation = allocate(competing, room, quotas, pinned)

    gone = Endings(ws.ledger, allocation, suppressed_keys)
    changes = diff(held, allocation.kept, back, staying, gone.why, moment)
    changes += ageing(held, staying, moment, now)
    thresholds = Thresholds(ws.settings.brake.count, ws.settings.brake.percent)
    queued = {item.wanted.key for item in allocation.waiting}
    braked = brake(held, changes, queued, ws.settings.limit, thresholds)
    kept_keys = {item.key for item in allocation.kept}
    counts = PlanCounts(
        kept=len(allocation.kept),
        keep=len(allocation.kept)
        - sum(1 for c in changes if c.op is not Op.REMOVE and c.row.feed_key in kept_keys),
        waiting=len(allocation.waiting),
        merged=candidates - len(wanted) + len(joined),
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
    # Also what is suppressed now: lifting that makes it a conflict again.
    wishes = tuple(
        Wish(item.key, indicator_record(back(item).row)) for item in beside(held, wanted)
    )
    return Evaluation(tuple(evaluated), plan, allocation, _queue(allocation), wishes)


def moment_of(ws: Workspace) -> datetime:
    """When a plan made now would date its inputs."""
    now = ws.clock()
    states = (ws.ledger.feed(feed.id) for feed in active_feeds(ws))
    return _moment(states, tuple(ws.store.active(now)), ws.store.state().at, now)


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


def _queue(allocation: Allocation) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(item.wanted.key, item.wanted.score, place, item.wanted.feeds, item.reason)
        for place, item in enumerate(allocation.waiting, 1)
    )


class Known(Protocol):
    """What feeds know by a value, and a file by its other hashes: a row, or one that is wanted."""

    @property
    def feed_key(self) -> RowKey:
        """Its identity as feeds know it."""

    @property
    def value(self) -> str:
        """The canonical value."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other hashes of the file, each as `FileSha1:<hex>`."""


def kept_out(notes: Iterable[Suppression], rows: Iterable[Known], now: datetime) -> set[RowKey]:
    """The rows that a suppression keeps out, by their value or by another hash of theirs.

    They are named by the key under which feeds know them.
    """
    by_value: dict[str, list[Suppression]] = {}
    for note in notes:
        if note.active(now):
            by_value.setdefault(note.value, []).append(note)
    if not by_value:
        return set()
    return {
        row.feed_key
        for row in rows
        if any(
            note.covers(row.feed_key.groups)
            for value in (row.value, *(a.partition(":")[2] for a in row.aliases))
            for note in by_value.get(value, ())
        )
    }
