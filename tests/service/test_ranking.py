"""Ranks after a change are those that ranking everything anew would give."""

from __future__ import annotations

import dataclasses
import gc

from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.indicator import Indicator, at_rank
from tidegate.indicators.kinds import Origin
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.quota import quota
from tidegate.service.ranking import order_of, order_of_record, ranked
from tidegate.service.workspace import Workspace
from tidegate.store.records import indicator_record
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
    records = {number: indicator_record(row) for number, row in held.items()}
    ranking = ranked("0", NOW, list(records.values()), None)
    assert list(ranking.rows) == anew(list(held.values()))
    for number, changes in enumerate((first, second)):
        for place, what in changes:
            if what == "out":
                held.pop(place, None)
                records.pop(place, None)
            else:
                row = held.get(place, ROWS[place])
                score = (row.score or 0.0) + (1.5 if what == "edit" else 0)
                held[place] = dataclasses.replace(row, score=score)
                records[place] = indicator_record(held[place])
        rows = list(held.values())
        ranking = ranked(str(number), NOW, list(records.values()), ranking)
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
    records = [indicator_record(row) for row in ROWS]
    before = ranked("0", NOW, records, None)
    last = before.rows[-1].id
    after = ranked("1", NOW, [record for record in records if record["id"] != last], before)
    assert all(a is b for a, b in zip(after.rows, before.rows, strict=False))


def test_many_new_rows_at_once_are_ranked_as_anew() -> None:
    many = [dataclasses.replace(make_row(n), rank=None, score=float(n % 11)) for n in range(1200)]
    records = [indicator_record(row) for row in many]
    few = ranked("0", NOW, records[:100], None)
    assert list(ranked("1", NOW, records, few).rows) == anew(many)


@given(st.permutations(ROWS))
def test_records_sort_as_the_rows_that_they_are_of(rows: list[Indicator]) -> None:
    by_row = sorted(rows, key=order_of)
    by_record = sorted(map(indicator_record, rows), key=order_of_record)
    assert [row.id for row in by_row] == [record["id"] for record in by_record]


def test_a_list_that_is_looked_at_and_counted_is_held_once(ws: Workspace) -> None:
    values = [f"host{number}.example.com" for number in range(20)]
    apply(ws, edit.plan_add(ws, values, edit.Fields()).plan)
    again = Workspace.open(ws.home, clock=ws.clock)
    before = alive(values)
    shown = look.rows(again)
    assert quota(again).used == len(shown) == len(values)
    assert alive(values) - before == len(values)


def alive(values: list[str]) -> int:
    """How many rows of these values there are in this process."""
    return sum(type(item) is Indicator and item.value in values for item in gc.get_objects())
