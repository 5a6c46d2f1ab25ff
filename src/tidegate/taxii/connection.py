"""taxii2client over the guarded session: replies with their headers, errors in one line.

Owns what an answer must be: status 200, or 206 where a range was asked for; a media type (in any
spelling that servers use) of the version of TAXII that was asked in; one JSON object. Refuses the
rest, and says which line of feed.toml to look at. Never puts a server's text into a message, except
its media type cut to plain characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import requests
from taxii2client.common import _HTTPConnection

from tidegate.clock import now
from tidegate.errors import FeedRefused
from tidegate.stix.lenient_json import BrokenJson, decode, storable
from tidegate.taxii.address import shown
from tidegate.taxii.behalf import A_FEED
from tidegate.taxii.dialect import DIALECTS, V20, V21, Dialect, spoken
from tidegate.taxii.faults import OtherVersion, StatusRefused, check_status
from tidegate.taxii.reply import Reply
from tidegate.taxii.retry import asked_pause
from tidegate.taxii.session import GuardedSession

_PARTIAL = 206
_TAKEN = (200, 201, 202)
"""202 says the specification; others say the same with another number."""

_REDIRECTS = (301, 302, 303, 307, 308)
_NOT_ACCEPTABLE = (406, 415)
"""What a server says that does not know the media type it was asked for, or any in a request."""


class GuardedConnection(_HTTPConnection):  # type: ignore[misc]  # taxii2client has no types
    """The connection that taxii2client asks through; remembers the last reply with its headers.

    `filtered`: the feed has a `match`, which a server may refuse.
    """

    def __init__(
        self,
        session: GuardedSession,
        feed: str,
        dialect: Dialect = V21,
        *,
        filtered: bool = False,
    ) -> None:
        super().__init__(user_agent="tidegate", version=dialect.version)
        self.session.close()
        self.session: GuardedSession = session
        self.reply: Reply | None = None
        self.feed = feed
        self.dialect = dialect
        self._filtered = filtered

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the JSON object at `url`.

        Raises FeedUnavailable or FeedRefused: StatusRefused when the server's status says no,
        OtherVersion when it speaks another version of TAXII.
        """
        sent = self._merge_headers({"Accept": self.dialect.resource, **(headers or {})})
        response = self._sent("GET", url, headers=sent, params=params)
        where = shown(url)
        partial = response.status_code == _PARTIAL and self.dialect is V20
        if not partial:
            self._check_status(response, where)
        return self._read(response, where, partial=partial)

    def post(self, url: str, body: bytes) -> dict[str, Any]:
        """Send an envelope of objects; return the status resource that answers (2.1 §5.5).

        Raises as `get` does. A redirect is not followed.
        """
        kind = self.dialect.resource
        sent = self._merge_headers({"Accept": kind, "Content-Type": kind})
        response = self._sent("POST", url, headers=sent, data=body)
        where = shown(url)
        if response.status_code not in _TAKEN:
            self._check_status(response, where)
        return self._read(response, where)

    def _sent(self, method: str, url: str, **what: Any) -> requests.Response:  # noqa: ANN401 - passed on
        try:
            return self.session.request(method, url, **what)
        except (
            requests.RequestException
        ):  # what `send` meets it explains; this is about the address
            raise FeedRefused(f"{shown(url)} is not an address", "check `url`") from None

    def _read(
        self, response: requests.Response, where: str, *, partial: bool = False
    ) -> dict[str, Any]:
        self._check_media_type(response, where)
        document = _decoded(response, where)
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
            partial,
            response.headers.get("Content-Range"),
            _plain(response.headers.get("Content-Type", "")),
            asked_pause(response.headers, now()),
        )
        return document

    def _check_status(self, response: requests.Response, where: str) -> None:
        status = response.status_code
        if status in _NOT_ACCEPTABLE:
            raise self._other_version(f"{where} answered {status}")
        try:
            check_status(status, where, self.feed, self._hints(), self.session.behalf)
        except StatusRefused as refused:
            refused.content_range = response.headers.get("Content-Range")
            raise

    def _check_media_type(self, response: requests.Response, where: str) -> None:
        given = response.headers.get("Content-Type", "")
        version = spoken(given)
        if version is None:
            plain = _plain(given.partition(";")[0].lower()) or "no media type"
            raise FeedRefused(
                f"{where} answers with {plain}, not with TAXII",
                "`url` must be the API root or the discovery address of a TAXII server, "
                "not a web page or a login",
            )
        if version not in ("", self.dialect.version):
            raise self._other_version(f"{where} does not speak TAXII {self.dialect.version}")

    def _other_version(self, message: str) -> OtherVersion:
        hint = f"it may not speak TAXII {self.dialect.version}"
        if self.session.behalf is A_FEED:
            others = [each.kind for each in DIALECTS["taxii"] if each is not self.dialect]
            hint += f'; write `kind = "{others[0]}"`, or `kind = "taxii"` to have it found out'
        else:
            hint += ", and objects are sent in no other version"
        return OtherVersion(message, hint)

    def _hints(self) -> dict[int, str]:
        behalf = self.session.behalf
        check = behalf.check(self.feed)
        if behalf is not A_FEED:
            redirected = "what is sent follows no redirect; set `url` to the address that answers"
            return {
                **dict.fromkeys(_REDIRECTS, redirected),
                404: f"the address or the collection is not there; check both in {behalf.file}",
                422: "the server takes none of these objects; ask its owner which ones it does",
            }
        refused = (
            "the server may not know a filter of `match`; leave it out of feed.toml"
            if self._filtered
            else f"{check}; if only the stored position is refused, "
            f"`tidegate feeds rewind {self.feed}`"
        )
        return {
            400: refused,
            404: f"the address or the collection is not there; {check}",
            416: f"it gives no first page, with a range or without; {check}",
        }


def _decoded(response: requests.Response, where: str) -> dict[str, Any]:
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
    return document


def _plain(content_type: str) -> str:
    """Return a media type fit for a message."""
    return re.sub(r"[^A-Za-z0-9/+.;= -]", "", content_type)[:60].strip()
