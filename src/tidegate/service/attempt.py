"""One attempt to pull a feed: begun, kept page by page, and ended in one of three ways.

Owns what the ledger is told of it. Refuses to fetch: pages are handed to it.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from datetime import datetime

from tidegate.errors import TidegateError
from tidegate.feed import FeedDefinition, TaxiiSource
from tidegate.ledger.pins import FeedPin
from tidegate.ledger.publications import save_publication
from tidegate.ledger.pulls import begin_pull
from tidegate.ledger.repairs import save_pull_repairs
from tidegate.service.workspace import Workspace
from tidegate.sources.base import FeedPage, FeedSource, Progress
from tidegate.sources.opening import fingerprint, open_source
from tidegate.sources.overlap import Overlapping


class _Pin:
    """How the collection is found, between the worker that finds it and the ledger.

    The worker only remembers: one hand alone writes.
    """

    def __init__(self, stored: FeedPin) -> None:
        self._stored = stored
        self._known = self._written = stored.recall()

    def recall(self) -> tuple[str, str, str] | None:
        """Return what was kept by an earlier pull or reading."""
        return self._known

    def keep(self, version: str, root: str, collection: str) -> None:
        """Remember what was found out."""
        self._known = (version, root, collection)

    def store(self) -> None:
        """Write what was found out, if it is news."""
        known = self._known  # read once: the worker may find out more meanwhile
        if known is not None and known != self._written:
            self._stored.keep(*known)
            self._written = known


class Attempt:
    """One feed's pull, under the lock that `held` releases.

    `start` is the position to read on from, None for the beginning. `note` is why the source
    stopped early and what else is to be told of it, `pages` with `fetched` entries came so far.
    """

    def __init__(self, ws: Workspace, feed: FeedDefinition, progress: Progress) -> None:
        self.feed = feed
        self.held = contextlib.ExitStack()
        self.start: str | None = None
        self.note = ""
        self.pages = 0
        self.fetched = 0
        self._ledger = ws.ledger
        self._heard = ws.hear
        self._catalogue = ws.catalogue
        self._progress = progress
        self._now = ws.clock()
        self._before: datetime | None = None
        self._run = 0
        self._pin: _Pin | None = None
        self._whole = False
        self._objects = 0
        self._sure = True
        self._cursor: str | None = None
        self._unchanged = False
        self._published: datetime | None = None
        self._repaired: Counter[str] = Counter()

    def begin(self, told: Progress) -> FeedSource:
        """Note the attempt and open the source. Raises FeedError or ConfigError."""
        ident, where = self.feed.id, fingerprint(self.feed)
        self._before = self._ledger.feed(ident).last_attempt
        self._run = self._ledger.start_run(ident, self._now, source=where)
        self._pin = _Pin(FeedPin(self._ledger, ident, where))
        folder = self._catalogue.get(ident).folder
        source = open_source(self.feed, folder, os.environ, told, self._pin, self._heard)
        self._whole = source.whole
        sweep = self.feed.source.sweep if isinstance(self.feed.source, TaxiiSource) else None
        start = begin_pull(
            self._ledger, ident, self._run, whole=source.whole, sweep=sweep, now=self._now
        )
        stored = self._ledger.feed(ident).cursor
        if source.whole or stored is None or start.cursor == stored:
            self.start = start.cursor
            return source
        self.start = stored
        return Overlapping(source, start.cursor, sweep=start.sweep)

    def keep(self, page: FeedPage) -> None:
        """Commit a page and its cursor."""
        ident = self.feed.id
        self._published = max(filter(None, (self._published, page.published)), default=None)
        self._repaired.update(page.repairs)
        self.pages += 1
        if self._pin is not None:
            self._pin.store()
        if page.unchanged:
            self._unchanged = True
            self._ledger.still_junk(ident, page.junk)
            self._progress(f"{ident}: as it was")
            return
        self._ledger.add_page(
            ident,
            self._run,
            page.objects,
            junk=page.junk,
            cursor=page.cursor,
            whole=self._whole,
            now=self._now,
        )
        self._objects += len(page.objects)
        self.fetched += len(page.objects) + page.junk
        self.note, self._cursor, self._sure = page.note, page.cursor, page.sure
        self._progress(f"{ident}: {self._objects:,} objects")

    def finish(self) -> None:
        """Note that the source is done."""
        ledger, ident = self._ledger, self.feed.id
        save_pull_repairs(ledger, ident, self._repaired)
        if self._published is not None:
            save_publication(ledger, ident, self._published)
        ledger.finish_run(
            ident,
            self._run,
            whole=self._whole and not self._unchanged,
            published=self._published,
            now=self._now,
            cursor=self._cursor if self._whole else None,
            honest=self._sure,
        )

    def fail(self, fault: TidegateError) -> None:
        """Note why it failed."""
        self._ledger.fail_run(self.feed.id, str(fault), self._published)

    def leave(self) -> None:
        """Give the feed its turn back, as it was not done."""
        with self.held, contextlib.suppress(TidegateError):  # what went wrong first is told
            if self._run:
                self._ledger.leave_run(self.feed.id, self._before)
