"""A feed that is one collection of a TAXII server, of version 2.1 or 2.0.

Owns the way from a feed's `[source]` to pages: secrets are resolved when a reading starts and live
no longer than it. Every reading has a session of its own; those of a pull share its time. How the
collection was found is pinned, so that later pulls ask it directly; where it is no longer there or
no longer speaks that version, it is looked for afresh, once, and the pages say so. Refuses nothing
itself: the rules are in `tidegate.taxii`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from tidegate.errors import FeedRefused, TidegateError
from tidegate.feed import TaxiiSource
from tidegate.sources.base import (
    FeedPage,
    Heard,
    Pin,
    Progress,
    Unpinned,
    unheard,
    untimed,
)
from tidegate.sources.remote import introduced, limits_of, session_of
from tidegate.taxii.address import shown
from tidegate.taxii.collection import GuardedCollection, Match
from tidegate.taxii.dialect import DIALECTS
from tidegate.taxii.discovery import Finder, Server, not_contacted
from tidegate.taxii.faults import OtherVersion, StatusRefused
from tidegate.taxii.limits import Limits
from tidegate.taxii.pager import pages
from tidegate.taxii.retry import Waiting
from tidegate.taxii.session import GuardedSession

_GONE = (404, 410)
_CHECKED = 10
"""Objects that a check asks for; for one object the reference server of TAXII 2.0 gives none."""


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
        pin: Pin | None = None,
        folder: Path = Path(),
        heard: Heard = untimed,
    ) -> None:
        self._feed = feed
        self._folder = folder
        self._heard = heard
        self._source = source
        self._environ = environ
        self._limits = limits or limits_of(source)
        self._waiting = Waiting(told=told)
        self._pin = pin or Unpinned()

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        """Yield pages later than the cursor.

        Raises FeedUnavailable or FeedRefused, and ConfigError when a secret is not there.
        """
        with self._session() as session:
            gone: FeedRefused | None = None
            pinned = self._pinned(session)
            if pinned is not None:
                read = self._read(pinned, cursor)
                try:
                    first = next(read)
                except (StatusRefused, OtherVersion) as refused:
                    if isinstance(refused, StatusRefused) and refused.status not in _GONE:
                        raise
                    gone = refused
                else:
                    yield first
                    yield from read
                    return
            found = self._finder(session).collection()
            if gone and pinned and _place(found) == _place(pinned):
                raise gone
            note = f"looked for afresh, as {gone.message}" if gone else ""
            for number, page in enumerate(self._read(found, cursor, note)):
                if number == 0:
                    self._pin.keep(*_place(found))
                yield page

    def _read(
        self, collection: GuardedCollection, cursor: str | None, note: str = ""
    ) -> Iterator[FeedPage]:
        for page in pages(collection.objects, cursor, self._limits, collection.dialect.paging):
            told = "; ".join(filter(None, (page.note, note)))
            yield FeedPage(page.objects, page.junk, page.cursor, None, told, sure=page.sure)

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield the steps settings → discovery → API root → collection → one page.

        There is no discovery where `url` is an API root. Nothing pinned is used: the check walks
        all of the way.
        """
        with ExitStack() as stack:
            opened: list[GuardedSession] = []

            def settings() -> str:
                opened.append(stack.enter_context(self._session()))
                return f"address, {introduced(self._source)}"

            yield "settings", settings
            finder = self._finder(opened[0])
            try:
                listed = finder.server().listed
            except TidegateError as fault:
                yield "API root", partial(_raise, fault)
                return
            if listed:
                yield "discovery", lambda: _discovery_detail(finder)
            yield "API root", lambda: _root_detail(finder)
            yield "collection", lambda: _collection_detail(finder)
            yield "objects", lambda: _page_detail(finder)

    def _finder(self, session: GuardedSession) -> Finder:
        source = self._source
        return Finder(
            session,
            source.url,
            source.collection,
            self._feed,
            DIALECTS[source.kind],
            _filters(source),
        )

    def _pinned(self, session: GuardedSession) -> GuardedCollection | None:
        """Return the collection as it was found before; None when that was never."""
        version, root, ident = self._pin.recall() or ("", "", "")
        for dialect in DIALECTS[self._source.kind]:
            if dialect.version == version:
                return GuardedCollection(
                    root, ident, session, self._feed, dialect, _filters(self._source)
                )
        return None

    @contextmanager
    def _session(self) -> Iterator[GuardedSession]:
        source = self._source
        with session_of(
            source, self._folder, self._environ, self._limits, self._waiting, self._heard
        ) as session:
            try:
                yield session
            finally:
                # However often a pull reads, it has its time once.
                self._limits = replace(self._limits, pull_seconds=session.left)


def _place(collection: GuardedCollection) -> tuple[str, str, str]:
    return collection.dialect.version, collection.root, collection.id


def _filters(source: TaxiiSource) -> Match:
    return {} if source.match is None else source.match.model_dump(exclude_none=True)


def _raise(fault: TidegateError) -> str:
    raise fault


def _discovery_detail(finder: Finder) -> str:
    server = finder.server()
    parts = [server.title or "without a title", _spoken(server, finder)]
    return "; ".join(parts + ([not_contacted(server)] if server.elsewhere else []))


def _root_detail(finder: Finder) -> str:
    server = finder.server()
    if server.listed:
        if not server.roots:
            told = f"; {not_contacted(server)}" if server.elsewhere else ""
            raise FeedRefused(
                f"the server names no API root of its own{told}",
                "if another server is meant, write its address as `url` in feed.toml",
            )
        return f"{len(server.roots)} on this server"
    if server.fault is None:
        return f"{server.title or 'without a title'}; {_spoken(server, finder)}"
    if isinstance(server.fault, StatusRefused):
        # A wrong address shows next.
        return f"does not describe itself (status {server.fault.status})"
    raise server.fault


def _spoken(server: Server, finder: Finder) -> str:
    return f"TAXII {finder.dialect.version} as {server.media_type}"


def _collection_detail(finder: Finder) -> str:
    found = finder.collection()
    where = f", id {found.id} at {shown(found.root)}" if finder.server().listed else ""
    return f"{found.describe()}{where}"


def _page_detail(finder: Finder) -> str:
    """Ask for a first page as a pull does, a small one."""
    found = finder.collection()
    page = next(pages(found.objects, None, Limits(page_size=_CHECKED), found.dialect.paging))
    given = f"TAXII {found.dialect.version} as {found.media_type}"
    return f"gives objects; {given}" if page.objects else f"is empty; {given}"
