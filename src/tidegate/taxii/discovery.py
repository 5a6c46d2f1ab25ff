"""From the address in feed.toml to the collection: version, API root, id.

Owns the way there: `url` may be an API root or a server's discovery address (TAXII 2.1 and 2.0
§4.1); the versions that the feed's kind allows are asked in order, where 406, 415 or an answer in
another version's media type mean "not this one"; the collection is looked for in the API roots, the
default first, by its id and by its alias (2.1 §5.2). Relative roots start at the discovery address.
Refuses API roots on another origin: they are named, never contacted, and so never see a credential.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from tidegate.errors import FeedError, FeedRefused
from tidegate.indicators.text import safe
from tidegate.taxii.address import origin, origin_text, shown
from tidegate.taxii.collection import NO_MATCH, GuardedCollection, Match
from tidegate.taxii.connection import GuardedConnection
from tidegate.taxii.dialect import Dialect
from tidegate.taxii.faults import OtherVersion, StatusRefused
from tidegate.taxii.session import GuardedSession

_SIGN_IN = (401, 403)
_MAX_ROOTS = 50
"""API roots of one server that are looked at; more are no server for people."""

_SHOWN = 5
_NAME = 80

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Server:
    """What answered at `url`. `roots` are on its origin, `elsewhere` names the origins of others.

    `listed`: it is a discovery resource; otherwise `url` is taken for the only API root. `fault` is
    why it does not describe itself, if so.
    """

    title: str
    media_type: str
    roots: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    listed: bool = False
    fault: FeedRefused | None = None


class Finder:
    """Finds one collection for a feed; asks each thing once."""

    def __init__(
        self,
        session: GuardedSession,
        url: str,
        collection: str,
        feed: str,
        dialects: tuple[Dialect, ...],
        match: Match = NO_MATCH,
    ) -> None:
        self._session = session
        self._url = url if urlsplit(url).path.endswith("/") else url + "/"
        self._wanted = collection
        self._feed = feed
        self._match = match
        self._dialects = list(dialects)
        self._fixed = len(dialects) == 1
        self._server: Server | None = None
        self._found: GuardedCollection | None = None

    @property
    def dialect(self) -> Dialect:
        """The version that is spoken, as far as is known yet."""
        return self._dialects[0]

    def server(self) -> Server:
        """Return what is at the address; raises FeedUnavailable or FeedRefused."""
        return self._negotiated(self._ask)

    def collection(self) -> GuardedCollection:
        """Return the collection, its resource read; raises as `server` does.

        StatusRefused with status 404 names what is there instead.
        """
        if self._found is None:
            self._found = self._negotiated(self._find)
        return self._found

    def _negotiated(self, ask: Callable[[], T]) -> T:
        while True:
            try:
                return ask()
            except OtherVersion:
                if self._fixed:
                    raise
                self._dialects.pop(0)
                self._server = None
                if not self._dialects:
                    raise FeedRefused(
                        f"{shown(self._url)} speaks neither TAXII 2.1 nor 2.0",
                        "`url` must be the API root or the discovery address of a TAXII server",
                    ) from None

    def _ask(self) -> Server:
        if self._server is None:
            self._server = self._asked()
        return self._server

    def _asked(self) -> Server:
        conn = GuardedConnection(self._session, self._feed, self.dialect)
        try:
            document = conn.get(self._url)
        except FeedRefused as refused:
            if isinstance(refused, OtherVersion) or _sign_in(refused):
                raise
            # Some servers serve collections without describing their root; a wrong address shows
            # when the collection is not there either.
            return Server("", "", (self._url,), fault=refused)
        title = document.get("title")
        about = title if isinstance(title, str) else ""
        media_type = conn.reply.media_type if conn.reply else ""
        listed = document.get("api_roots")
        if not isinstance(listed, list):
            return Server(about, media_type, (self._url,))
        roots, elsewhere = _sorted_out(self._url, [document.get("default"), *listed])
        return Server(about, media_type, roots, elsewhere, listed=True)

    def _find(self) -> GuardedCollection:
        server = self._ask()
        self._check_filters()
        offered: list[str] = []
        faults: list[FeedError] = []
        for root in server.roots:
            try:
                return self._in_root(root, offered)
            except FeedError as fault:
                faults.append(fault)
        # The roots of one server may differ in version, and one may be down or ask for more rights.
        told = [fault for fault in faults if not _is_missing(fault)]
        told.sort(key=lambda fault: not isinstance(fault, OtherVersion))
        if told:
            raise told[0]
        raise self._missing(server, offered)

    def _in_root(self, root: str, offered: list[str]) -> GuardedCollection:
        found = self._at(root, self._wanted)
        try:
            found.load()
        except StatusRefused as refused:
            if _sign_in(refused):
                raise
            listed = _listed(found)
            offered += [str(each["id"]) for each in listed]
            for each in listed:
                if each.get("alias") == self._wanted:
                    found = self._at(root, str(each["id"]))
                    found.load()
                    return found
            raise
        return found

    def _at(self, root: str, collection: str) -> GuardedCollection:
        return GuardedCollection(
            root, collection, self._session, self._feed, self.dialect, self._match
        )

    def _check_filters(self) -> None:
        unknown = sorted(set(self._match) - self.dialect.filters)
        if unknown:
            raise FeedRefused(
                f"{shown(self._url)} speaks TAXII {self.dialect.version}, which has no filter "
                f"`match.{unknown[0]}`",
                "leave it out of `match` in feed.toml",
            )

    def _missing(self, server: Server, offered: list[str]) -> StatusRefused:
        where = shown(server.roots[0] if len(server.roots) == 1 else self._url)
        hints = []
        if offered:
            more = len(offered) - _SHOWN
            names = ", ".join(safe(each, _NAME) for each in offered[:_SHOWN])
            hints.append(f"there are: {names}{f' and {more} more' if more > 0 else ''}")
        if server.listed:
            hints.append("it was looked for in every API root on this server")
        hints += [not_contacted(server)] if server.elsewhere else []
        if not hints:
            hints.append(f"check `url` and `collection`; {self._session.behalf.check(self._feed)}")
        return StatusRefused(
            f"collection {self._wanted} is not there at {where}",
            "; ".join(hints),
            requests.codes.not_found,
        )


def not_contacted(server: Server) -> str:
    """Name the other servers that a discovery resource sends us to."""
    names = ", ".join(server.elsewhere[:_SHOWN])
    return f"API roots on other servers are not contacted: {names}"


def _sign_in(fault: FeedError) -> bool:
    return isinstance(fault, StatusRefused) and fault.status in _SIGN_IN


def _is_missing(fault: FeedError) -> bool:
    return isinstance(fault, StatusRefused) and fault.status == requests.codes.not_found


def _listed(collection: GuardedCollection) -> tuple[dict[str, Any], ...]:
    try:
        return collection.offered()
    except FeedError:
        return ()


def _sorted_out(url: str, listed: list[object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the API roots on the origin of `url`, absolute, and the other origins."""
    roots: dict[str, None] = {}
    elsewhere: dict[str, None] = {}
    for each in listed:
        if not isinstance(each, str) or not each.strip():
            continue
        try:
            # As requests will spell it, so that what is compared is what would be contacted.
            root = str(requests.Request("GET", urljoin(url, each.strip())).prepare().url)
            where = origin(root)
        except (ValueError, requests.RequestException):
            continue
        parts = urlsplit(root)
        if where != origin(url):
            elsewhere[safe(origin_text(where), _NAME)] = None
        elif not (parts.query or parts.fragment or parts.username is not None):
            roots[root if root.endswith("/") else root + "/"] = None
    return tuple(roots)[:_MAX_ROOTS], tuple(elsewhere)
