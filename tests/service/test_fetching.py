"""Workers read; one hand keeps, and says how far they may go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from tidegate.errors import FeedUnavailable
from tidegate.service.fetching import Came, Ended, Event, Fetchers, Told
from tidegate.sources.base import FeedPage

PATIENCE = 20.0


class Counted:
    """A source of so many pages that remembers how many were asked for."""

    whole = False

    def __init__(self, pages: int, fault: BaseException | None = None) -> None:
        self.count = pages
        self.fault = fault
        self.asked = threading.Semaphore(0)

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        for number in range(self.count):
            self.asked.release()
            yield FeedPage((), number, cursor, None)
        if self.fault:
            raise self.fault

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield from ()


def events(fetchers: Fetchers, feeds: int) -> list[Event]:
    """Everything until so many feeds have ended, each page kept."""
    found: list[Event] = []
    while sum(isinstance(event, Ended) for event in found) < feeds:
        event = fetchers.next(PATIENCE)
        assert event is not None
        found.append(event)
        if isinstance(event, Came):
            fetchers.kept()
    return found


def test_pages_come_in_order_and_the_end_comes_last() -> None:
    fetchers = Fetchers(2)
    fetchers.start("a", Counted(9), "here")
    fetchers.start("b", Counted(0), None)
    found = events(fetchers, 2)
    pages = [event.page for event in found if isinstance(event, Came)]
    assert [page.junk for page in pages] == list(range(9))
    assert {page.cursor for page in pages} == {"here"}
    assert [event for event in found if event.feed == "a"][-1] == Ended("a", None)
    assert fetchers.next(0) is None


def test_whatever_goes_wrong_is_handed_on_after_the_pages() -> None:
    for fault in (FeedUnavailable("gone", ""), ZeroDivisionError(), SystemExit(1)):
        fetchers = Fetchers(1)
        fetchers.start("a", Counted(1, fault), None)
        assert events(fetchers, 1)[-1] == Ended("a", fault)


def test_no_more_pages_are_read_than_may_be_held() -> None:
    fetchers, source = Fetchers(1), Counted(100)
    fetchers.start("a", source, None)
    for _ in range(2):
        assert source.asked.acquire(timeout=PATIENCE)
    assert not source.asked.acquire(timeout=0.1)
    assert isinstance(fetchers.next(PATIENCE), Came)
    assert not source.asked.acquire(timeout=0.1)
    fetchers.kept()
    assert source.asked.acquire(timeout=PATIENCE)
    fetchers.end()


def test_an_end_stops_a_worker_at_its_next_page() -> None:
    fetchers, source = Fetchers(1), Counted(100)
    fetchers.start("a", source, None)
    for _ in range(2):
        assert source.asked.acquire(timeout=PATIENCE)
    fetchers.end()
    found: list[Event] = []
    while not found or isinstance(found[-1], Came):
        event = fetchers.next(PATIENCE)
        assert event is not None
        found.append(event)
    assert found[-1] == Ended("a", None)
    assert len(found) == 3


def test_a_line_for_people_comes_by_the_same_way() -> None:
    fetchers = Fetchers(1)
    threading.Thread(target=fetchers.tell, args=("a", "busy")).start()
    assert fetchers.next(PATIENCE) == Told("a", "busy")
