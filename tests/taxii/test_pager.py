"""The pager: everything arrives, every malice ends, and no cursor leaves a gap."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from servers import malice
from servers.loopback_taxii import (
    COLLECTION,
    Answer,
    LoopbackTaxii,
    Malice,
    Seen,
    added,
    indicators,
)
from servers.loopback_taxii20 import (
    STIX_20,
    LoopbackTaxii20,
    beyond,
    first_page_for_ever,
    range_ignored,
    said,
    total_untold,
)
from tidegate.errors import FeedRefused, FeedUnavailable
from tidegate.taxii.collection import GuardedCollection
from tidegate.taxii.dialect import V20, V21
from tidegate.taxii.faults import StatusRefused
from tidegate.taxii.limits import Limits
from tidegate.taxii.pager import TaxiiPage, pages
from tidegate.taxii.paging import RANGE, ByRange, ByToken, Query
from tidegate.taxii.reply import Reply
from tidegate.taxii.session import GuardedSession

Start = Callable[..., LoopbackTaxii]

LIMITS = Limits(read_seconds=5, request_seconds=10, pages=50, page_size=10)


def pull(
    server: LoopbackTaxii, cursor: str | None = None, limits: Limits = LIMITS
) -> Iterator[TaxiiPage]:
    dialect = V20 if isinstance(server, LoopbackTaxii20) else V21
    with GuardedSession(server.url, None, limits) as session:
        collection = GuardedCollection(server.url, COLLECTION, session, "acme", dialect)
        yield from pages(collection.objects, cursor, limits, dialect.paging)


def names(read: list[TaxiiPage]) -> list[str]:
    return [each["name"] for page in read for each in page.objects]


def expected(count: int) -> list[str]:
    return [f"Sample {number}" for number in range(count)]


def test_twenty_thousand_objects_arrive_complete(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(20_000), max_page=1000)
    read = list(pull(server, limits=Limits()))
    assert names(read) == expected(20_000)
    assert len(server.pulls) == 20
    assert server.connections == 1
    assert read[-1].cursor == added(19_999)
    assert list(pull(server, read[-1].cursor)) == [TaxiiPage((), 0, None)]


def just_before(number: int) -> str:
    moment = datetime.fromisoformat(added(number)) - timedelta(microseconds=1)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


@pytest.mark.parametrize("one_token", [False, True])
def test_page_two_repeats_the_query(loopback_taxii: Start, *, one_token: bool) -> None:
    server = loopback_taxii(indicators(40), one_token=one_token)
    assert names(list(pull(server, added(4)))) == expected(40)[5:]
    queries = [seen.query for seen in server.pulls]
    assert len(queries) == 4
    assert all(query["added_after"] == added(4) for query in queries)
    assert all(query["limit"] == "10" for query in queries)
    assert ["next" in query for query in queries] == [False, True, True, True]


def test_more_without_next_goes_on_by_time(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(35), malice=malice.more_without_next)
    read = list(pull(server))
    assert list(dict.fromkeys(names(read))) == expected(35)
    assert read[-1].cursor == added(34)
    # From a moment before the last of each page, so that what shares its time comes, too.
    assert [seen.query.get("added_after") for seen in server.pulls] == [
        None,
        *(just_before(number) for number in (9, 18, 27)),
    ]


@pytest.mark.parametrize("inclusive", [False, True])
def test_what_shares_a_time_across_a_page_comes_without_next(
    loopback_taxii: Start, *, inclusive: bool
) -> None:
    objects = indicators(60)
    server = loopback_taxii(
        objects, malice=malice.more_without_next, inclusive=inclusive, per_time=25
    )
    read = list(pull(server))
    assert list(dict.fromkeys(names(read))) == expected(60)
    assert read[-1].cursor == added(59, 25)
    assert max(int(seen.query["limit"]) for seen in server.pulls) == 40


def test_a_page_that_is_never_large_enough_holds_the_position(loopback_taxii: Start) -> None:
    """More at one time than the server's largest page: the rest comes, and is asked for again."""
    server = loopback_taxii(
        indicators(60), malice=malice.more_without_next, max_page=10, per_time=25
    )
    read = list(pull(server))
    assert {*expected(60)[:10], *expected(60)[25:35], *expected(60)[50:]} == set(names(read))
    assert not any(page.cursor for page in read)
    assert len(server.pulls) < 15


