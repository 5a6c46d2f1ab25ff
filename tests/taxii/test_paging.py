"""What is asked for next in either version; test_pager.py walks whole collections."""

from typing import Any

import pytest

from tidegate.taxii.faults import StatusRefused
from tidegate.taxii.paging import RANGE, ByRange, ByToken, Onward
from tidegate.taxii.reply import Reply

TIME = "2026-01-01T00:00:00.000Z"
LATER = "2026-01-01T00:00:01.000Z"


def page(content_range: str | None = None, **document: Any) -> Reply:  # noqa: ANN401 - JSON
    return Reply(document, TIME, LATER, content_range=content_range)


def refused(status: int, content_range: str | None = None) -> StatusRefused:
    return StatusRefused("no", "", status, content_range)


def test_tokens_repeat_the_query() -> None:
    way = ByToken(TIME, 10)
    assert way.query() == {"limit": 10, "added_after": TIME}
    assert way.after(page(more=True, next=7), 10) == Onward(more=True)
    assert way.query() == {"limit": 10, "added_after": TIME, "next": "7"}
    assert way.after(page(more=True), 10) == Onward(more=True)
    assert way.query() == {"limit": 10, "added_after": "2026-01-01T00:00:00.999999Z"}
    assert way.after(page(), 10) == Onward(more=False)
    assert not way.ended_by(refused(416))


def test_a_page_full_of_one_time_is_asked_for_larger_and_then_passed() -> None:
    way = ByToken(None, 4_000)
    before = "2026-01-01T00:00:00.999999Z"
    assert way.after(page(more=True), 4_000) == Onward(more=True)
    for limit in (8_000, 10_000):
        got = int(way.query()["limit"])
        assert way.after(page(more=True), got) == Onward(more=True, again=True)
        assert way.query() == {"limit": limit, "added_after": before}
    assert way.after(page(more=True), 10_000) == Onward(more=True, unsure=True, again=True)
    assert way.query()["added_after"] == LATER
    assert way.after(page(more=True), 10_000) == Onward(more=True, way=False)


def test_a_page_that_is_not_full_is_not_asked_for_larger() -> None:
    way = ByToken(None, 10)
    assert way.after(page(more=True), 10) == Onward(more=True)
    assert way.after(page(more=True), 3) == Onward(more=True, unsure=True, again=True)
    assert way.plainer(refused(400))
    assert way.query() == {"added_after": LATER}


def test_tokens_are_asked_for_without_limit_once() -> None:
    way = ByToken(None, 10)
    assert not way.plainer(refused(404))
    assert way.plainer(refused(400))
    assert way.query() == {}
    assert not way.plainer(refused(400))


def test_ranges_move_on_and_stop_at_the_total() -> None:
    way = ByRange(TIME, 10)
    assert way.query() == {"added_after": TIME, RANGE: "items=0-9"}
    assert way.after(page("items 0-9/25"), 10) == Onward(more=True)
    assert way.query()[RANGE] == "items=10-19"
    assert way.after(page("items 10-19/25"), 10) == Onward(more=True)
    assert way.query()[RANGE] == "items=20-29"
    assert way.after(page("items 20-24/25"), 5) == Onward(more=False)


@pytest.mark.parametrize(
    ("told", "got", "start"),
    [
        ("items 0-9/90", 10, 10),
        ("items 0-9/90", 4, 4),  # it gave less than it says
        ("items 0-89/90", 10, 10),  # it tells of the whole, not of the page
        ("items 0-9/90", 12, 10),  # it gave more, such as objects that others refer to
        ("ITEMS=0-9/*", 10, 10),
        ("items 9-0/90", 10, 1),  # nothing is skipped, whatever is meant
        ("bytes 0-9/90", 10, 10),
        ("items -1-9/90", 10, 10),
        ("", 10, 10),
    ],
)
def test_the_next_range_begins_where_nothing_is_lost(told: str, got: int, start: int) -> None:
    way = ByRange(None, 10)
    assert way.after(page(told), got).more
    assert way.query()[RANGE] == f"items={start}-{start + 9}"


@pytest.mark.parametrize(
    ("told", "more"),
    [("items 0-0/0", False), ("items */*", False), ("items 0-0/1", True), ("items 0-9/90", True)],
)
def test_an_empty_page_of_items_that_are_there_is_not_the_end(told: str, *, more: bool) -> None:
    assert ByRange(None, 10).after(page(told), 0).more == more


@pytest.mark.parametrize(
    ("status", "told", "ended"),
    [(416, "items */0", True), (416, "items */9", False), (416, None, False), (404, None, False)],
)
def test_a_refused_first_range_is_the_end_only_where_the_server_says_so(
    status: int, told: str | None, *, ended: bool
) -> None:
    assert ByRange(None, 10).ended_by(refused(status, told)) == ended


@pytest.mark.parametrize(("told", "more"), [(None, False), ("items */10", False), ("*/x", False)])
def test_a_refused_later_range_is_the_end(told: str | None, *, more: bool) -> None:
    way = ByRange(None, 10)
    way.after(page("items 0-9/20"), 10)
    assert way.ended_by(refused(416, told))
    assert way.after(Reply({}, None, None), 0).more == more
    assert not way.plainer(refused(416))


def test_a_refused_later_range_that_tells_of_more_is_not_believed_to_be_the_end() -> None:
    way = ByRange(None, 10)
    way.after(page("items 0-9/20"), 10)
    assert way.ended_by(refused(416, "items */20"))
    assert way.after(Reply({}, None, None), 0).more


def test_ranges_are_spelt_in_two_ways_and_then_left_out() -> None:
    way = ByRange(None, 10)
    asked = [way.query().get(RANGE)]
    while way.plainer(refused(400)):
        asked.append(way.query().get(RANGE))
    assert asked == ["items=0-9", "items 0-9", None]
    assert not ByRange(None, 10).plainer(refused(404))
