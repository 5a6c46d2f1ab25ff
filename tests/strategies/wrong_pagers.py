"""Pagers that keep or send a wrong position, as well-known products do: no property may pass them.

Each is the true pager with one mistake made in what it asks, reads or keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from strategies.collections_polled import moment
from tidegate.taxii.limits import Limits
from tidegate.taxii.pager import Fetch, TaxiiPage, pages
from tidegate.taxii.paging import Query
from tidegate.taxii.reply import Reply

Pager = Callable[[Fetch, str | None, Limits], Iterator[TaxiiPage]]

OUR_CLOCK = moment(60_000)
"""A minute ahead of the server's."""


def our_clock(fetch: Fetch, added_after: str | None, limits: Limits) -> Iterator[TaxiiPage]:
    """Keep the time of the pull as our clock tells it."""
    for page in pages(fetch, added_after, limits):
        yield replace(page, cursor=page.cursor and OUR_CLOCK)


def before_commit(fetch: Fetch, added_after: str | None, limits: Limits) -> Iterator[TaxiiPage]:
    """Keep the position first and the objects afterwards."""
    for page in pages(fetch, added_after, limits):
        yield TaxiiPage((), 0, page.cursor)
        yield page


def last_of_page(fetch: Fetch, added_after: str | None, limits: Limits) -> Iterator[TaxiiPage]:
    """Keep the last time of each page, whatever shares it on the next."""
    replies: list[Reply] = []
    for page in pages(_heard(fetch, replies), added_after, limits):
        yield replace(page, cursor=replies[-1].added_last)


def added_after_with_next(
    fetch: Fetch, added_after: str | None, limits: Limits
) -> Iterator[TaxiiPage]:
    """Send the last time of the page before together with its `next`."""
    replies: list[Reply] = []

    def asked(filters: Query) -> Reply:
        last = replies[-1].added_last if replies and "next" in filters else None
        return fetch({**filters, "added_after": last} if last else {**filters})

    return pages(_heard(asked, replies), added_after, limits)


def repeated_token_is_the_end(
    fetch: Fetch, added_after: str | None, limits: Limits
) -> Iterator[TaxiiPage]:
    """Take a token that was there before for the end."""

    def asked(filters: Query) -> Reply:
        reply = fetch({**filters})
        known = "next" in filters and reply.document.get("next") == filters["next"]
        return replace(reply, document={**reply.document, "more": False}) if known else reply

    return pages(asked, added_after, limits)


def nothing_is_lost(fetch: Fetch, added_after: str | None, limits: Limits) -> Iterator[TaxiiPage]:
    """Take the answer to a repeated request for the answer to the first."""
    return pages(lambda asked: replace(fetch(asked), served_twice=False), added_after, limits)


def until_empty(fetch: Fetch, added_after: str | None, limits: Limits) -> Iterator[TaxiiPage]:
    """Ask on by time until a page is empty, whatever the server says of more."""
    query: dict[str, Any] = {"limit": limits.page_size}
    last = added_after
    for _ in range(limits.pages):
        reply = fetch({**query, "added_after": last} if last else query)
        objects = reply.document["objects"]
        if not objects:
            return
        last = reply.added_last
        yield TaxiiPage(tuple(objects), 0, last)


def first_page_only(fetch: Fetch, added_after: str | None, limits: Limits) -> Iterator[TaxiiPage]:
    """Leave the rest for the next poll, and keep the time of the pull's last page."""
    replies: list[Reply] = []
    for page in pages(_heard(fetch, replies), added_after, limits):
        yield replace(page, cursor=replies[-1].added_last)
        return


def _heard(fetch: Fetch, replies: list[Reply]) -> Fetch:
    def asked(filters: Query) -> Reply:
        replies.append(fetch({**filters}))
        return replies[-1]

    return asked


WRONG: Sequence[Pager] = (
    our_clock,
    before_commit,
    last_of_page,
    added_after_with_next,
    repeated_token_is_the_end,
    nothing_is_lost,
    until_empty,
    first_page_only,
)
