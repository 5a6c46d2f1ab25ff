"""The same server speaking TAXII 2.0, honestly or as told, and the ways to break its ranges.

    with LoopbackTaxii20(indicators(20_000)) as server: ...
    with LoopbackTaxii20(objects, malice=said(None)) as server: ...

It knows no media type of 2.1 (406), so that it serves for negotiation, too. The `loopback_taxii`
fixture starts it with `kind=LoopbackTaxii20`.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from servers.loopback_taxii import Answer, LoopbackTaxii, Malice, Seen

TAXII_20 = "application/vnd.oasis.taxii+json; version=2.0"
STIX_20 = "application/vnd.oasis.stix+json; version=2.0"

_BUNDLE = f"bundle--{UUID(int=4 << 76 | 8 << 60)}"


class LoopbackTaxii20(LoopbackTaxii):
    """A TAXII 2.0 server; `spelling` is how it wants a range written, None: both ways.

    A range written otherwise is answered with 400.
    """

    discovery_path = "/taxii/"
    media_type = TAXII_20

    def __init__(self, *args: Any, spelling: str | None = None, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        self.spelling = spelling

    def answer(self, seen: Seen) -> Answer:
        """Answer who accepts 2.0, as the other server does; 406 for everybody else."""
        accepted = seen.headers.get("accept", "")
        if seen.headers and not accepted.startswith("application/vnd.oasis."):
            self.seen.append(seen)
            return Answer(b'{"title":"not acceptable"}', status=406, media_type=TAXII_20)
        return super().answer(seen)

    def page(self, seen: Seen) -> Answer:
        """Answer a request for objects as TAXII 2.0 §3.4 and §5.3 say."""
        first = self.after(seen.query.get("added_after"))
        total = len(self.raw) - first
        wanted = seen.headers.get("range")
        if wanted is None:
            stop = min(total, self.max_page)
            return self.bundle(first, 0, stop, total, ranged=stop < total)
        found = re.fullmatch(r"items([= ])(\d+)-(\d+)", wanted)
        if not found or self.spelling not in (None, found[1]):
            return Answer(b'{"title":"bad range"}', status=400, media_type=TAXII_20)
        start, stop = int(found[2]), min(int(found[3]) + 1, total)
        stop = min(stop, start + self.max_page)
        if start >= total > 0:
            headers = {"Content-Range": f"items */{total}"}
            return Answer(b"{}", status=416, headers=headers, media_type=TAXII_20)
        return self.bundle(first, start, stop, total, ranged=total > 0)

    def bundle(self, first: int, start: int, stop: int, total: int, *, ranged: bool) -> Answer:
        """Return a page: items `start` to `stop` of those from object number `first` on."""
        body = b'{"type":"bundle","spec_version":"2.0","id":"%s"' % _BUNDLE.encode()
        if start < stop:
            body += b',"objects":[%s]' % b",".join(self.raw[first + start : first + stop])
        headers = {}
        if ranged:
            headers["Content-Range"] = f"items {start}-{stop - 1}/{total}"
        if start < stop and self.dated:
            headers["X-TAXII-Date-Added-First"] = self.times[first + start]
            headers["X-TAXII-Date-Added-Last"] = self.times[first + stop - 1]
        return Answer(body + b"}", 206 if ranged else 200, headers, media_type=STIX_20)


def range_ignored(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Everything at once, whatever was asked for."""
    headers = {name: value for name, value in seen.headers.items() if name != "range"}
    server.max_page = len(server.raw) + 1
    return server.page(Seen(seen.path, seen.query, headers))


def said(text: str | None, status: int = 206) -> Malice:
    """Honest pages under one Content-Range of our own, or none, and one status."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        honest = server.page(seen)
        if honest.status not in (200, 206):
            return honest
        headers = {name: text_ for name, text_ in honest.headers.items() if name != "Content-Range"}
        if text is not None:
            headers["Content-Range"] = text
        return Answer(honest.body, status, headers, media_type=STIX_20)

    return answer


def total_untold(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Honest pages that keep back how many items there are."""
    honest = server.page(seen)
    told = honest.headers.get("Content-Range", "")
    return said(re.sub(r"/\d+$", "/*", told) or None)(server, seen) or honest


def first_page_for_ever(total: int) -> Malice:
    """The first ten items for every range, under the range that was asked for."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        start = int(re.sub(r"\D*(\d+)-.*", r"\1", seen.headers.get("range", "0-")))
        page = server.page(Seen(seen.path, seen.query, {**seen.headers, "range": "items=0-9"}))
        headers = {**page.headers, "Content-Range": f"items {start}-{start + 9}/{total}"}
        return Answer(page.body, 206, headers, media_type=STIX_20)

    return answer


def beyond(content_range: str | None, *, always: bool = False) -> Malice:
    """416 for every first range, with `always` for a request without range, too."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        wanted = seen.headers.get("range")
        if (wanted is None and not always) or (wanted and not re.search(r"\b0-", wanted)):
            return None
        headers = {"Content-Range": content_range} if content_range else {}
        return Answer(b"<html>", status=416, headers=headers, media_type="text/html")

    return answer
