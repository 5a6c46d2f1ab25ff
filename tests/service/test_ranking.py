"""Ranks after a change are those that ranking everything anew would give."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.indicator import Indicator, at_rank
from tidegate.indicators.kinds import Origin
from tidegate.service.ranking import order_of, ranked
from tui.stage import NOW, make_row

ROWS = [
    dataclasses.replace(
        make_row(number),
        rank=None,
        score=float(number % 7),
        pinned=number % 5 == 0,
        origin=Origin.FEED if number % 3 else Origin.MANUAL,
    )
    for number in range(40)
]
CHANGES = st.lists(
    st.tuples(st.integers(0, 39), st.sampled_from(["out", "in", "edit"])), max_size=8
)


def anew(held: list[Indicator]) -> list[Indicator]:
    return [dataclasses.replace(r, rank=n) for n, r in enumerate(sorted(held, key=order_of), 1)]


@given(CHANGES, CHANGES)
def test_ranking_from_what_is_known_is_ranking_anew(
    first: list[tuple[int, str]], second: list[tuple[int, str]]
) -> None:
    held = dict(enumerate(ROWS[:30]))
    ranking = ranked("0", NOW, list(held.values()), None)
    for number, changes in enumerate((first, second)):
        for place, what in changes:
            if what == "out":
                held.pop(place, None)
            else:
                row = held.get(place, ROWS[place])
                score = (row.score or 0.0) + (1.5 if what == "edit" else 0)
                held[place] = dataclasses.replace(row, score=score)
        rows = list(held.values())
        ranking = ranked(str(number), NOW, rows, ranking)
        assert list(ranking.rows) == anew(rows)
        ends = [row.expires for row in rows if row.expires is not None]
        assert not ends or ranking.until == min(ends)


def test_a_row_at_its_rank_is_itself_and_elsewhere_an_equal_copy() -> None:
    row = make_row(3, note="x", overrides={"documentation": "a test"})
    assert at_rank(row, 4) is row
    moved = at_rank(row, 9)
    assert moved == dataclasses.replace(row, rank=9)
    assert hash(moved.key) == hash(row.key)
    assert row.rank == 4


def test_rows_that_did_not_move_are_the_same_objects() -> None:
    before = ranked("0", NOW, ROWS, None)
    last = before.known[before.rows[-1].id]
    after = ranked("1", NOW, [row for row in ROWS if row is not last], before)
    assert all(a is b for a, b in zip(after.rows, before.rows, strict=False))
