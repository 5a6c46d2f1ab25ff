"""Reading again from before a position: in one go from honest servers, and never for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

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
        (SECOND, [FIRST]),  # nothing new
        (THIRD, [FIRST]),  # something new
        ("2026-01-01T00:00:02Z", [FIRST]),  # the same moment in other words
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