def test_inclusive_times_end_too(loopback_taxii: Start) -> None:
    objects = indicators(25)
    server = loopback_taxii(objects, malice=malice.more_without_next, inclusive=True)
    assert set(names(list(pull(server)))) == set(expected(25))
    server = loopback_taxii(objects, malice=malice.always_more, inclusive=True)
    read = list(pull(server))
    assert set(names(read)) == set(expected(25))
    assert "the pull ended there" in read[-1].note


@pytest.mark.parametrize(
    ("bad", "count", "requests"),
    [
        (malice.repeated_next, 10, 2),
        (malice.alternating_next(), 20, 3),
        (malice.empty_pages(), 10, 2),
        (malice.endless_pages(fresh_objects=False), 2, 2),
        (malice.always_more, 30, 6),
    ],
    ids=["repeated", "alternating", "empty", "same objects", "always more"],
)
def test_pages_that_lead_nowhere_end_with_what_there_was(
    loopback_taxii: Start, bad: Malice, count: int, requests: int
) -> None:
    server = loopback_taxii(indicators(30), malice=bad)
    read = list(pull(server))
    assert list(dict.fromkeys(names(read))) == expected(count)
    assert len(server.pulls) == requests
    assert [bool(page.note) for page in read] == [False] * (len(read) - 1) + [True]
    assert all(page.cursor is None or page.cursor < added(count - 1) for page in read)


@pytest.mark.parametrize(
    ("more", "sure"),
    [
        ({}, True),
        ({"dated": False}, True),  # all came nevertheless
        ({"malice": malice.always_more}, False),
        ({"malice": malice.repeated_next}, False),
        ({"malice": malice.empty_pages()}, False),
    ],
    ids=["honest", "undated", "always more", "repeated", "empty"],
)
def test_the_last_page_says_whether_anything_may_be_missing(
    loopback_taxii: Start, more: dict[str, Any], *, sure: bool
) -> None:
    server = loopback_taxii(indicators(30), **more)
    assert list(pull(server))[-1].sure is sure


@pytest.mark.parametrize(
    ("dates", "lost", "sure"),
    [
        ([added(1), added(2)], False, True),
        ([added(2), added(1)], False, False),
        ([added(1), None], False, False),
        (["undefined", "undefined"], False, True),
        ([added(1), added(2)], True, False),
    ],
    ids=["in order", "backwards", "no more dates", "unreadable", "answered twice"],
)
def test_dates_in_disorder_and_lost_answers_are_no_certain_end(
    dates: list[str | None], *, lost: bool, sure: bool
) -> None:
    left = [
        Reply({"objects": [item], "more": more, "next": "t"}, date, date, served_twice=again)
        for item, more, date, again in zip(
            indicators(2), (True, False), dates, (False, lost), strict=True
        )
    ]
    *_, last = pages(lambda _: left.pop(0), None, LIMITS)
    assert last.sure is sure


def test_nothing_later_than_an_inclusive_position_is_a_certain_end(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(5), inclusive=True)
    (page,) = pull(server, added(4))
    assert (len(page.objects), page.cursor, page.sure) == (1, None, True)


def test_more_without_next_and_times_is_not_asked_again(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(30), malice=malice.more_without_next, dated=False)
    (page,) = pull(server)
    assert names([page]) == expected(10)
    assert "not how to ask" in page.note
    assert len(server.pulls) == 1


