"""Reading again from before a position: whatever the server keeps to itself, a feed moves on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from tidegate.errors import FeedRefused
from tidegate.sources import overlap
from tidegate.sources.base import FeedPage
from tidegate.sources.overlap import Overlapping

FIRST, SECOND, THIRD = (f"2026-01-01T00:00:0{n}.000000Z" for n in (1, 2, 3))


class Served:
    """A source that gives one page for each position that it is asked from."""

    whole = False

    def __init__(self, pages: dict[str | None, str | None]) -> None:
        self._pages = pages
        self.asked: list[str | None] = []

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        self.asked.append(cursor)
        yield FeedPage(({"id": f"indicator--{cursor}"},), 0, self._pages[cursor], None)

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "answers", lambda: "yes"


@pytest.mark.parametrize(
    ("reached", "asked"),
    [
        (THIRD, [FIRST]),  # something new
        (SECOND, [FIRST, SECOND]),  # nothing new, or an answer that was cut off there
        ("2026-01-01T00:00:02Z", [FIRST, SECOND]),  # the same moment in other words
        (FIRST, [FIRST, SECOND]),  # not so far
        (None, [FIRST, SECOND]),  # nowhere
        ("undefined", [FIRST, SECOND]),
    ],
)
def test_a_source_is_asked_on_where_it_did_not_come_as_far(
    reached: str | None, asked: list[str]
) -> None:
    source = Served({FIRST: reached, SECOND: THIRD})
    pages = list(Overlapping(source, FIRST).pages(SECOND))
    assert source.asked == asked
    assert len(pages) == len(asked)


def test_a_first_reading_has_nothing_to_read_again() -> None:
    source = Served({None: FIRST})
    assert len(list(Overlapping(source, None).pages(None))) == 1
    assert source.asked == [None]
    assert [step for step, _ in Overlapping(source, None).checks()] == ["answers"]


@pytest.mark.parametrize(
    ("gives", "stored", "asked"),
    [
        ({None: THIRD}, SECOND, [None]),  # past the stored position
        ({None: SECOND, SECOND: None}, SECOND, [None, SECOND]),
        ({None: FIRST, FIRST: SECOND, SECOND: THIRD}, SECOND, [None, FIRST, SECOND]),  # cut off
        ({None: FIRST, FIRST: None}, SECOND, [None, FIRST]),  # restored from a copy
        ({None: FIRST, FIRST: FIRST}, SECOND, [None, FIRST]),  # goes nowhere
        ({None: None}, SECOND, [None]),  # dates nothing, or is empty
        ({None: FIRST}, None, [None]),
    ],
)
def test_a_sweep_is_asked_on_until_it_has_all_that_was_known(
    gives: dict[str | None, str | None], stored: str | None, asked: list[str | None]
) -> None:
    source = Served(gives)
    list(Overlapping(source, None, sweep=True).pages(stored))
    assert source.asked == asked


def test_a_sweep_of_answers_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "_READINGS", 3)
    times = [None, *(f"2026-01-01T00:00:00.00{n}Z" for n in range(9))]
    source = Served(dict(pairwise(times)))
    with pytest.raises(FeedRefused, match="3 of them were not all"):
        list(Overlapping(source, None, sweep=True).pages(SECOND))
    assert len(source.asked) == 4


def test_what_the_first_reading_told_is_not_forgotten_by_the_next() -> None:
    class Telling(Served):
        def pages(self, cursor: str | None) -> Iterator[FeedPage]:
            for page in super().pages(cursor):
                yield replace(page, note="looked for afresh" if cursor == FIRST else "")

    source = Telling({FIRST: FIRST, SECOND: THIRD})
    told = [page.note for page in Overlapping(source, FIRST).pages(SECOND)]
    assert told == ["looked for afresh"] * 2
