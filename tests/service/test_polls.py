"""The union of the polls is what the server holds, whatever fails in between, and every poll ends.

Random collections, times that objects share, several versions of an object, page sizes, servers
with a fresh `next`, with one for a whole pull and with none, `added_after` strict and inclusive;
requests that fail, answers that get lost, servers that restart, a process that is killed before and
after a commit. After polls of any fate, one that nothing disturbs makes the ledger complete.

Where the protocol itself has gaps, polls alone cannot do that:

- A server without `next` whose pages are smaller than the number of objects that share a time, and
  that gives no larger ones, hides the rest of them.
- An object that is added at a time that polls have passed already, or at the very time where they
  stand, is never later than the cursor. It is what a clock that was put back, a late insert or a
  replica does.

What finds the late ones is a full read from the beginning. The others keep the position where it
was, so that they come when the server gives larger pages.

`TIDEGATE_SOAK=1` tells many more stories.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import Phase, example, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from driving.homes import Cli, write_feed
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Malice, Seen, indicators
from strategies.builders import held_indicators
from strategies.collections_polled import (
    FAULTS,
    STORIES,
    Addition,
    Collection,
    Fault,
    Poll,
    Story,
    Tokens,
    disturbed,
    moment,
    told,
)
from strategies.wrong_pagers import WRONG, Pager
from tidegate.errors import FeedError
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.pulls import begin_pull
from tidegate.service import demo_server
from tidegate.service.demo_server import DemoServer
from tidegate.sources.base import FeedPage
from tidegate.sources.overlap import Overlapping
from tidegate.taxii.faults import StatusRefused
from tidegate.taxii.limits import Limits
from tidegate.taxii.pager import Fetch, TaxiiPage, pages

SOAK = bool(os.environ.get("TIDEGATE_SOAK"))
NOW = datetime(2026, 6, 1, tzinfo=UTC)

TRIED = settings(max_examples=2000, database=None, phases=[Phase.generate])
"""For a wrong pager: any story that gives it away will do, not the shortest."""

feeds = itertools.count()


@pytest.fixture(name="ledger", scope="module")
def _ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    found = Ledger(tmp_path_factory.mktemp("polls") / "ledger.sqlite")
    # Nobody cuts the power here, and thousands of stories commit a page at a time.
    found.link.execute("PRAGMA synchronous = OFF")
    yield found
    found.close()


def poll(
    pager: Pager,
    server: Collection,
    ledger: Ledger,
    feed: str,
    size: int,
    faults: Mapping[int, Fault],
    *,
    overlapping: bool = False,
) -> int:
    """Pull once, as `service.pulling` does, and return how many requests it took.

    `overlapping` begins where the ledger says, and not at the cursor: then the pager itself is not
    what is tried, as a page that it loses is read again.
    """
    before = server.asked
    fetch = disturbed(server, faults)
    run = ledger.start_run(feed, NOW)
    # A pager in an endless loop ends here, and fails by the number of its requests.
    limits = Limits(page_size=size, pages=200)
    try:
        stored = ledger.feed(feed).cursor
        read: Iterator[TaxiiPage | FeedPage] = pager(fetch, stored, limits)
        if overlapping:
            start = begin_pull(ledger, feed, run, whole=False, sweep=None, now=NOW)
            read = Overlapping(Paged(pager, fetch, limits), start.cursor).pages(stored)
        for page in read:
            fault = faults.get(server.asked - before - 1)
            if fault is Fault.KILLED_BEFORE:
                return server.asked - before
            ledger.add_page(
                feed, run, page.objects, junk=page.junk, cursor=page.cursor, whole=False, now=NOW
            )
            if fault is Fault.KILLED_AFTER:
                return server.asked - before
    except FeedError as error:
        ledger.fail_run(feed, str(error))
    else:
        ledger.finish_run(feed, run, whole=False, published=None, now=NOW)
    return server.asked - before


@dataclass
class Paged:
    """A pager as a source."""

    pager: Pager
    fetch: Fetch
    limits: Limits
    whole = False

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        for page in self.pager(self.fetch, cursor, self.limits):
            yield FeedPage(page.objects, page.junk, page.cursor, None, page.note)

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield from ()


def known(ledger: Ledger, feed: str) -> dict[str, str]:
    return {each["id"]: each["modified"] for each in held_indicators(ledger, feed)}


def check_union(pager: Pager, story: Story, ledger: Ledger, *, overlapping: bool = False) -> None:
    """Tell the story; its polls, and one more that nothing disturbs, must bring everything."""
    feed, time = f"f{next(feeds)}", 0
    server = Collection(story.tokens, story.inclusive)
    for one in (*story.polls, Poll((), {})):
        time = told(story, server, one.batch, time)
        asked = poll(pager, server, ledger, feed, story.size, one.faults, overlapping=overlapping)
        assert asked <= 3 * len(server.entries) + 10
    assert known(ledger, feed) == server.latest


def ties(count: int) -> tuple[Addition, ...]:
    return tuple(Addition(0, number) for number in range(count))


@settings(max_examples=20_000 if SOAK else 400)
@given(story=STORIES)
@example(story=Story(Tokens.ONE, False, 2, (Poll(ties(6), {1: Fault.LOST_ONCE}),)))
@example(story=Story(Tokens.FRESH, True, 2, (Poll(ties(6), {2: Fault.KILLED_AFTER}),)))
@example(story=Story(Tokens.FRESH, False, 2, (Poll(ties(5), {2: Fault.RESTART}),)))
def test_the_union_of_the_polls_is_what_the_server_holds(ledger: Ledger, story: Story) -> None:
    check_union(pages, story, ledger)


@settings(max_examples=5_000 if SOAK else 150)
@given(story=STORIES)
def test_reading_again_loses_nothing(ledger: Ledger, story: Story) -> None:
    check_union(pages, story, ledger, overlapping=True)


@pytest.mark.parametrize("pager", WRONG, ids=lambda each: each.__name__)
def test_a_wrong_pager_does_not_pass(ledger: Ledger, pager: Pager) -> None:
    def fails(story: Story) -> bool:
        try:
            check_union(pager, story, ledger)
        except AssertionError:
            return True
        return False

    try:
        found = find(STORIES, fails, settings=TRIED, random=Random(1))  # noqa: S311 - the same stories every time
    except NoSuchExample:
        pytest.fail(f"nothing is wrong with {pager.__name__}, it seems")
    check_union(pages, found, ledger)


@settings(max_examples=5_000 if SOAK else 150)
@given(
    tokens=st.sampled_from(list(Tokens)),
    inclusive=st.booleans(),
    size=st.integers(1, 4),
    times=st.lists(
        st.lists(st.tuples(st.integers(0, 4), st.integers(0, 11)), max_size=8), max_size=4
    ),
    faults=st.lists(FAULTS, min_size=4, max_size=4),
)
@example(
    tokens=Tokens.NONE,
    inclusive=False,
    size=2,
    times=[[(0, number) for number in range(5)]],
    faults=[{}] * 4,
)
def test_a_read_from_the_beginning_closes_the_gaps_of_the_protocol(
    ledger: Ledger,
    tokens: Tokens,
    inclusive: bool,  # noqa: FBT001 - given by name
    size: int,
    times: list[list[tuple[int, int]]],
    faults: list[dict[int, Fault]],
) -> None:
    """Objects that share any times, inserted late: what polls missed, the full read brings."""
    feed = f"f{next(feeds)}"
    server = Collection(tokens, inclusive)
    for batch, trouble in zip(times, faults, strict=False):
        for time, ident in batch:
            server.add(time, ident)
        asked = poll(pages, server, ledger, feed, size, trouble)
        assert asked <= 3 * len(server.entries) + 10
    ledger.link.execute("UPDATE feed SET cursor = NULL WHERE id = ?", (feed,))
    poll(pages, server, ledger, feed, size, {})
    assert known(ledger, feed) == server.latest


def test_more_at_one_time_than_a_page_ever_holds_is_not_passed_for_good(ledger: Ledger) -> None:
    """Where even a large page cannot be had, the rest comes, and the position stays before it."""
    for inclusive in (False, True):
        server, feed = Collection(Tokens.NONE, inclusive, most=2), f"f{next(feeds)}"
        server.add(0, 9)
        for ident in range(5):
            server.add(1, ident)
        server.add(2, 5)
        assert poll(pages, server, ledger, feed, 2, {}) < 30
        assert len(known(ledger, feed)) == (3 if inclusive else 4)
        assert (ledger.feed(feed).cursor or "") <= moment(0)
        server.most = 100
        poll(pages, server, ledger, feed, 2, {})
        assert known(ledger, feed) == server.latest


# -- the product over a real connection -----------------------------------------------------------


def over_http(collection: Collection, faults: Mapping[int, Fault]) -> Malice:
    """Answer requests for objects as the collection does; nobody is killed here."""
    first = collection.asked

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        fault = faults.get(collection.asked - first)
        if fault is Fault.REFUSED:
            collection.asked += 1
            return Answer(b"{}", status=500)
        if fault is Fault.RESTART:
            collection.restart()
        try:
            reply = collection.answer({**seen.query})
        except StatusRefused as refused:
            return Answer(b"{}", status=refused.status)
        body = orjson.dumps(reply.document)
        if fault is Fault.LOST:
            return Answer(body[:-1], length=len(body))
        if fault is Fault.LOST_ONCE:
            return Answer(b"", length=len(body))
        times = {"First": reply.added_first, "Last": reply.added_last}
        headers = {f"X-TAXII-Date-Added-{end}": time for end, time in times.items() if time}
        return Answer(body, headers=headers)

    return answer


def subscribed(folder: Path, source: str) -> Cli:
    cli = Cli(folder / "home")
    cli.subscribe(write_feed(folder / "acme", source=source).folder)
    return cli


def held(cli: Cli) -> dict[str, str]:
    ledger = Ledger(cli.home / "ledger.sqlite", read_only=True)
    found = known(ledger, "acme")
    ledger.close()
    return found


@settings(max_examples=300 if SOAK else 12)
@given(story=STORIES)
def test_the_same_over_http(tmp_path_factory: pytest.TempPathFactory, story: Story) -> None:
    server, time = Collection(story.tokens, story.inclusive), 0
    with LoopbackTaxii() as http:
        source = f'kind = "taxii21"\nurl = "{http.url}"\ncollection = "{COLLECTION}"\n'
        cli = subscribed(
            tmp_path_factory.mktemp("http"), f"{source}page_size = {story.size}\ntimeout = 5\n"
        )
        for one in (*story.polls, Poll((), {})):
            time = told(story, server, one.batch, time)
            asked = server.asked
            http.malice = over_http(server, one.faults)
            code = cli("sync", "--yes", "--json").code
            assert code in ((0, 7) if one.faults else (0,))
            assert server.asked - asked <= 3 * len(server.entries) + 10
        assert held(cli) == server.latest


def test_medallion_polled_while_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Additions and new versions between polls of the reference server, in pages of seven."""
    monkeypatch.setenv("ACME_LOGIN", "s3cr3t")
    objects = indicators(40)
    later = [{**each, "modified": "2026-02-01T00:00:00.000Z"} for each in objects[:5]]
    batches: tuple[list[dict[str, Any]], ...] = (
        objects[:10],
        objects[10:11],
        [],
        objects[11:30],
        later,
        objects[30:],
    )
    with DemoServer({COLLECTION: ("Everything", [])}, "tidegate", "s3cr3t") as server:
        auth = '{ kind = "basic", username = "tidegate", password = "env:ACME_LOGIN" }'
        source = f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'
        cli = subscribed(tmp_path, f"{source}page_size = 7\nauth = {auth}\n")
        application: Any = server._app
        (collection,) = application.medallion_backend.data["demo"]["collections"]
        published: list[dict[str, Any]] = []
        for batch in batches:
            published += batch
            collection.update(demo_server._collection(COLLECTION, "Everything", published))
            report = cli.sync()
            assert report["feeds"][0]["fetched"] >= len(batch)
            assert held(cli) == {each["id"]: each["modified"] for each in published}
