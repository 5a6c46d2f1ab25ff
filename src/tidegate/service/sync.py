"""A sync: pull the feeds, evaluate, plan, and apply what may be applied.

Feeds are pulled side by side, each on its own: its failure is reported and recorded, and the others
land. The lock of the list is taken only by the apply at the end, never across the network.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tidegate.errors import ExitCode, StalePlan
from tidegate.feed import FeedDefinition
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.ledger.edges import save_edges
from tidegate.ledger.evaluation import save_waiting
from tidegate.ledger.leaving import settle_leaving
from tidegate.ledger.ledger import FeedState
from tidegate.ledger.repairs import repairs_of
from tidegate.ledger.wishes import save_wishes
from tidegate.service import agreeing
from tidegate.service.accepting import Accepted, Only, accept
from tidegate.service.apply import Applied, apply
from tidegate.service.asking import hear_more, settle_clock
from tidegate.service.due import due_among
from tidegate.service.held import remember
from tidegate.service.measuring import let_through
from tidegate.service.planning import Evaluation, evaluate
from tidegate.service.pulling import Pulled, Stop, chosen_feeds, never, pull, quiet
from tidegate.service.runs import FeedRun, Run, recording
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.sources.base import Progress

Answer = bool | Only | None
"""What is said to a plan: yes, no, some of it, or None for another plan."""

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
    `notes` are what else there is to say of the room on the list. `pulled` are the feeds whose turn
    it was; `feeds` are all that the plan is made of. `run` is what stays of it on the record.
    `part` is what was accepted of the plan, where that was not all of it.
    """

    feeds: tuple[FeedReport, ...]
    plan: SyncPlan
    applied: Applied | None
    held_id: str = ""
    pulled: tuple[str, ...] = ()
    run: Run | None = None
    notes: tuple[str, ...] = ()
    part: Accepted | None = None

    @property
    def failed(self) -> tuple[FeedReport, ...]:
        """The feeds that could not be read."""
        return tuple(feed for feed in self.feeds if feed.error)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the pulls came to: the evaluation, how each pull ended, and feeds that are unusable."""

    evaluation: Evaluation
    pulled: Mapping[str, Pulled]
    broken: Mapping[str, str]

    def error(self, feed: str) -> str:
        """Why a feed did not land; empty when it did, or was not to."""
        return self.broken.get(feed) or self.pulled.get(feed, _NOT_PULLED).error


_NOT_PULLED = Pulled()


def gather(
    ws: Workspace,
    chosen: Sequence[FeedDefinition],
    progress: Progress = quiet,
    *,
    due: bool = False,
    stop: Stop = never,
) -> Gathered:
    """Pull these feeds and evaluate all active ones.

    Raises Abandoned when asked to stop before all of them are pulled, and ConfigError where their
    servers agree that the clock is wrong: what came stays in the ledger.
    """
    pulled = pull(ws, chosen, progress, due=due, stop=stop)
    hear_more(ws, pulled)
    ws.trusted_now()  # by what servers have said of the time, before anything expires
    evaluation = evaluate(ws, active_feeds(ws), progress)
    keep(ws, evaluation)
    return Gathered(evaluation, {feed.id: pulled[feed.id] for feed in chosen}, {})


def broken_feeds(ws: Workspace) -> dict[str, str]:
    """Feeds of this home whose feed.toml cannot be used, with the reason."""
    return {
        entry.id: str(entry.error)
        for entry in ws.catalogue.entries()
        if not entry.shipped and entry.error is not None
    }


def keep(ws: Workspace, evaluation: Evaluation) -> None:
    """Remember what a plan came to, for `why`, `quota` and `conflicts`."""
    for feed in evaluation.feeds:
        settle_leaving(ws.ledger, feed.feed)
    save_waiting(ws.ledger, ws.tenant, evaluation.queue())
    save_edges(ws.ledger, ws.tenant, evaluation.allocation.edges)
    save_wishes(ws.ledger, ws.tenant, evaluation.wishes)


def settle(ws: Workspace, evaluation: Evaluation) -> Applied:
    """Apply the plan of an evaluation. What its feeds propose is ordinary from then on.

    Raises what `apply` raises; nothing is changed then.
    """
    done = apply(ws, evaluation.plan)
    _settled(ws, evaluation, evaluation.braked)
    return done


def settle_part(ws: Workspace, evaluation: Evaluation, part: Accepted) -> Applied:
    """Apply what was accepted of the plan of an evaluation, and only to the list it is about.

    What the feeds propose whose rows all went is ordinary from then on; of the others it is what it
    was. Raises what `apply` raises; nothing is changed then.
    """
    done = apply(ws, part.plan, rebase=False)
    waiting = part.waiting
    feeds = evaluation.braked | {feed for change in waiting for feed in change.row.feeds}
    # As what the brake holds does: the rows that wait are not as their feeds want them.
    plan = dataclasses.replace(part.plan, held=(*part.plan.held, *waiting))
    _settled(ws, dataclasses.replace(evaluation, plan=plan), feeds)
    return done


def _settled(ws: Workspace, evaluation: Evaluation, waits: Collection[str]) -> None:
    let_through(ws, active_feeds(ws), evaluation.numbers, waits)
    kept = evaluation.allocation.kept
    agreeing.remember(ws, kept, evaluation.plan, evaluation.judgement)


def report(ws: Workspace, gathered: Gathered, applied: Applied | None) -> SyncReport:
    """Put an evaluation into the form that people and scripts read."""
    evaluation = gathered.evaluation
    feeds = []
    known = {feed.feed: feed for feed in evaluation.feeds}
    failed = {ident for ident, end in gathered.pulled.items() if end.error}
    for ident in sorted({*known, *failed, *gathered.broken}):
        if ident not in known:
            # Not evaluated: what the ledger holds of it takes no part in these numbers.
            none = dict.fromkeys(_COUNTS, 0)
            feeds.append(
                FeedReport(ident, **none, error=gathered.error(ident), note="", repairs={})
            )
            continue
        state = ws.ledger.feed(ident)
        # What another process fetches at the same time is not ours to tell.
        objects, held = ws.ledger.count_objects(ident)
        others, indicators = objects - held + state.junk, known[ident].state.indicators
        pulled = gathered.pulled.get(ident)
        feeds.append(
            FeedReport(
                id=ident,
                fetched=state.fetched if pulled is None else pulled.fetched,
                objects=others + indicators,
                indicators=indicators,
                others=others,
                **_counts(known[ident].state),
                error=gathered.error(ident),
                note=gathered.pulled.get(ident, _NOT_PULLED).note,
                repairs=repairs_of(ws.ledger, ident),
            )
        )
    return SyncReport(
        tuple(feeds),
        evaluation.plan,
        applied,
        pulled=tuple(gathered.pulled),
        notes=evaluation.notes,
    )


_COUNTS = (
    "fetched", "objects", "indicators", "others", "mapped", "rejected", "ended", "atoms",
    "candidates", "rejected_atoms",
)  # fmt: skip


def _counts(state: FeedState) -> dict[str, int]:
    """Indicators by how they ended, and atoms; the names of the JSON contract."""
    return {
        "mapped": state.mapped,
        "rejected": state.rejected,
        "ended": state.ended,
        "atoms": state.candidates + state.rejected_atoms,
        "candidates": state.candidates,
        "rejected_atoms": state.rejected_atoms,
    }


def sync(
    ws: Workspace,
    feed_ids: Sequence[str] = (),
    *,
    due: bool = False,
    dry_run: bool = False,
    door: str = "sync",
    confirm: Callable[[SyncPlan], Answer] = lambda _: True,
    progress: Progress = quiet,
    stop: Stop = never,
) -> SyncReport:
    """Pull, plan and apply.

    `confirm` is asked with each plan that changes anything; with None for an answer it is planned
    anew from what was pulled, and asked again, and with `Only` some of it is applied. `due` leaves
    out the feeds whose turn has not come. `door` says on the record who began it.

    When somebody else writes between plan and apply, it plans again from what was pulled. A dry
    run pulls, too, and so needs a home that may be written to. Raises ConfigError while the clock
    cannot be believed: before the pull if it is in doubt and servers do not settle that, after it
    if they have contradicted it.
    """
    ws.writable()
    settle_clock(ws, progress)
    chosen = chosen_feeds(ws, feed_ids)
    if due:
        chosen = due_among(ws, chosen)
    with recording(ws, door) as going:
        going.note(dry_run=dry_run)
        before = {feed.id: ws.ledger.feed(feed.id).objects for feed in chosen}
        gathered = gather(ws, chosen, progress, due=due, stop=stop)
        if not feed_ids:
            gathered = dataclasses.replace(gathered, broken=broken_feeds(ws))
        going.note(feeds=_fetched(ws, gathered, before))
        applied, held_id, part = None, "", None
        attempts = 0
        while not dry_run:
            plan, part = gathered.evaluation.plan, None
            held_id = remember(ws, plan)
            answer = plan.empty or confirm(plan)
            if answer:
                progress("applying")
                attempts += 1
                try:
                    if isinstance(answer, Only):
                        part = accept(ws, plan, answer.names)
                        applied = settle_part(ws, gathered.evaluation, part)
                    else:
                        applied = settle(ws, gathered.evaluation)
                except StalePlan:
                    if attempts == _ATTEMPTS:
                        raise
                    answer = None
            if answer is not None:
                break
            again = evaluate(ws, active_feeds(ws), progress)
            keep(ws, again)
            gathered = dataclasses.replace(gathered, evaluation=again)
        done = dataclasses.replace(report(ws, gathered, applied), held_id=held_id, part=part)
        going.note(
            code=code_of(done, dry_run=dry_run),
            plan=sizes(done.plan),
            applied=applied is not None,
            change=applied.serial if applied else None,
            held_id=held_id,
            used=sum(1 for _ in ws.store.active(ws.clock())),
            limit=ws.settings.limit,
        )
    return dataclasses.replace(done, run=going.run)


def _fetched(ws: Workspace, gathered: Gathered, before: Mapping[str, int]) -> tuple[FeedRun, ...]:
    """What is to be told of each feed whose turn it was, and of those that cannot be used."""
    told = []
    for ident in sorted({*gathered.pulled, *gathered.broken}):
        end = gathered.pulled.get(ident, _NOT_PULLED)
        held = ws.ledger.feed(ident).objects
        grew = held - before.get(ident, held)
        error = gathered.error(ident)
        told.append(FeedRun(ident, end.fetched, end.pages, held, grew, error, end.note))
    return tuple(told)


def code_of(report: SyncReport, *, dry_run: bool = False) -> ExitCode:
    """What a sync exits with."""
    if report.applied is None and not dry_run:
        return ExitCode.HELD  # nobody said yes
    if report.failed:
        return ExitCode.FEED_FAILED
    late = report.part is not None and report.part.late
    return ExitCode.HELD if report.plan.held or late else ExitCode.DONE


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
        "covered": counts.covered,
        "saved": counts.saved,
        "held": len(plan.held),
    }
