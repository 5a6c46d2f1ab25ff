"""A sync: pull the feeds, evaluate, plan, and apply what may be applied.

Each feed is pulled on its own: its failure is reported and recorded, and the others land. The lock
of the list is taken only by the apply at the end, never across the network. What is locked for a
whole pull is the one feed: two pulls of it at once would take each other's objects for stale.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tidegate.errors import (
    ConfigError,
    FeedError,
    FeedUnavailable,
    StalePlan,
    StoreLocked,
    UsageError,
)
from tidegate.feed import FeedDefinition
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.ledger.evaluation import save_outcomes, save_waiting
from tidegate.ledger.publications import save_publication
from tidegate.ledger.repairs import repairs_of, save_pull_repairs
from tidegate.ledger.wishes import save_wishes
from tidegate.service.apply import Applied, apply
from tidegate.service.due import due_among
from tidegate.service.held import remember
from tidegate.service.planning import Evaluation, active_feeds, evaluate
from tidegate.service.workspace import Workspace
from tidegate.sources.opening import fingerprint, open_source
from tidegate.store.lock import exclusive

_ATTEMPTS = 3
"""How often a sync plans anew because somebody else was quicker; then it is exit 6."""

_PULL_WAIT = 3.0
"""Seconds that a pull waits for another process's pull of the same feed before it is skipped."""

Progress = Callable[[str], None]
Stop = Callable[[], bool]
"""Whether somebody asked for an end; asked after each page."""


def quiet(_: str) -> None:
    """Report progress to nobody."""


def never() -> bool:
    """Go on to the end."""
    return False


class Abandoned(Exception):
    """Somebody asked for an end while feeds were pulled: pages stay, nothing is applied."""


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


def chosen_feeds(ws: Workspace, ids: Sequence[str]) -> tuple[FeedDefinition, ...]:
    """The active feeds with these ids, or all. Raises UsageError, or the feed's own fault."""
    feeds = {feed.id: feed for feed in active_feeds(ws)}
    if not ids:
        broken = [e.error for e in ws.catalogue.entries() if not e.shipped and e.error is not None]
        if broken and not feeds:
            raise broken[0]
        if not feeds:
            raise UsageError(
                "no feed is switched on",
                "`tidegate feeds list` shows what there is, `tidegate feeds enable ID` switches on",
            )
        return tuple(feeds.values())
    for ident in ids:
        if ident not in feeds:
            entry = ws.catalogue.get(ident)  # raises when there is no such feed
            if entry.error is not None:
                raise entry.error
            raise UsageError(f"feed {ident} is switched off", f"`tidegate feeds enable {ident}`")
    return tuple(feeds[ident] for ident in dict.fromkeys(ids))


def pull(
    ws: Workspace,
    feed: FeedDefinition,
    progress: Progress = quiet,
    *,
    due: bool = False,
    stop: Stop = never,
) -> str:
    """Fetch a feed into the ledger and return the source's note, if it stopped early.

    With `due`, what another process has pulled while this one waited for it is left alone.
    Raises FeedError, also when another process is pulling this feed; pages committed before stay.
    """
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(exclusive(ws.home.root / "locks" / feed.id, _PULL_WAIT))
        except StoreLocked as fault:
            raise FeedUnavailable(
                f"feed {feed.id} is being pulled by another process",
                "left to that one; sync again when it is done",
            ) from fault
        if due and not due_among(ws, (feed,)):
            return "pulled by another process just now"
        return _pull_alone(ws, feed, progress, stop)


def _pull_alone(ws: Workspace, feed: FeedDefinition, progress: Progress, stop: Stop) -> str:
    ledger, now = ws.ledger, ws.clock()
    before = ledger.feed(feed.id).last_attempt
    run = ledger.start_run(feed.id, now, source=fingerprint(feed))
    try:
        folder = ws.catalogue.get(feed.id).folder
        source = open_source(feed, folder, os.environ, lambda line: progress(f"{feed.id}: {line}"))
        published: datetime | None = None
        total, note, cursor, unchanged = 0, "", None, False
        repaired: Counter[str] = Counter()
        for page in source.pages(ledger.feed(feed.id).cursor):
            published = max(filter(None, (published, page.published)), default=None)
            repaired.update(page.repairs)
            if page.unchanged:
                unchanged = True
                progress(f"{feed.id}: as it was")
                continue
            ledger.add_page(
                feed.id,
                run,
                page.objects,
                junk=page.junk,
                cursor=page.cursor,
                whole=source.whole,
                now=now,
            )
            total += len(page.objects)
            note, cursor = page.note, page.cursor
            progress(f"{feed.id}: {total:,} objects")
            _heed(stop)
    except (Abandoned, KeyboardInterrupt):
        ledger.leave_run(feed.id, before)
        raise
    except (FeedError, ConfigError) as fault:
        ledger.fail_run(feed.id, str(fault))
        raise
    save_pull_repairs(ledger, feed.id, repaired)
    if published is not None:
        save_publication(ledger, feed.id, published)
    ledger.finish_run(
        feed.id,
        run,
        whole=source.whole and not unchanged,
        published=published,
        now=now,
        cursor=cursor if source.whole else None,
    )
    return note


def _heed(stop: Stop) -> None:
    if stop():
        raise Abandoned


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
        _heed(stop)
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
        save_outcomes(ws.ledger, feed.feed, feed.outcomes, feed.unread())
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
