"""A feed that is one collection of a TAXII 2.1 server.

Owns the way from a feed's `[source]` to pages: secrets are resolved when a pull starts and live no
longer than it; every pull has a session of its own. Refuses nothing itself: the rules are in
`tidegate.taxii`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tidegate.errors import FeedRefused
from tidegate.feed import TaxiiSource
from tidegate.sources.base import FeedPage, Progress, unheard
from tidegate.sources.remote import introduced, limits_of, session_of
from tidegate.stix.container import objects_in
from tidegate.taxii.connection import GuardedCollection
from tidegate.taxii.faults import StatusRefused
from tidegate.taxii.limits import Limits
from tidegate.taxii.pager import pages
from tidegate.taxii.retry import Waiting

_SIGN_IN = (401, 403)
_SHOWN_IDS = 5


class TaxiiCollection:
    """One collection; reads are incremental from the stored cursor."""

    whole = False

    def __init__(
        self,
        feed: str,
        source: TaxiiSource,
        environ: Mapping[str, str],
        limits: Limits | None = None,
        told: Progress = unheard,
        folder: Path = Path(),
    ) -> None:
        self._feed = feed
        self._folder = folder
        self._source = source
        self._environ = environ
        self._limits = limits or limits_of(source)
        self._waiting = Waiting(told=told)

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        """Yield pages later than the cursor.

        Raises FeedUnavailable or FeedRefused, and ConfigError when a secret is not there.
        """
        with self._opened() as collection:
            for page in pages(collection.objects, cursor, self._limits):
                yield FeedPage(page.objects, page.junk, page.cursor, None, page.note)

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield the steps settings → API root → collection → one page."""
        with ExitStack() as stack:
            opened: list[GuardedCollection] = []

            def settings() -> str:
                opened.append(stack.enter_context(self._opened()))
                return f"address, {introduced(self._source)}"

            yield "settings", settings
            collection = opened[0]
            yield "API root", lambda: _root_detail(collection)
            yield "collection", lambda: self._collection_detail(collection)
            yield "objects", lambda: _page_detail(collection)

    @contextmanager
    def _opened(self) -> Iterator[GuardedCollection]:
        source = self._source
        with session_of(
            source, self._folder, self._environ, self._limits, self._waiting
        ) as session:
            yield GuardedCollection(source.url, source.collection, session, self._feed)

    def _collection_detail(self, collection: GuardedCollection) -> str:
        try:
            return collection.describe()
        except StatusRefused as refused:
            offered = _offered(collection)
            if refused.status in _SIGN_IN or not offered:
                raise
            raise FeedRefused(refused.message, f"there are: {offered}") from None


def _root_detail(collection: GuardedCollection) -> str:
    try:
        return collection.describe_root()
    except StatusRefused as refused:
        if refused.status in _SIGN_IN:
            raise
        # Some servers serve collections without describing their root; a wrong address shows next.
        return f"does not describe itself (status {refused.status})"


def _offered(collection: GuardedCollection) -> str:
    try:
        ids = collection.offered()
    except FeedRefused:
        return ""
    more = f" and {len(ids) - _SHOWN_IDS} more" if len(ids) > _SHOWN_IDS else ""
    return ", ".join(ids[:_SHOWN_IDS]) + more


def _page_detail(collection: GuardedCollection) -> str:
    objects, _ = objects_in(collection.objects({"limit": 1}).document)
    return "gives objects" if objects else "is empty"
