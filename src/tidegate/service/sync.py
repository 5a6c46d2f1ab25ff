"""A sync: pull the feeds, evaluate, plan, and apply what may be applied.

Each feed is pulled on its own: its failure is reported and recorded, and the others land. The lock
of the list is taken only by the apply at the end, never across the network.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tidegate.errors import ConfigError, FeedError, StalePlan
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.ledger.evaluation import save_outcomes, save_waiting
from tidegate.ledger.leaving import settle_leaving
from tidegate.ledger.refused import refusals
from tidegate.ledger.repairs import repairs_of
from tidegate.ledger.wishes import save_wishes
from tidegate.service.apply import Applied, apply
from tidegate.service.due import due_among
from tidegate.service.held import remember
from tidegate.service.planning import Evaluation, active_feeds, evaluate
from tidegate.service.pulling import Progress, Stop, chosen_feeds, heed, never, pull, quiet
from tidegate.service.workspace import Workspace

_ATTEMPTS = 3
"""How often a sync plans anew because somebody else was quicker; then it is exit 6."""


@dataclass(frozen=True, slots=True)
class FeedReport:
    """One feed in a sync. `error` is empty when it landed; `note` says that it stopped early.

    objects = indicators + others; indicators = mapped + rejected + ended;
    atoms = candidates + rejected_atoms. `repairs` counts what was read leniently, by name.
    """

    id: str
    fetched: int
    objects: int
    indicators: int
    others: int
    mapped: int
    rejected: int
    ended: int
    atoms: int
    candidates: int
    rejected_atoms: int
    error: str
    note: str
    repairs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync found, planned and did.

    `applied` is None when nothing was applied; `held_id` names what the brake withheld, if it did.
    `pulled` are the feeds whose turn it was; `feeds` are all that the plan is made of.
    """

    feeds: tuple[FeedReport, ...]
    plan: SyncPlan
    applied: Applied | None
    held_id: str = ""
    pulled: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[FeedReport, ...]:
        """The feeds that could not be read."""
        return tuple(feed for feed in self.feeds if feed.error)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the pulls came to: the evaluation, which were pulled, and errors or notes by id."""

    evaluation: Evaluation
    pulled: tuple[str, ...]
    errors: dict[str, str]
    notes: dict[str, str]


def gather(
    ws: Workspace,
    feed_ids: Sequence[str] = (),
    progress: Progress = quiet,
    *,
    due: bool = False,
    stop: Stop = never,
) -> Gathered:
    """Pull the chosen feeds, or those of them that are due, and evaluate all active ones.

    Raises ConfigError while the clock cannot be believed: no cursor moves by a wrong one. Raises
    Abandoned when asked to stop before all of them are pulled.
    """
    ws.trusted_now()
    errors: dict[str, str] = {}
    notes: dict[str, str] = {}
    chosen = chosen_feeds(ws, feed_ids)
    if due:
        chosen = due_among(ws, chosen)
    for feed in chosen:
        heed(stop)
        progress(f"{feed.id}: connecting")
        try:
            if note := pull(ws, feed, progress, due=due, stop=stop):
                notes[feed.id] = note
        except (FeedError, ConfigError) as fault:
            errors[feed.id] = str(fault)
    if not feed_ids:
        errors.update(broken_feeds(ws))
    evaluation = evaluate(ws, active_feeds(ws), progress)
    keep(ws, evaluation)
    return Gathered(evaluation, tuple(feed.id for feed in chosen), errors, notes)


def broken_feeds(ws: Workspace) -> dict[str, str]:
    """Feeds of this home whose feed.toml cannot be used, with the reason."""
    return {
        entry.id: str(entry.error)
        for entry in ws.catalogue.entries()
        if not entry.shipped and entry.error is not None
    }


def keep(ws: Workspace, evaluation: Evaluation) -> None:
    """Remember an evaluation in the ledger, for `why`, `rejections`, `quota` and `conflicts`."""
    for feed in evaluation.feeds:
        refused = refusals(ws.ledger, feed.feed)
        save_outcomes(ws.ledger, feed.feed, feed.outcomes, (*feed.unread(), *refused))
        settle_leaving(ws.ledger, feed.feed)
    save_waiting(ws.ledger, ws.tenant, evaluation.waiting)
    save_wishes(ws.ledger, ws.tenant, evaluation.wishes)


def report(ws: Workspace, gathered: Gathered, applied: Applied | None) -> SyncReport:
    """Put an evaluation into the form that people and scripts read."""
    evaluation, errors, notes = gathered.evaluation, gathered.errors, gathered.notes
    feeds = []
    known = {feed.feed: feed for feed in evaluation.feeds}
    for ident in sorted({*known, *errors}):
        if ident not in known:
            # Not evaluated: what the ledger holds of it takes no part in these numbers.
            none = dict.fromkeys(_COUNTS, 0)
            feeds.append(FeedReport(ident, **none, error=errors[ident], note="", repairs={}))
            continue
        state = ws.ledger.feed(ident)
        objects, indicators = ws.ledger.count_objects(ident)
        objects += state.junk
        feeds.append(
            FeedReport(
                id=ident,
                fetched=state.fetched,
                objects=objects,
                indicators=indicators,
                others=objects - indicators,
                **known[ident].counts(),
                error=errors.get(ident, ""),
                note=notes.get(ident, ""),
                repairs=repairs_of(ws.ledger, ident),
            )
        )
    return SyncReport(tuple(feeds), evaluation.plan, applied, pulled=gathered.pulled)


_COUNTS = (
    "fetched", "objects", "indicators", "others", "mapped", "rejected", "ended", "atoms",
    "candidates", "rejected_atoms",
)  # fmt: skip


def sync(
    ws: Workspace,
    feed_ids: Sequence[str] = (),
    *,
    due: bool = False,
    dry_run: bool = False,
    confirm: Callable[[SyncPlan], bool] = lambda _: True,
    progress: Progress = quiet,
    stop: Stop = never,
) -> SyncReport:
    """Pull, plan and apply. `confirm` is asked with each plan that changes anything.

    `due` leaves out the feeds whose turn has not come.

    When somebody else writes between plan and apply, it plans again from what was pulled. A dry
    run pulls, too, and so needs a home that may be written to.
    """
    ws.writable()
    gathered = gather(ws, feed_ids, progress, due=due, stop=stop)
    applied, held_id = None, ""
    for attempt in range(_ATTEMPTS):
        plan = gathered.evaluation.plan
        if dry_run:
            break
        held_id = remember(ws, plan)
        if not (plan.empty or confirm(plan)):
            break
        progress("applying")
        try:
            applied = apply(ws, plan)
        except StalePlan:
            if attempt == _ATTEMPTS - 1:
                raise
            again = evaluate(ws, active_feeds(ws), progress)
            keep(ws, again)
            gathered = dataclasses.replace(gathered, evaluation=again)
        else:
            break
    return dataclasses.replace(report(ws, gathered, applied), held_id=held_id)


def sizes(plan: SyncPlan) -> dict[str, int]:
    """The numbers of a plan under the names of the JSON contract."""
    counts = plan.counts
    return {
        "create": plan.count(Op.CREATE),
        "update": plan.count(Op.UPDATE),
        "remove": plan.count(Op.REMOVE),
        "keep": counts.keep,
        "kept": counts.kept,
        "waiting": counts.waiting,
        "merged": counts.merged,
        "suppressed": counts.suppressed,
        "held": len(plan.held),
    }