def test_endless_fresh_pages_stop_at_the_caps(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=malice.endless_pages(fresh_objects=True))
    read: list[TaxiiPage] = []
    with pytest.raises(FeedRefused, match="50 pages"):
        read.extend(pull(server))
    assert len(read) == len(server.pulls) == 50
    with pytest.raises(FeedRefused, match="more than 7 objects"):
        list(pull(server, limits=replace(LIMITS, objects=7)))


def test_a_server_that_refuses_limit(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(25), malice=malice.limit_refused, max_page=10)
    assert names(list(pull(server))) == expected(25)
    assert ["limit" in seen.query for seen in server.pulls] == [True, False, False, False]


def test_a_server_that_refuses_everything_is_asked_twice(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=malice.status(400))
    with pytest.raises(StatusRefused):
        list(pull(server))
    assert len(server.pulls) == 2


@pytest.mark.parametrize("text", ["undefined", "2026-13-45", "Tue, 01 Nov 2026 00:00:00 GMT"])
def test_headers_that_are_no_times_give_no_cursor(loopback_taxii: Start, text: str) -> None:
    server = loopback_taxii(indicators(25), malice=malice.stamped(text))
    read = list(pull(server, added(2)))
    assert names(read) == expected(25)[3:]
    assert {page.cursor for page in read} == {None}


def test_a_cursor_never_goes_back(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(25), malice=malice.stamped("2020-01-01T00:00:00Z"))
    assert {page.cursor for page in pull(server, added(2))} == {None}


@pytest.mark.parametrize(
    ("spans", "cursors"),
    [
        ([(0, 9), (10, 19), (20, 29)], [None, added(9), added(29)]),
        ([(0, 9), (5, 19), (20, 29)], [None, None, None]),
        ([(0, 9), (9, 4), (20, 29)], [None, None, None]),
        ([(0, 9), (9, 9), (9, 9)], [None, None, added(9)]),
        ([(0, 9), (10, 19), None], [None, added(9), None]),
    ],
    ids=["rising", "overlapping", "falling", "one time", "no header"],
)
def test_cursors_follow_times_that_rise(
    spans: list[tuple[int, int] | None], cursors: list[str | None]
) -> None:
    left = list(enumerate(spans))

    def fetch(_: Query) -> Reply:
        number, span = left.pop(0)
        document = {"more": bool(left), "next": str(number), "objects": indicators(30)[number:]}
        first, last = (added(span[0]), added(span[1])) if span else (None, None)
        return Reply(document, first, last)

    assert [page.cursor for page in pages(fetch, None, Limits())] == cursors


def test_a_failure_midway_keeps_what_came_before(loopback_taxii: Start) -> None:
    def fails_on_page_three(_: LoopbackTaxii, seen: Seen) -> Answer | None:
        return Answer(status=503) if seen.query.get("next") == "at-20" else None

    server = loopback_taxii(indicators(30), malice=fails_on_page_three)
    read: list[TaxiiPage] = []
    with pytest.raises(FeedUnavailable):
        read.extend(pull(server))
    server.malice = None
    assert names(read) == expected(20)
    kept = [page.cursor for page in read if page.cursor]
    assert kept == [added(9)]
    assert names(list(pull(server, kept[-1]))) == expected(30)[10:]


