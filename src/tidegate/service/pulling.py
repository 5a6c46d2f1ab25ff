"""Pulling one feed into the ledger: its pages, its cursor, and who may pull it now.

Owns which feeds a sync pulls, the lock of one feed for the length of its pull (two pulls of it at
once would take each other's objects for stale), and the end of a pull, good, failed or abandoned.
Refuses to evaluate what came, and to hold the lock of the list.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from tidegate.errors import ConfigError, FeedError, FeedUnavailable, StoreLocked, UsageError
from tidegate.feed import FeedDefinition, TaxiiSource
from tidegate.ledger.publications import save_publication
from tidegate.ledger.pulls import begin_pull
from tidegate.ledger.repairs import save_pull_repairs
from tidegate.service.due import due_among
from tidegate.service.planning import active_feeds
from tidegate.service.workspace import Workspace
from tidegate.sources.opening import fingerprint, open_source
from tidegate.store.lock import exclusive

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
    published: datetime | None = None
    try:
        folder = ws.catalogue.get(feed.id).folder
        source = open_source(feed, folder, os.environ, lambda line: progress(f"{feed.id}: {line}"))
        total, note, cursor, unchanged = 0, "", None, False
        repaired: Counter[str] = Counter()
        sweep = feed.source.sweep if isinstance(feed.source, TaxiiSource) else None
        start = begin_pull(ledger, feed.id, run, whole=source.whole, sweep=sweep, now=now)
        for page in source.pages(start.cursor):
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
            heed(stop)
    except (Abandoned, KeyboardInterrupt):
        ledger.leave_run(feed.id, before)
        raise
    except (FeedError, ConfigError) as fault:
        ledger.fail_run(feed.id, str(fault), published)
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
        # The last page's position is what tells that none was lost on the way.
        honest=not note and (source.whole or cursor is not None or not total),
    )
    return note


def heed(stop: Stop) -> None:
    """Raise Abandoned when somebody asked for an end."""
    if stop():
        raise Abandoned
