"""taxii2client over the guarded session: replies with their headers, errors in one line.

Owns what an answer must be: status 200, a TAXII or STIX media type (in any spelling that servers
use), one JSON object. Refuses the rest, and says which line of feed.toml to look at. Never puts a
server's text into a message, except its media type cut to plain characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from taxii2client import MEDIA_TYPE_TAXII_V21
from taxii2client.common import _HTTPConnection
from taxii2client.exceptions import TAXIIServiceException
from taxii2client.v21 import ApiRoot, Collection

from tidegate.errors import FeedRefused
from tidegate.stix.lenient_json import BrokenJson, decode, storable
from tidegate.taxii.address import shown
from tidegate.taxii.faults import StatusRefused, check_status
from tidegate.taxii.session import GuardedSession

_ACCEPTED = ("application/taxii+json", "application/stix+json", "application/json")


@dataclass(frozen=True, slots=True)
class Reply:
    """One decoded answer and the two headers that position it (TAXII 2.1 §3.3-§3.5), verbatim.

    `served_twice`: an earlier attempt may have been served, too, and its answer got lost.
    """

    document: dict[str, Any]
    added_first: str | None
    added_last: str | None
    served_twice: bool = False


class GuardedConnection(_HTTPConnection):  # type: ignore[misc]  # taxii2client has no types
    """The connection that taxii2client asks through; remembers the last reply with its headers."""

    def __init__(self, session: GuardedSession, feed: str) -> None:
        super().__init__(user_agent="tidegate", version="2.1")
        self.session.close()
        self.session: GuardedSession = session
        self.reply: Reply | None = None
        self._feed = feed

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the JSON object at `url`; raises FeedUnavailable or FeedRefused."""
        sent = self._merge_headers({"Accept": MEDIA_TYPE_TAXII_V21, **(headers or {})})
        try:
            response = self.session.get(url, headers=sent, params=params)
        except (
            requests.RequestException
        ):  # what `send` meets it explains; this is about the address
            raise FeedRefused(f"{shown(url)} is not an address", "check `url`") from None
        where = shown(url)
        check_status(response.status_code, where, self._feed, self._hints())
        _check_media_type(response, where)
        try:
            document = decode(response.content)
        except BrokenJson as error:
            raise FeedRefused(
                f"{where} answers with something that is {error.reason}, "
                f"line {error.line} column {error.column}",
                "the server or a proxy before it is at fault; try again later",
            ) from None
        if not isinstance(document, dict):
            raise FeedRefused(f"{where} answers with JSON that is not TAXII", "check `url`")
        # What is odd in a page's objects, objects_in counts; an odd title or token is none at all.
        document = {
            key: part if key == "objects" or storable(part) else None
            for key, part in document.items()
        }
        self.reply = Reply(
            document,
            response.headers.get("X-TAXII-Date-Added-First"),
            response.headers.get("X-TAXII-Date-Added-Last"),
            self.session.served_twice,
        )
        return document

    def _hints(self) -> dict[int, str]:
        check = f"`tidegate feeds check {self._feed}`"
        return {
            400: f"{check}; if only the stored position is refused, "
            f"`tidegate feeds rewind {self._feed}`",
            404: f"the address or the collection is not there; {check}",
            406: "it may speak TAXII 2.0 only, which is not supported yet",
        }


class GuardedCollection:
    """One collection of one API root, asked through taxii2client over a guarded session."""

    def __init__(self, root: str, collection: str, session: GuardedSession, feed: str) -> None:
        self._conn = GuardedConnection(session, feed)
        self._root = root if root.endswith("/") else root + "/"
        self._id = collection
        self._feed = feed
        self._collection = Collection(
            f"{self._root}collections/{quote(collection, safe='')}/", conn=self._conn
        )

    def describe_root(self) -> str:
        """Return the API root's title; raises FeedUnavailable or FeedRefused."""
        root = ApiRoot(self._root, conn=self._conn)
        try:
            return str(root.title)
        except (TAXIIServiceException, TypeError):
            raise _not_taxii(self._root, "an API root") from None

    def describe(self) -> str:
        """Return the collection's title; raises as `objects` does."""
        self._load()
        return str(self._collection.title)

    def offered(self) -> tuple[str, ...]:
        """Return the ids of the collections that the API root offers."""
        self._conn.get(f"{self._root}collections/")
        listed = self._conn.reply.document.get("collections") if self._conn.reply else None
        entries = listed if isinstance(listed, list) else []
        return tuple(str(each["id"]) for each in entries if isinstance(each, dict) and "id" in each)

    def objects(self, filters: Mapping[str, str | int]) -> Reply:
        """Return one page of objects.

        `filters` are TAXII 2.1 §5.4's: limit, added_after, next. Raises FeedUnavailable, or
        FeedRefused (StatusRefused when the server's status says no).
        """
        self._load()
        try:
            self._collection.get_objects(**filters)
        except TAXIIServiceException:
            raise FeedRefused(
                f"collection {self._id} at {shown(self._root)} does not let us read",
                "ask its owner for read access",
            ) from None
        if self._conn.reply is None:
            raise _not_taxii(self._collection.objects_url, "an envelope")
        return self._conn.reply

    def _load(self) -> None:
        """Have the library read the collection resource once."""
        try:
            self._collection._ensure_loaded()  # noqa: SLF001 - every public property does exactly this
        except StatusRefused as refused:
            if refused.status != requests.codes.not_found:
                raise
            raise StatusRefused(
                f"collection {self._id} is not there at {shown(self._root)}",
                f"`tidegate feeds check {self._feed}` lists what is",
                refused.status,
            ) from None
        except (TAXIIServiceException, TypeError):
            raise _not_taxii(self._collection.url, "a collection") from None


def _not_taxii(url: str, what: str) -> FeedRefused:
    return FeedRefused(
        f"{shown(url)} is not {what} of a TAXII 2.1 server", "check `url` and `collection`"
    )


def _check_media_type(response: requests.Response, where: str) -> None:
    """Accept TAXII, STIX or plain JSON, whatever the case, the quotes and the parameters."""
    given = response.headers.get("Content-Type", "")
    kind, _, parameters = given.lower().partition(";")
    version = re.search(r'version\s*=\s*"?([0-9.]+)', parameters)
    taxii_20 = kind.strip().startswith("application/vnd.oasis.") or (
        kind.strip() == _ACCEPTED[0] and version and not version[1].startswith("2.1")
    )
    if taxii_20:
        raise FeedRefused(
            f"{where} does not speak TAXII 2.1",
            "TAXII 2.0 is not supported yet",
        )
    if kind.strip() not in _ACCEPTED:
        plain = re.sub(r"[^a-z0-9/+.-]", "", kind)[:40] or "no media type"
        raise FeedRefused(
            f"{where} answers with {plain}, not with TAXII",
            "`url` must be the API root of a TAXII server, not a web page or a login",
        )