@settings(max_examples=120)
@given(
    kind=st.sampled_from([LoopbackTaxii, LoopbackTaxii20]),
    ranges=st.sampled_from([None, total_untold, said("items */*"), said("nonsense"), said(None)]),
    one_token=st.booleans(),
    count=st.integers(0, 60),
    per_time=st.integers(1, 25),
    size=st.integers(1, 6),
    max_page=st.integers(1, 8),
    faults=st.lists(st.integers(0, 6), max_size=3),
    later=st.integers(0, 20),
    inclusive=st.booleans(),
)
@example(
    kind=LoopbackTaxii,
    count=10,
    per_time=10,
    size=2,
    max_page=8,
    faults=[1],
    later=0,
    ranges=None,
    one_token=False,
    inclusive=False,
)
@example(
    kind=LoopbackTaxii,
    count=20,
    per_time=10,
    size=4,
    max_page=8,
    faults=[3],
    later=0,
    ranges=None,
    one_token=False,
    inclusive=False,
)
@example(
    kind=LoopbackTaxii20,
    count=20,
    per_time=10,
    size=4,
    max_page=8,
    faults=[3],
    later=5,
    ranges=None,
    one_token=False,
    inclusive=False,
)
def test_interrupted_pulls_leave_no_gap(
    kind: type[LoopbackTaxii],
    ranges: Malice | None,
    count: int,
    per_time: int,
    size: int,
    max_page: int,
    faults: list[int],
    later: int,
    *,
    one_token: bool,
    inclusive: bool,
) -> None:
    """Whatever times objects share, breaking off anywhere and going on later brings everything.

    Each pull but the last breaks off after so many pages; then `later` objects more are added.
    """
    limits = Limits(page_size=size)
    got: set[str] = set()
    cursor = None
    # The later ones share no time with the earlier ones: behind a strict cursor they would hide.
    first = count - count % per_time
    for total, breaks in ((first, [*faults, None]), (first + later, [None])):
        server = kind(
            indicators(total),
            malice=ranges if kind is LoopbackTaxii20 else None,
            per_time=per_time,
            max_page=max_page,
            one_token=one_token,
            inclusive=inclusive,
        )
        with server:
            for stop_after in breaks:
                for number, page in enumerate(_straight(server, cursor, limits)):
                    got |= {str(each["id"]) for each in page.objects}
                    cursor = page.cursor or cursor
                    if number == stop_after:
                        break
    assert len(got) == first + later
    assert not page.note


def _straight(server: LoopbackTaxii, cursor: str | None, limits: Limits) -> Iterator[TaxiiPage]:
    """Ask the server's logic without the network, for the many runs of a property."""

    def fetch(query: Query) -> Reply:
        asked = {key: str(value) for key, value in query.items()}
        headers = {"accept": STIX_20} if isinstance(server, LoopbackTaxii20) else {}
        if RANGE in asked:
            headers["range"] = asked.pop(RANGE)
        answer = server.answer(Seen("/api1/objects/", asked, headers))
        told = answer.headers.get("Content-Range")
        if answer.status not in (200, 206):
            raise StatusRefused("no", "", answer.status, told)
        return Reply(
            orjson.loads(answer.body),
            answer.headers.get("X-TAXII-Date-Added-First"),
            answer.headers.get("X-TAXII-Date-Added-Last"),
            partial=answer.status == 206,
            content_range=told,
        )

    paging = ByRange if isinstance(server, LoopbackTaxii20) else ByToken
    return pages(fetch, cursor, limits, paging)


# -- TAXII 2.0 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", [None, "=", " "])
def test_ranges_bring_everything_and_then_nothing(
    loopback_taxii: Start, spelling: str | None
) -> None:
    server = loopback_taxii(indicators(35), kind=LoopbackTaxii20, spelling=spelling)
    read = list(pull(server))
    assert names(read) == expected(35)
    assert [page.cursor for page in read] == [None, added(9), added(19), added(34)]
    mark = spelling or "="
    asked = [seen.headers["range"] for seen in server.pulls]
    assert asked[-4:] == [f"items{mark}{span}" for span in ("0-9", "10-19", "20-29", "30-39")]
    assert len(asked) == (5 if spelling == " " else 4)
    assert {seen.headers["accept"] for seen in server.pulls} == {STIX_20}
    assert list(pull(server, read[-1].cursor)) == [TaxiiPage((), 0, None)]
    assert server.pulls[-1].query == {"added_after": added(34)}
    assert names(list(pull(server, added(4)))) == expected(35)[5:]
    assert {seen.query["added_after"] for seen in server.pulls[-3:]} == {added(4)}


