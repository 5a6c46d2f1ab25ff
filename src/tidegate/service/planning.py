"""From the ledger to a plan: evaluate what feeds said, hand out slots, compare with the list.

No download happens here, so a changed policy can be planned in seconds. The same inputs give the
same plan whatever the clock says meanwhile, unless something expires, begins or reaches an age that
a rule asks for: what a plan dates, it dates by its inputs. Refuses to write anything.
"""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tidegate.allocation.allocate import Allocation, Queued, Quota, allocate
from tidegate.allocation.brake import FeedNumbers, Thresholds, brake
from tidegate.allocation.conflict import beside
from tidegate.allocation.diff import ageing, diff, stays
from tidegate.allocation.flood import flooding, floods
from tidegate.allocation.merge import Wanted, merge
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator, RowKey, Suppression
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, Op, PlanCounts, SyncPlan
from tidegate.ledger.evaluation import Waiting
from tidegate.ledger.ledger import FeedState, Object
from tidegate.ledger.refused import contested, contested_outcome
from tidegate.ledger.wishes import Wish
from tidegate.mapping.candidate import Outcome, Rejection
from tidegate.mapping.evaluated import Evaluated
from tidegate.mapping.translate import reject_object, translate
from tidegate.service.endings import Endings
from tidegate.service.measuring import numbers_of
from tidegate.service.workspace import Workspace
from tidegate.stix.context import TYPES, FeedContext
from tidegate.stix.objects import Defect, read_indicator
from tidegate.store.records import indicator_record


@dataclass(frozen=True, slots=True)
class FeedEvaluation:
    """What one feed's objects come to under its policy now."""

    feed: str
    found: Evaluated
    state: FeedState

    def unread(self) -> tuple[Rejection, ...]:
        """Entries of the feed's pages that were no STIX objects at all."""
        if not self.state.junk:
            return ()
        detail = f"{self.state.junk} entries in this feed's pages are not JSON objects"
        return (Rejection(self.feed, "", "not_an_object", detail),)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All active feeds evaluated, and the plan that follows.

    `wishes` are what feeds want beside rows that people decided on: conflicts, where they differ.
    `numbers` are how much feeds propose beside before, `braked` the feeds whose part the brake
    holds for that, `notes` what is to be said of the room on the list.
    """

    feeds: tuple[FeedEvaluation, ...]
    plan: SyncPlan
    allocation: Allocation
    waiting: tuple[Waiting, ...] = field(default=())
    wishes: tuple[Wish, ...] = field(default=())
    numbers: tuple[FeedNumbers, ...] = field(default=())
    braked: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())


def active_feeds(ws: Workspace) -> tuple[FeedDefinition, ...]:
    """The feeds that this home has switched on, by id."""
    return tuple(
        entry.definition for entry in ws.catalogue.active() if entry.definition is not None
    )


def context_of(ws: Workspace, feed: FeedDefinition) -> FeedContext:
    """What a feed says around its indicators, but for what it contradicts itself in."""
    unused = contested(ws.ledger, feed.id)
    around = ws.ledger.objects_of(feed.id, TYPES)
    return FeedContext((raw for raw in around if raw["id"] not in unused), feed.tlp_default)


def outcomes_of(
    ws: Workspace,
    feed: FeedDefinition,
    objects: Iterable[Object],
    state: FeedState,
    context: FeedContext,
) -> Iterator[Outcome]:
    """Translate a feed's indicators under its policy, each as it is asked for, in their order.

    One bad object never sinks the rest.
    """
    now, guards, dialect = ws.clock(), ws.guards, ws.dialect
    # The last pull knows best what time it was; the feed's later evidence is from the future.
    heard = state.last_attempt or state.last_success
    unused = contested(ws.ledger, feed.id)
    for raw in objects:
        if unused and raw.get("id") in unused:
            yield contested_outcome(feed.id, str(raw["id"]))
            continue
        indicator = read_indicator(raw)
        if isinstance(indicator, Defect):
            yield reject_object(indicator, str(raw["id"]), feed.id)
        else:
            around = context.of(indicator.id)
            yield translate(indicator, feed, guards, dialect, state.published, now, heard, around)


def evaluate_feed(
    ws: Workspace,
    feed: FeedDefinition,
    objects: Iterable[Object],
    state: FeedState,
    context: FeedContext,
) -> FeedEvaluation:
    """Gather what a feed's indicators come to under its policy."""
    found = Evaluated(feed.id)
    for outcome in outcomes_of(ws, feed, objects, state, context):
        found.add(outcome)
    return FeedEvaluation(feed.id, found, state)


