"""A collection read again from before its stored position.

Owns the way on from there. A server that keeps to its order gives what is known once more and then
what is new, in one reading. Where nothing came from behind the stored position, it is asked once
more from there, because nobody can tell whether there is nothing new or whether the server cuts its
answers off without a word; re-reading so never keeps a feed from moving on. A sweep must bring
everything before what did not come counts as gone: it is asked on from where it came to, again and
again, until it has passed the stored position or nothing comes. Refuses to judge what is news: the
ledger knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tidegate.errors import FeedRefused
from tidegate.sources.base import FeedPage, FeedSource
from tidegate.stix.objects import parse_time

_READINGS = 1_000
"""How often a sweep asks on; each reading has its own bounds, and all share the pull's time."""


class Overlapping:
    """A source whose pages begin at `before`, in the server's words; None: at the beginning."""

    whole = False

    def __init__(self, source: FeedSource, before: str | None, *, sweep: bool = False) -> None:
        self._source = source
        self._before = before
        self._sweep = sweep
        self._reached: str | None = None
        self._told = ""

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        """Yield pages from before `cursor`, and from there where they did not come past it."""
        self._reached = self._before
        yield from self._reading(self._before)
        if self._sweep:
            yield from self._on(cursor)
        elif cursor is not None and self._short_of(cursor):
            yield from self._reading(cursor)

    def _on(self, cursor: str | None) -> Iterator[FeedPage]:
        """Read on from where a sweep came to."""
        asked = self._before
        for _ in range(_READINGS):
            if cursor is None or not self._short_of(cursor) or not _later(self._reached, asked):
                return
            asked = self._reached
            yield from self._reading(asked)
        raise FeedRefused(
            f"the server cuts its answers off, and {_READINGS:,} of them were not all",
            "raise `page_size` in feed.toml, or choose a smaller collection",
        )

    def _reading(self, start: str | None) -> Iterator[FeedPage]:
        """Read once from a position; what an earlier reading told goes on being told."""
        before = self._told
        for page in self._source.pages(start):
            self._reached = page.cursor or self._reached
            self._told = "; ".join(dict.fromkeys(filter(None, (before, page.note))))
            yield replace(page, note=self._told)

    def _short_of(self, cursor: str) -> bool:
        return not _later(self._reached, cursor)

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield the source's own checks."""
        return self._source.checks()


def _later(position: str | None, than: str | None) -> bool:
    """Whether a position is later than another; what cannot be compared is not."""
    if position is None or than is None:
        return position is not None
    try:
        return parse_time(position) > parse_time(than)
    except ValueError:
        return False
