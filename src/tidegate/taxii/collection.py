"""One collection of one API root, in either version of TAXII.

Owns the requests for a page of objects, and for taking objects in: the library's addresses and
resources, our filters, the media types of the version. Refuses collections that do not let us read,
or write, and resources that are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

import requests
from taxii2client.common import _filter_kwargs_to_query_params
from taxii2client.exceptions import TAXIIServiceException

from tidegate.errors import FeedRefused
from tidegate.taxii.address import shown
from tidegate.taxii.connection import GuardedConnection
from tidegate.taxii.dialect import V21, Dialect
from tidegate.taxii.faults import StatusRefused
from tidegate.taxii.paging import RANGE
from tidegate.taxii.reply import Reply, Version, moment
from tidegate.taxii.session import GuardedSession

Match = Mapping[str, Sequence[str]]
"""The filters that go with every page, by their names in `match[...]`."""

NO_MATCH: Match = {}


class GuardedCollection:
    """A collection by its id or its alias, asked through taxii2client over a guarded session."""

    def __init__(
        self,
        root: str,
        collection: str,
        session: GuardedSession,
        feed: str,
        dialect: Dialect = V21,
        match: Match = NO_MATCH,
    ) -> None:
        self._conn = GuardedConnection(session, feed, dialect, filtered=bool(match))
        self.dialect = dialect
        self.root = root if root.endswith("/") else root + "/"
        self.id = collection
        self._match = _filter_kwargs_to_query_params(match)
        self._loaded: Any = None

    @property
    def media_type(self) -> str:
        """The media type of the last answer, fit for a message."""
        return self._conn.reply.media_type if self._conn.reply else ""

    def describe_root(self) -> str:
        """Return the API root's title; raises FeedUnavailable or FeedRefused."""
        root = self.dialect.api_root(self.root, conn=self._conn)
        try:
            return str(root.title)
        except (TAXIIServiceException, TypeError):
            raise not_taxii(self.root, "an API root", self.dialect) from None

    def describe(self) -> str:
        """Return the title of a collection that may be read; raises as `objects` does."""
        return str(self._readable().title)

    def offered(self) -> tuple[dict[str, Any], ...]:
        """Return the collections that the API root lists, as they are told."""
        listed = self._conn.get(f"{self.root}collections/").get("collections")
        entries = listed if isinstance(listed, list) else []
        return tuple(each for each in entries if isinstance(each, dict) and "id" in each)

    def objects(self, query: Mapping[str, str | int]) -> Reply:
        """Return one page of objects.

        `query` holds limit, added_after and next (TAXII 2.1 §5.4), or added_after and, as a header,
        the range (2.0 §3.4). Raises FeedUnavailable, or FeedRefused (StatusRefused when the
        server's status says no).
        """
        collection = self._readable()
        params = {**self._match, **query}
        headers = {"Accept": self.dialect.objects}
        if RANGE in params:
            headers["Range"] = params.pop(RANGE)
        self._conn.get(collection.objects_url, headers, params)
        return self._replied(collection.objects_url, "a page of objects")

    def check_writable(self) -> None:
        """Raise FeedRefused for a collection that takes no objects from us."""
        self.load()
        if not self._loaded.can_write:
            raise FeedRefused(
                f"collection {self.id} at {shown(self.root)} does not let us write",
                "nothing was sent; ask its owner for write access",
            )

    def most_bytes(self) -> int | None:
        """Return the API root's `max_content_length` (2.1 §4.2); None where it says no number."""
        try:
            most = self._conn.get(self.root).get("max_content_length")
        except FeedRefused:  # some servers serve collections without describing their root
            return None
        return most if type(most) is int and most > 0 else None

    def add(self, envelope: bytes) -> Reply:
        """Add an envelope of objects (2.1 §5.5); the answer is a status resource or nothing else.

        Raises FeedUnavailable (the objects may be there all the same) and FeedRefused.
        """
        self.check_writable()
        self._conn.post(self._loaded.objects_url, envelope)
        return self._replied(self._loaded.objects_url, "a status")

    def status(self, ident: UUID) -> Reply:
        """Return the status resource with an id (2.1 §4.3); raises as `add` does."""
        url = f"{self.root}status/{ident}/"
        self._conn.get(url)
        return self._replied(url, "a status")

    def versions(self, idents: Sequence[str]) -> set[Version]:
        """Return which versions of some objects are there (2.1 §5.3), as far as one page says.

        Nothing for a collection that does not let us read. Raises as `objects` does.
        """
        self.load()
        if not self._loaded.can_read:
            return set()
        params = {"match[id]": ",".join(idents), "match[version]": "all"}
        listed = self._conn.get(f"{self._url(self.id)}manifest/", params=params).get("objects")
        return {
            (str(each.get("id")), moment(version if isinstance(version, str) else None))
            for each in (listed if isinstance(listed, list) else [])
            if isinstance(each, dict)
            for version in [each.get("version")]
        }

    def _replied(self, url: str, what: str) -> Reply:
        if self._conn.reply is None:
            raise not_taxii(url, what, self.dialect)
        return self._conn.reply

    def load(self) -> None:
        """Read the collection resource once; under its alias, move on to its id (2.1 §5.2)."""
        if self._loaded is not None:
            return
        url = self._url(self.id)
        try:
            about = self._conn.get(url)
        except StatusRefused as refused:
            if refused.status != requests.codes.not_found:
                raise
            raise StatusRefused(
                f"collection {self.id} is not there at {shown(self.root)}",
                f"{self._conn.session.behalf.check(self._conn.feed)} lists what is",
                refused.status,
            ) from None
        ident = about.get("id")
        if about.get("alias") == self.id and isinstance(ident, str) and ident:
            self.id, url = ident, self._url(ident)
        if not about:
            raise not_taxii(url, "a collection", self.dialect)
        try:
            self._loaded = self.dialect.collection(url, conn=self._conn, collection_info=about)
        except (TAXIIServiceException, TypeError):
            raise not_taxii(url, "a collection", self.dialect) from None

    def _readable(self) -> Any:  # noqa: ANN401 - a class of taxii2client, which has no types
        self.load()
        if not self._loaded.can_read:
            raise FeedRefused(
                f"collection {self.id} at {shown(self.root)} does not let us read",
                "ask its owner for read access",
            )
        return self._loaded

    def _url(self, collection: str) -> str:
        return f"{self.root}collections/{quote(collection, safe='')}/"


def not_taxii(url: str, what: str, dialect: Dialect) -> FeedRefused:
    """Return the error of an answer that is not the resource which was asked for."""
    return FeedRefused(
        f"{shown(url)} is not {what} of a TAXII {dialect.version} server",
        "check `url` and `collection`",
    )
