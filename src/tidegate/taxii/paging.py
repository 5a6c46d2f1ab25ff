"""How each version of TAXII asks for page after page.

Owns the two ways: by `next` and `more` (TAXII 2.1 §3.5, §5.4), by ranges of items (2.0 §3.4). Each
says what to ask for, reads from a page whether there is more, and asks more plainly for a first
page that is refused. Refuses to judge pages: pager.py knows when to stop and which cursor to keep.

Of ranges is believed what loses nothing. The next page begins after what came or where the server
says that its page ended, whichever is earlier: a server that echoes our range over a shorter page
leaves no gap, one that adds objects to a page neither. A range that cannot be read, or a total that
is not told, means asking on until a page is empty, refused or one that was there before. A page
without Content-Range from a server that sent none before is all that there is: it ignored Range.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tidegate.taxii.faults import StatusRefused
from tidegate.taxii.reply import Reply, moment

Query = dict[str, str | int]
"""Query parameters of a request for objects; `range` alone is a header (RANGE)."""

RANGE = "range"

_TICK = timedelta(microseconds=1)
"""The smallest step between two times of addition (TAXII 2.1 §3.3: six digits at most)."""

_MOST = 10_000
"""The largest page that is asked for because of objects that share a time."""

_BAD_REQUEST = 400
_BEYOND = 416


@dataclass(frozen=True, slots=True)
class Onward:
    """What a page says about what follows.

    `way`: whether it can be asked for. `unsure`: something before may be missing. `again`: what was
    on this page may come once more.
    """

    more: bool
    way: bool = True
    unsure: bool = False
    again: bool = False


class Paging(Protocol):
    """The way through one collection, from page to page."""

    def query(self) -> Query:
        """Return what to ask for now."""

    def ended_by(self, refused: StatusRefused) -> bool:
        """Say whether this refusal means that nothing is left; it then counts as an empty page."""

    def plainer(self, refused: StatusRefused) -> bool:
        """Ask for a refused first page in another way; False when there is none left."""

    def after(self, reply: Reply, got: int) -> Onward:
        """Take note of a page with `got` entries and move on behind it."""


class ByToken:
    """TAXII 2.1: the same query again with `next`, or without one by the time of addition.

    Many objects may share a time across the end of a page. Without `next` all that is later than a
    moment before the page's last time is asked for, so that the rest of them comes. Where they fill
    a page, a larger one is asked for, up to a limit; and where that does not help, what is later
    than all of them, which leaves a gap that the pull knows of.
    """

    def __init__(self, added_after: str | None, size: int) -> None:
        self._size = size
        self._passed: datetime | None = None
        self._query: Query = {"limit": size}
        if added_after:
            self._query["added_after"] = added_after
        self._token: str | None = None
        self._own_tokens = False

    def query(self) -> Query:
        """Return the query, the same on every page, with `next` where there is one."""
        return self._query if self._token is None else {**self._query, "next": self._token}

    def ended_by(self, refused: StatusRefused) -> bool:  # noqa: ARG002 - as the protocol has it
        """Say no: a collection in this version ends with a page."""
        return False

    def plainer(self, refused: StatusRefused) -> bool:
        """Drop a `limit` that the server refuses, on the first page or where it was raised."""
        if refused.status != _BAD_REQUEST or self._token is not None or "limit" not in self._query:
            return False
        del self._query["limit"]
        return True

    def after(self, reply: Reply, got: int) -> Onward:
        """Follow `next`; without it X-TAXII-Date-Added-Last, as long as there is a way."""
        document = reply.document
        more = str(document.get("more", "")).lower() == "true"
        before, self._token = self._token, _token(document.get("next"))
        self._own_tokens |= before is not None and self._token not in (None, before)
        unsure = reply.served_twice and before is not None and not self._own_tokens
        if not more or self._token is not None:
            return Onward(more, unsure=unsure)
        last, asked = moment(reply.added_last), moment(str(self._query.get("added_after", "")))
        if last is None or last == self._passed or (asked and last < asked):
            return Onward(more, way=False, unsure=unsure)
        if asked is None or last > asked + _TICK:
            self._query["added_after"] = _text(last - _TICK)
            if "limit" in self._query:
                self._query["limit"] = self._size
            return Onward(more, unsure=unsure)
        limit = int(self._query.get("limit", _MOST))
        if limit <= got < _MOST:  # a page that is not full would not be larger either
            self._query["limit"] = min(2 * limit, _MOST)
            return Onward(more, unsure=unsure, again=True)
        self._passed = last
        self._query["added_after"] = str(reply.added_last)
        return Onward(more, unsure=True, again=True)


class ByRange:
    """TAXII 2.0: the same query again with the next range of items.

    `items=0-9` is how HTTP writes a range and how the reference server wants it; the specification
    shows `items 0-9`. The second is asked where the first is refused, and no range where both are.
    """

    _SPELLINGS = ("items={}-{}", "items {}-{}", "")

    def __init__(self, added_after: str | None, size: int) -> None:
        self._query: Query = {"added_after": added_after} if added_after else {}
        self._size = size
        self._start = 0
        self._total: int | None = None
        self._ranges = False
        self._spelling = 0

    def query(self) -> Query:
        """Return the query with the range to ask for.

        It is never cut to the total: the reference server takes the last item for excluded, and
        then gives none for a range of one.
        """
        # A server that gave a range without being asked for one is asked as HTTP has it.
        spelling = self._SPELLINGS[self._spelling] or (self._SPELLINGS[0] if self._start else "")
        if not spelling:
            return self._query
        return {**self._query, RANGE: spelling.format(self._start, self._start + self._size - 1)}

    def ended_by(self, refused: StatusRefused) -> bool:
        """Say yes to 416 behind the first page, and on it where the server says `items */0`."""
        if refused.status != _BEYOND:
            return False
        self._total = _range_of(refused.content_range)[1]
        return self._start > 0 or self._total == 0

    def plainer(self, refused: StatusRefused) -> bool:
        """Write the first range in the other way, then none.

        A 416 that does not say that the collection is empty may mean either; without a range an
        empty collection answers with an empty bundle, any other with its objects.
        """
        if refused.status not in (_BAD_REQUEST, _BEYOND) or self._start:
            return False
        self._total = None
        self._spelling += 1
        return self._spelling < len(self._SPELLINGS)

    def after(self, reply: Reply, got: int) -> Onward:
        """Move on behind the page's range, as far as it can be believed."""
        self._ranges |= reply.partial or reply.content_range is not None
        if not self._ranges:
            return Onward(more=False)
        last, total = _range_of(reply.content_range)
        # What was removed meanwhile moved the rest up, and some of it past us.
        shrunk = total is not None and self._total is not None and total < self._total
        self._total = self._total if total is None else total
        if not got:
            return Onward(more=self._total is not None and self._start < self._total)
        came = self._start + got
        told = came if last is None or last < self._start else last + 1
        self._start = min(came, told)
        return Onward(more=self._total is None or self._start < self._total, unsure=shrunk)


_RANGE = re.compile(r"\s*items[\s=]+(?:\d{1,15}-(\d{1,15})|\*)/(?:(\d{1,15})|\*)\s*", re.IGNORECASE)


def _range_of(text: str | None) -> tuple[int | None, int | None]:
    """Return the last item and the total that a Content-Range names; None what it does not."""
    found = _RANGE.fullmatch(text or "")
    last, total = found.groups() if found else (None, None)
    return (None if last is None else int(last)), (None if total is None else int(total))


def _text(when: datetime) -> str:
    """Write a time as servers write theirs."""
    return f"{when:%Y-%m-%dT%H:%M:%S.%f}Z"


def _token(token: object) -> str | None:
    """Return `next`, which is opaque text; some servers write a number."""
    if isinstance(token, bool) or not isinstance(token, str | int):
        return None
    return str(token) or None
