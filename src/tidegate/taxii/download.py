"""One document at an address, fetched only when it is another than before.

Owns the conditional request (RFC 9110 §13.1): the server's validators, ETag and Last-Modified, are
kept as it wrote them and sent back; a 304 is an answer to them and to nothing else. Refuses other
statuses than 200, so that an answer without content is no empty document, and web pages, which are
what a login or a portal sends instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import requests

from tidegate.errors import FeedRefused
from tidegate.taxii.address import shown
from tidegate.taxii.faults import check_status
from tidegate.taxii.retry import http_date
from tidegate.taxii.session import GuardedSession

_ACCEPT = "application/stix+json, application/json;q=0.9, */*;q=0.1"
_WEB_PAGES = ("text/html", "application/xhtml+xml")
_FIT = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,1022}[\x21-\x7e])?")
"""What can be sent back in a header as it is; nothing that servers make is longer."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server calls one state of a document, verbatim; None: it does not say."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Validators:
        """Return those of an answer that can be sent back."""
        found = (headers.get(name, "") for name in ("ETag", "Last-Modified"))
        return cls(*(value if _FIT.fullmatch(value) else None for value in found))

    @property
    def conditions(self) -> dict[str, str]:
        """The request headers that ask for another state than this one."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, or `body` None: it is as it was. `changed` is when the server says it changed."""

    body: bytes | None
    validators: Validators
    changed: datetime | None


def download(session: GuardedSession, url: str, feed: str, known: Validators) -> Answer:
    """Fetch the document at `url` unless its state is `known`.

    Raises FeedUnavailable, or FeedRefused with a hint that names the feed.
    """
    headers = {"Accept": _ACCEPT, "User-Agent": "tidegate", **known.conditions}
    response = session.get(url, headers=headers)
    where = shown(url)
    validators = Validators.of(response.headers)
    changed = http_date(validators.last_modified or "")
    if response.status_code == requests.codes.not_modified and known.conditions:
        return Answer(None, known, changed)
    missing = f"nothing is there; check `url`, then `tidegate feeds check {feed}`"
    check_status(response.status_code, where, feed, {404: missing, 410: missing})
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in _WEB_PAGES:
        raise FeedRefused(
            f"{where} answers with a web page, not with STIX",
            "`url` must be the address of the bundle itself, not of a page or a login",
        )
    return Answer(response.content, validators, changed)
