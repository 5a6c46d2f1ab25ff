"""Feeds fetched side by side: each by a worker of its own, all pages into one hand.

Owns the workers and how many pages there are at once, whatever a feed holds: one in each worker's
hands and one more. Workers fetch and decode; the one who asks for the next event alone writes.
Refuses to keep anything, and to wait at an end for a server that is silent: a worker that is asking
one then is left behind, and what it gets goes nowhere.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass

from tidegate.sources.base import FeedPage, FeedSource


@dataclass(frozen=True, slots=True)
class Came:
    """A page came. `Fetchers.kept` is to be told when it is dealt with."""

    feed: str
    page: FeedPage


@dataclass(frozen=True, slots=True)
class Told:
    """A line for people: why a source waits."""

    feed: str
    line: str


@dataclass(frozen=True, slots=True)
class Ended:
    """No page follows; `fault` is why, unless the source was done."""

    feed: str
    fault: BaseException | None


Event = Came | Told | Ended


class Fetchers:
    """Workers for at most `width` feeds at once. Call all of it from one thread."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._room = threading.Semaphore(width + 1)
        self._ending = threading.Event()
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def tell(self, feed: str, line: str) -> None:
        """Hand on a line from whichever thread: only one of them may write to a terminal."""
        self._events.put(Told(feed, line))

    def start(self, feed: str, source: FeedSource, cursor: str | None) -> None:
        """Let a worker read a source. Its events come in order, `Ended` last."""
        # A daemon: the process does not wait for it.
        work = (feed, source, cursor)
        threading.Thread(target=self._work, args=work, name=f"pull {feed}", daemon=True).start()

    def next(self, seconds: float) -> Event | None:
        """Return the next event, or None when none came in this time."""
        try:
            return self._events.get(timeout=seconds)
        except queue.Empty:
            return None

    def kept(self) -> None:
        """Make room for another page: the one that came is dealt with."""
        self._room.release()

    def end(self) -> None:
        """Let workers stop at their next page, and wait for none of them."""
        self._ending.set()
        self._room.release(self._width)

    def _work(self, feed: str, source: FeedSource, cursor: str | None) -> None:
        fault: BaseException | None = None
        try:
            self._read(feed, source, cursor)
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody can hear it
            fault = error
        self._events.put(Ended(feed, fault))

    def _read(self, feed: str, source: FeedSource, cursor: str | None) -> None:
        pages = source.pages(cursor)
        while True:
            self._room.acquire()
            page = None
            try:
                page = None if self._ending.is_set() else next(pages, None)
            finally:
                if page is None:
                    self._room.release()
            if page is None:
                return
            self._events.put(Came(feed, page))
            del page  # or it would stay while the next one is fetched