def test_a_server_may_give_less_than_the_range(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(35), kind=LoopbackTaxii20, max_page=4)
    assert names(list(pull(server))) == expected(35)
    assert len(server.pulls) == 9


def test_twenty_thousand_objects_arrive_by_ranges(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(20_000), kind=LoopbackTaxii20)
    read = list(pull(server, limits=Limits()))
    assert names(read) == expected(20_000)
    assert (len(server.pulls), server.connections) == (20, 1)


def test_the_reference_server_takes_the_last_item_for_excluded(loopback_taxii: Start) -> None:
    """medallion 1.1.0: `items=0-9` gives nine items under `items 0-8/35`, `items=34-34` none."""

    def one_less(server: LoopbackTaxii, seen: Seen) -> Answer:
        start, last = map(int, seen.headers["range"].removeprefix("items=").split("-"))
        total = len(server.raw)
        stop = min(last, total)
        assert isinstance(server, LoopbackTaxii20)
        page = server.bundle(0, start, stop, total, ranged=False)
        told = f"items {start}-{max(start, stop - 1)}/{total}"
        return Answer(page.body, 206, {**page.headers, "Content-Range": told}, media_type=STIX_20)

    server = loopback_taxii(indicators(37), kind=LoopbackTaxii20, malice=one_less)
    read = list(pull(server))
    assert names(read) == expected(37)
    assert read[-1].cursor == added(36)


@pytest.mark.parametrize(
    ("bad", "count", "requests", "note", "cursor"),
    [
        (said(None, 200), 10, 1, "", added(9)),
        (said("items 0--1/0", 200), 35, 5, "", added(34)),
        (said("items */*"), 35, 5, "", added(34)),
        (said("pages 7 of \x7f9"), 35, 5, "", added(34)),
        (said("items 9-0/" + "9" * 4000), 35, 5, "", added(34)),
        (said(None, 206), 35, 5, "", added(34)),
        (said("items 0-9/35"), 35, 4, "", added(34)),
        (said("items 0-99/35"), 35, 4, "", added(34)),
        (said("items 0-9/1000000"), 35, 5, "", added(34)),
        (total_untold, 35, 5, "", added(34)),
        (range_ignored, 35, 1, "", added(34)),
        (first_page_for_ever(35), 10, 2, "repeats a page", None),
        (first_page_for_ever(10**14), 10, 2, "repeats a page", None),
        (beyond(None), 35, 3, "", added(34)),
        (beyond("items */35"), 35, 3, "", added(34)),
        (beyond("items */0"), 0, 1, "", None),
    ],
    ids=[
        *("no range told", "zero length", "stars", "nonsense", "huge", "partial of what"),
        *("always the first", "asked range echoed", "huge total", "no total", "all at once"),
        *("first page only", "first page for ever", "416", "416 with total", "416 of nothing"),
    ],
)
def test_odd_ranges_lose_nothing_and_end(
    loopback_taxii: Start, bad: Malice, count: int, requests: int, note: str, cursor: str | None
) -> None:
    server = loopback_taxii(indicators(35), kind=LoopbackTaxii20, malice=bad)
    read = list(pull(server))
    assert list(dict.fromkeys(names(read))) == expected(count)
    assert len(server.pulls) == requests
    assert note in read[-1].note
    assert bool(read[-1].note) == bool(note)
    assert max((page.cursor for page in read if page.cursor), default=None) == cursor


def test_no_first_page_in_any_way_is_no_empty_collection(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackTaxii20, malice=beyond(None, always=True))
    with pytest.raises(StatusRefused, match="answered 416"):
        list(pull(server))
    assert [seen.headers.get("range") for seen in server.pulls] == [
        "items=0-9",
        "items 0-9",
        None,
    ]


def test_a_server_that_gives_ranges_unasked_is_asked_for_the_next(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(35), kind=LoopbackTaxii20, malice=beyond(None), max_page=10)
    assert names(list(pull(server))) == expected(35)
    assert [seen.headers.get("range") for seen in server.pulls][2:] == [
        *(None, "items=10-19", "items=20-29", "items=30-39"),
    ]


