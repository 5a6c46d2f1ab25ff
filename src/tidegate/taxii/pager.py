"""Page by page through a collection: when to stop, and which cursor to keep.

Owns the end of a pull and its position, for every version of TAXII; how a page is asked for is
paging.py's. The end is reached when the server says that there is no more, when there is no way to
ask on, on an empty page, or on a page that was there before; where the server claims more
nevertheless, the last page carries a note and the cursor stays behind. A repeated token alone is no
end: medallion, the reference server, keeps one token for a whole pull and moves on behind it.
Refuses more pages or objects than the limits say.

The cursor is the server's own text of X-TAXII-Date-Added-Last, never our clock, and is sent back
only as `added_after`. Servers answer with what is strictly later than it, and many objects may
share one time across a page boundary; so a page carries the newest time that is strictly older than
its own last one, up to which everything is certain to be delivered, and only the last page of a
pull that came to its honest end carries its own. An interrupted pull hence repeats a page or two
and leaves no gap. Headers that are no RFC 3339 times, or that go backwards, give no cursor from
there on: the next pull starts from the last good one. So do pages that came at a second attempt,
unless the server is seen to give every page a token of its own: one that moves on behind its token
may have moved past the page whose answer got lost; and of what shares one time where a server
without `next` gives no more of it than fills a page. One gap is 2.0's own: what a server removes
while it is paged moves the rest up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from tidegate.errors import FeedRefused
from tidegate.stix.container import objects_in
from tidegate.taxii.faults import StatusRefused
from tidegate.taxii.limits import Limits
from tidegate.taxii.paging import ByToken, Paging, Query
from tidegate.taxii.reply import Reply, moment

_CUT = "the server {}; the pull ended there"

Fetch = Callable[[Query], Reply]


@dataclass(frozen=True, slots=True)
class TaxiiPage:
    """One page: its STIX objects, how many entries were none, and the cursor to store with it.

    `cursor` None: keep the cursor that is stored. `note`: why a pull stops here although the server
    says that there is more; empty otherwise. `sure` says of the last page that nothing is known to
    be missing; a server that dates nothing may have given everything all the same.
    """

    objects: tuple[dict[str, Any], ...]
    junk: int
    cursor: str | None
    note: str = ""
    sure: bool = True


class Cursor:
    """The position in a collection that is certain to be complete.

    `sure`: nothing that came speaks for a gap.
    """

    def __init__(self, start: str | None) -> None:
        self._kept = moment(start)
        self._last: datetime | None = None
        self._last_text: str | None = None
        self._ordered = True
        self.sure = True

    def doubt(self) -> None:
        """Advance no further in this pull: a page may be missing."""
        self._ordered = self.sure = False

    def after(self, reply: Reply) -> str | None:
        """Take note of a page's headers and return the cursor that its commit may store."""
        last = moment(reply.added_last)
        first = moment(reply.added_first) or last
        before, before_text = self._last, self._last_text
        if last is None or first is None or first > last or (before and first < before):
            self._ordered = False
            self.sure = self.sure and last is None and before is None
        self._last, self._last_text = last, reply.added_last
        if before and last and last > before:
            return self._advance(before, before_text)
        return None

    def at_end(self) -> str | None:
        """Return the cursor of a pull that ended where the server says that there is no more."""
        return self._advance(self._last, self._last_text)

    def _advance(self, to: datetime | None, text: str | None) -> str | None:
        if not self._ordered or to is None or (self._kept is not None and to <= self._kept):
            return None
        self._kept = to
        return text


def pages(
    fetch: Fetch,
    added_after: str | None,
    limits: Limits,
    paging: Callable[[str | None, int], Paging] = ByToken,
) -> Iterator[TaxiiPage]:
    """Yield every page that is later than the stored cursor `added_after`.

    Raises FeedRefused beyond the limits; what `fetch` raises passes through. Pages yielded before
    stand either way.
    """
    way = paging(added_after, limits.page_size)
    cursor = Cursor(added_after)
    seen: set[bytes] = set()
    total = 0
    for _ in range(limits.pages):
        reply = _asked(fetch, way)
        objects, junk = _entries(reply)
        total += len(objects) + junk
        if total > limits.objects:
            raise FeedRefused(
                f"the collection gave more than {limits.objects} objects",
                "choose a smaller collection",
            )
        onward = way.after(reply, len(objects) + junk)
        if onward.unsure:
            cursor.doubt()
        mark = _mark(objects)
        if not objects and not junk:
            note = _CUT.format("sent an empty page and says that there is more")
            more = onward.more
            if more:
                yield TaxiiPage((), 0, None, note, sure=False)
            else:
                yield TaxiiPage((), 0, cursor.at_end(), sure=cursor.sure)
            return
        if onward.more and mark in seen and not onward.again:
            note = _CUT.format("repeats a page instead of going on")
            yield TaxiiPage((), 0, None, note, sure=False)
            return
        seen.add(mark)
        kept = cursor.after(reply)
        if not onward.more:
            yield TaxiiPage(tuple(objects), junk, cursor.at_end() or kept, sure=cursor.sure)
            return
        if not onward.way:
            note = _CUT.format("says that there is more, but not how to ask for it")
            yield TaxiiPage(tuple(objects), junk, kept, note, sure=False)
            return
        yield TaxiiPage(tuple(objects), junk, kept)
    raise FeedRefused(
        f"the collection did not end within {limits.pages} pages", "choose a smaller collection"
    )


def _asked(fetch: Fetch, way: Paging) -> Reply:
    """Fetch a page; ask more plainly for a first one that the server refuses."""
    while True:
        try:
            return fetch(way.query())
        except StatusRefused as refused:
            if way.ended_by(refused):
                return Reply({}, None, None)
            if not way.plainer(refused):
                raise


def _entries(reply: Reply) -> tuple[list[dict[str, Any]], int]:
    """Return a page's objects; an error told in JSON with status 200 must not pass for empty."""
    document = reply.document
    found = objects_in(document)
    page = document.keys() & {"objects", "more"} or document.get("type") == "bundle"
    if not found[0] and document and not page:
        raise FeedRefused(
            "the server answers with JSON that is no page of objects", "check `url` in feed.toml"
        )
    return found


def _mark(objects: list[dict[str, Any]]) -> bytes:
    """Return a fingerprint of a page: (id, modified) of each object, or all of one without id."""
    keys = [(each["id"], each.get("modified")) if "id" in each else each for each in objects]
    return blake2b(orjson.dumps(keys), digest_size=16).digest()
