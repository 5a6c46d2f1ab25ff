"""Pulling feeds into the ledger: their pages, their cursors, and who may pull which one now.

Owns which feeds a sync pulls, the lock of each feed for the length of its pull (two pulls of it at
once would take each other's objects for stale), and the end of a pull, good, failed or abandoned.
Feeds are fetched side by side, those of one server one after another; this side alone writes to the
ledger, a page and its cursor at a time. Which feed is done first makes no difference to the result.
Refuses to evaluate what came, and to hold the lock of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, sleep

from tidegate.errors import (
    ConfigError,
    FeedError,
    FeedUnavailable,
    StoreLocked,
    UsageError,
)
from tidegate.feed import FeedDefinition
from tidegate.ledger.ledger import Ledger
from tidegate.service.attempt import Attempt
from tidegate.service.collecting import uncollected
from tidegate.service.due import due_among
from tidegate.service.fetching import Came, Event, Fetchers, Told
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.sources.base import Progress
from tidegate.sources.opening import server_of
from tidegate.store.lock import exclusive

_PULL_WAIT = 3.0
"""Seconds that a pull waits for another process's pull of the same feed before it is skipped."""

_TOGETHER_SECONDS = 0.5
"""The longest that a page waits for the next ones to be committed with it."""

_FREE_SECONDS = 0.02
"""How long others may then begin to write. They look for it ten times a second or so, and would
hardly ever meet the moment between two commits that follow each other."""

_SOON_SECONDS = 0.05
"""How long the next page may take to be committed with the one before."""

_LOOK_SECONDS = 0.2
_LOOK_AGAIN_SECONDS = 0.02
"""How long nothing may come before it is asked whether to stop, or whether a lock is free now."""

Stop = Callable[[], bool]
"""Whether somebody asked for an end; asked after each page and while none comes."""


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


def heed(stop: Stop) -> None:
    """Raise Abandoned when somebody asked for an end."""
    if stop():
        raise Abandoned


@dataclass(frozen=True, slots=True)
class Pulled:
    """How the pull of one feed ended.

    `error` is empty when it landed; `note` says that it stopped early, or was left to another
    process. `pages` with `fetched` entries came before that, whatever they were.
    """

    error: str = ""
    note: str = ""
    pages: int = 0
    fetched: int = 0


def pull(
    ws: Workspace,
    feeds: Sequence[FeedDefinition],
    progress: Progress = quiet,
    *,
    due: bool = False,
    stop: Stop = never,
) -> Mapping[str, Pulled]:
    """Fetch feeds into the ledger, side by side, and tell how each ended.

    With `due`, what another process has pulled while this one waited for it is left alone. A feed
    that another process is pulling failed. Raises Abandoned when asked to stop; pages committed
    before stay, and feeds that were not done keep their turn.
    """
    with uncollected():
        return _Pulls(ws, feeds, progress, due=due).run(stop)


class _Together:
    """Pages of one commit: as many as come in a moment, so that a fast server costs few commits."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._since = 0.0
        self.open = False

    def begin(self) -> None:
        """Put commits off from now on, if they are not; those of too long ago are made first."""
        if self.open and monotonic() - self._since > _TOGETHER_SECONDS:
            self.commit()
            sleep(_FREE_SECONDS)
        if not self.open:
            self._ledger.put_off_commits()
            self.open, self._since = True, monotonic()

    def commit(self) -> None:
        """Commit what was put off."""
        self.open = False
        self._ledger.commit()


class _Pulls:
    """All pulls of one sync: which wait, which go on, how the others ended."""

    def __init__(
        self, ws: Workspace, feeds: Sequence[FeedDefinition], progress: Progress, *, due: bool
    ) -> None:
        self._ws = ws
        self._waiting = list(feeds)
        self._progress = progress
        self._due = due
        self._locked: dict[str, float] = {}
        self._going: dict[str, Attempt] = {}
        self._ended: dict[str, Pulled] = {}
        self._width = ws.settings.sync.side_by_side
        self._fetchers = Fetchers(self._width)
        self._together = _Together(ws.ledger)

    def run(self, stop: Stop) -> Mapping[str, Pulled]:
        """Start what may start and deal with what comes, until all have ended."""
        try:
            while self._still():
                heed(stop)
                self._start()
                if self._still() and (event := self._next()):
                    self._deal_with(event)
        finally:
            self._fetchers.end()
            try:
                self._together.commit()
            finally:  # a full disk, too, leaves nobody's lock behind
                for each in self._going.values():
                    each.leave()
        return self._ended

    def _next(self) -> Event | None:
        """Wait for what comes. Pages that come one upon the other are committed together."""
        event = self._fetchers.next(_SOON_SECONDS) if self._together.open else None
        if event is None or not isinstance(event, Came):
            self._together.commit()
        pause = _LOOK_AGAIN_SECONDS if self._locked else _LOOK_SECONDS
        return event or self._fetchers.next(pause)

    def _still(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._waiting or self._going)

    def _start(self) -> None:
        for feed in tuple(self._waiting):
            busy = {server_of(pull.feed) for pull in self._going.values()}
            if len(self._going) == self._width:
                return
            if server_of(feed) not in busy and self._may_begin(feed):
                self._waiting.remove(feed)

    def _may_begin(self, feed: FeedDefinition) -> bool:
        """Begin to pull a feed, or end before; False while another process is at it."""
        since = self._locked.pop(feed.id, None)
        if since is None:
            self._progress(f"{feed.id}: connecting")
        pull = Attempt(self._ws, feed, self._progress)
        try:
            pull.held.enter_context(exclusive(self._ws.home.root / "locks" / feed.id, 0))
        except StoreLocked:
            return self._is_left(feed, since)
        self._going[feed.id] = pull
        if self._due and not due_among(self._ws, (feed,)):
            self._settle(pull, Pulled(note="pulled by another process just now"))
            return True
        try:
            source = pull.begin(lambda line: self._fetchers.tell(feed.id, line))
        except (FeedError, ConfigError) as error:
            self._end(pull, error)
        else:
            self._fetchers.start(feed.id, source, pull.start)
        return True

    def _is_left(self, feed: FeedDefinition, since: float | None) -> bool:
        """Leave a feed to the process that has its lock, once that was waited for."""
        now = monotonic()
        since = now if since is None else since
        if now - since < _PULL_WAIT:
            self._locked[feed.id] = since
            return False
        fault = FeedUnavailable(
            f"feed {feed.id} is being pulled by another process",
            "left to that one; sync again when it is done",
        )
        self._ended[feed.id] = Pulled(str(fault))
        return True

    def _deal_with(self, event: Event) -> None:
        if isinstance(event, Told):
            self._progress(f"{event.feed}: {event.line}")
        elif isinstance(event, Came):
            self._together.begin()
            self._going[event.feed].keep(event.page)
            self._fetchers.kept()
        else:
            self._end(self._going[event.feed], event.fault)

    def _end(self, pull: Attempt, fault: BaseException | None) -> None:
        if fault is None:
            pull.finish()
            self._settle(pull, Pulled("", pull.note, pull.pages, pull.fetched))
        elif isinstance(fault, (FeedError, ConfigError)):
            pull.fail(fault)
            self._settle(pull, Pulled(str(fault), "", pull.pages, pull.fetched))
        else:
            raise fault

    def _settle(self, pull: Attempt, end: Pulled) -> None:
        del self._going[pull.feed.id]
        pull.held.close()
        self._ended[pull.feed.id] = end
