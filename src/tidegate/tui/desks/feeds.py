"""What the Feeds mode asks: health, details, switches, checks, and a sync in a thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tidegate.errors import UsageError
from tidegate.feed import FeedDefinition
from tidegate.indicators.plan import SyncPlan
from tidegate.mapping.policy_lint import Finding
from tidegate.service import feeds, runs
from tidegate.service.feeds import FeedView
from tidegate.service.pulling import Stop, chosen_feeds
from tidegate.service.runs import InFeed
from tidegate.service.sync import Answer, SyncReport, sync
from tidegate.service.workspace import Workspace

RUNS = 8
"""Runs that are told of a feed."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of one feed. `rejected` counts by reason, with one example each.

    `unwelcome` is why it brings nothing here at all.
    """

    view: FeedView
    definition: FeedDefinition | None
    oddities: tuple[Finding, ...]
    decided: Mapping[str, int]
    runs: tuple[InFeed, ...]
    rejected: tuple[tuple[str, int, str], ...]
    unwelcome: str = ""


class FeedDesk:
    """The feeds of a workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    def overview(self) -> tuple[FeedView, ...]:
        """Every feed with its health, those of the home first."""
        return tuple(sorted(feeds.overview(self._ws), key=lambda v: (v.state == "shipped", v.id)))

    def mark(self) -> tuple[object, ...]:
        """Something that differs once a sync ended or a feed.toml was written."""
        home = self._ws.home
        found: list[object] = [(run.id, run.ended) for run in runs.latest(self._ws, 1)]
        for path in sorted(home.feeds_dir.glob("*/feed.toml")):
            with contextlib.suppress(OSError):  # it may go while one looks
                stat = path.stat()
                found.append((path.parent.name, stat.st_mtime_ns, stat.st_size))
        return tuple(found)

    def dossier(self, ident: str) -> Dossier:
        """Everything about one feed."""
        view, entry = feeds.show(self._ws, ident)
        return Dossier(
            view,
            entry.definition,
            feeds.oddities(self._ws, ident),
            feeds.decided(self._ws, ident),
            runs.of_feed(self._ws, ident, RUNS),
            tuple(feeds.rejected(self._ws, ident)),
            feeds.unwelcome(self._ws, ident),
        )

    def enable(self, ident: str) -> str:
        """Switch a feed on; return why it brings nothing here, empty where it does."""
        feeds.enable(self._ws, ident)
        return feeds.unwelcome(self._ws, ident)

    def disable(self, ident: str) -> None:
        """Switch a feed off."""
        feeds.disable(self._ws, ident)

    def rewind(self, ident: str, to: datetime | None) -> str:
        """Pull a feed again from a time or its beginning; return what comes of it."""
        return feeds.rewind(self._ws, ident, to)

    def check(self, ident: str) -> Iterator[tuple[str, bool, str]]:
        """Walk towards its first page; called by a thread."""
        ws = self._ws.sibling()
        try:
            yield from feeds.check(ws, ident)
        finally:
            ws.close()

    def policy_file(self, ident: str) -> Path:
        """The feed.toml to edit. Raises UsageError for one that is shipped."""
        self._ws.writable()
        view, _ = feeds.show(self._ws, ident)
        if view.state == "shipped":
            raise UsageError(f"feed {ident} is not of this home yet", "e switches it on first")
        return view.folder / "feed.toml"

    def named(self, ids: tuple[str, ...]) -> None:
        """Raise UsageError where feeds that are to be synced are unknown, or off."""
        chosen_feeds(self._ws, ids)

    def sync(
        self,
        ids: tuple[str, ...],
        confirm: Callable[[SyncPlan], Answer],
        progress: Callable[[str], None],
        stop: Stop,
    ) -> SyncReport:
        """Sync feeds, or all; called by a thread, which is asked with the plan."""
        ws = self._ws.sibling()
        try:
            return sync(ws, ids, confirm=confirm, progress=progress, stop=stop)
        finally:
            ws.close()