def evaluate_from_ledger(ws: Workspace, feed: FeedDefinition) -> FeedEvaluation:
    """Translate all that the ledger holds of a feed."""
    ledger = ws.ledger
    return evaluate_feed(
        ws, feed, ledger.indicators(feed.id), ledger.feed(feed.id), context_of(ws, feed)
    )


def evaluate(
    ws: Workspace,
    feeds: Sequence[FeedDefinition],
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Evaluate the feeds from the ledger and plan the list that follows."""
    evaluated = []
    with uncollected():
        for feed in feeds:
            progress(f"reading what {feed.id} said")
            evaluated.append(evaluate_from_ledger(ws, feed))
        progress("ranking")
        return plan_list(ws, feeds, evaluated)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles off: hundreds of thousands of values grow that make none.

    It would go through all of them again and again, which takes a quarter of the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def plan_list(
    ws: Workspace, feeds: Sequence[FeedDefinition], evaluated: Sequence[FeedEvaluation]
) -> Evaluation:
    """Hand out the slots and compare with the list."""
    now = ws.clock()
    state = ws.store.state()
    held = tuple(ws.store.active(now))
    moment = _moment(evaluated, held, state.at, now)
    # A feed that was never read is not empty: its rows, if any, age out.
    live = {item.feed for item in evaluated if item.state.last_success is not None}
    wanted = merge((c for e in evaluated for c in e.found.candidates), moment)

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

    def handed_out(
        wanted: Sequence[Wanted],
    ) -> tuple[Allocation, Endings, tuple[Change[Indicator], ...]]:
        allocation = allocate(wanted, room, quotas, pinned)
        gone = Endings([e.found for e in evaluated], allocation, suppressed_keys)
        changes = diff(held, allocation.kept, staying, gone.why, moment)
        return allocation, gone, changes + ageing(held, staying, moment, now)

    counts_now = {e.feed: len(e.found.candidates) for e in evaluated if e.feed in live}
    numbers = numbers_of(ws, feeds, counts_now)
    limit, settings = ws.settings.limit, ws.settings.brake
    thresholds = Thresholds(settings.count, settings.percent, settings.shrink)
    allocation, gone, changes = handed_out(competing)
    full = changes
    if found := floods(changes, numbers, limit, thresholds):
        # Handed out again without the flood: others shall not wait for room that stays free.
        ours = {row.feed_key for row in held}
        stopped = [w for w in competing if flooding(w.feeds, found) and w.key not in ours]
        left_out = {w.key for w in stopped}
        allocation, gone, changes = handed_out([w for w in competing if w.key not in left_out])
        late = tuple(Queued(w, "the brake holds the flood of its feed") for w in stopped)
        allocation = dataclasses.replace(allocation, waiting=(*allocation.waiting, *late))
    braked = brake(
        held,
        changes,
        {item.wanted.key for item in allocation.waiting},
        limit,
        thresholds,
        numbers,
        withdrawn={c.row.id for c in changes if c.op is Op.REMOVE and gone.withdrawn(c.row)},
        floods=found,
        full=full,
    )
    kept_keys = {item.key for item in allocation.kept}
    counts = PlanCounts(
        kept=len(allocation.kept),
        keep=len(allocation.kept)
        - sum(1 for c in changes if c.op is not Op.REMOVE and c.row.feed_key in kept_keys),
        waiting=len(allocation.waiting),
        merged=sum(len(e.found.candidates) for e in evaluated) - len(wanted) + len(joined),
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
    wishes = tuple(Wish(item.key, indicator_record(item.row)) for item in beside(held, wanted))
    return Evaluation(
        tuple(evaluated),
        plan,
        allocation,
        _queue(allocation),
        wishes,
        numbers,
        braked.feeds,
        braked.notes,
    )


def _moment(
    evaluated: Iterable[FeedEvaluation],
    held: Iterable[Indicator],
    changed: datetime | None,
    now: datetime,
) -> datetime:
    """When the inputs of a plan were last as they are: the last pull or the last change.

    A list that does not know when it changed says so by its rows; without any input it is now.
    """
    pulls = (item.state.last_success for item in evaluated)
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