def test_an_empty_collection_is_empty(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackTaxii20)
    assert list(pull(server)) == [TaxiiPage((), 0, None)]


def test_a_range_that_ends_in_an_empty_page_although_more_is_told(loopback_taxii: Start) -> None:
    def emptied(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        if "items=0-" in seen.headers["range"]:
            return None
        headers = {"Content-Range": "items 10-19/35"}
        return Answer(b'{"type":"bundle"}', 206, headers, media_type=STIX_20)

    server = loopback_taxii(indicators(35), kind=LoopbackTaxii20, malice=emptied)
    read = list(pull(server))
    assert names(read) == expected(10)
    assert "sent an empty page" in read[-1].note
    assert {page.cursor for page in read} == {None}


def test_what_is_removed_while_it_is_paged_keeps_the_cursor_behind(loopback_taxii: Start) -> None:
    def shrinking(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        if "items=20-" in seen.headers["range"]:
            del server.raw[0]
        return None

    server = loopback_taxii(indicators(35), kind=LoopbackTaxii20, malice=shrinking)
    read = list(pull(server))
    assert [page.cursor for page in read] == [None, added(9), None, None]


@pytest.mark.parametrize(
    ("document", "objects", "junk"),
    [
        ({}, 0, 0),
        ({"more": False}, 0, 0),
        ({"objects": None}, 0, 0),
        ({"objects": []}, 0, 0),
        ({"objects": [{"id": "indicator--1"}, 7, None, "text"]}, 1, 3),
        ({"more": "true", "next": 2, "objects": [{"id": "indicator--1"}]}, 1, 0),
    ],
)
def test_odd_envelopes(document: dict[str, Any], objects: int, junk: int) -> None:
    asked: list[dict[str, Any]] = []

    def fetch(filters: Query) -> Reply:
        asked.append(dict(filters))
        return Reply(document if len(asked) == 1 else {}, None, None)

    read = list(pages(fetch, None, Limits()))
    assert sum(len(page.objects) for page in read) == objects
    assert sum(page.junk for page in read) == junk
    if "next" in document:
        assert asked[1]["next"] == "2"


def test_an_error_in_json_does_not_pass_for_an_empty_collection() -> None:
    with pytest.raises(FeedRefused, match="no page of objects"):
        list(pages(lambda _: Reply({"error": "quota"}, None, None), None, Limits()))


# -- asked again -----------------------------------------------------------------------------------


def test_a_page_that_is_refused_for_a_while_leaves_no_gap(loopback_taxii: Start) -> None:
    for first in (0, 2):
        server = loopback_taxii(indicators(35), malice=malice.failing(2, 429, first=first))
        read = list(pull(server))
        assert names(read) == expected(35)
        assert read[-1].cursor == added(34)
        assert len(server.pulls) == 4 + 2


@pytest.mark.parametrize("page", [0, 1, 2, 3])
def test_a_page_lost_behind_one_token_is_fetched_by_the_next_pull(
    loopback_taxii: Start, page: int
) -> None:
    server = loopback_taxii(indicators(50), malice=malice.lost(page), one_token=True)
    read = list(pull(server))
    kept = [each.cursor for each in read if each.cursor]
    again = list(pull(server, kept[-1] if kept else None))
    assert set(names(read)) | set(names(again)) == set(expected(50))
    assert (len(names(read)) == 50) == (page == 0)


@pytest.mark.parametrize("page", [0, 1, 2, 3])
def test_a_page_lost_by_a_server_with_fresh_tokens_costs_nothing(
    loopback_taxii: Start, page: int
) -> None:
    server = loopback_taxii(indicators(50), malice=malice.lost(page))
    read = list(pull(server))
    assert names(read) == expected(50)
    assert read[-1].cursor == added(49)
