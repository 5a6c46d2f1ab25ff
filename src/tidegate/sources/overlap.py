"""A collection read again from a little before its stored position.

Owns the way on from there: a server that keeps to its order gives what is known once more and then
what is new, in one reading. One that does not come as far as the stored position, such as a server
that cuts its answers off without a word, is asked again from that position, so that re-reading
never keeps a feed from moving on. Refuses to judge what is news: the ledger knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tidegate.sources.base import FeedPage, FeedSource
from tidegate.stix.objects import parse_time


class Overlapping:
    """A source whose pages begin at `before`, in the server's words; None: at the beginning."""

    whole = False

    def __init__(self, source: FeedSource, before: str | None) -> None:
        self._source = source
        self._before = before

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        """Yield pages from before `cursor`, and from there where they did not come so far."""
        reached = self._before
        for page in self._source.pages(self._before):
            reached = page.cursor or reached
            yield page
        if cursor is not None and not _as_far(reached, cursor):
            yield from self._source.pages(cursor)

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield the source's own checks."""
        return self._source.checks()


def _as_far(reached: str | None, stored: str) -> bool:
    """Whether a position is the stored one or later; what cannot be compared is neither."""
    if reached == stored:
        return True
    try:
        return reached is not None and parse_time(reached) >= parse_time(stored)
    except ValueError:
        return False
