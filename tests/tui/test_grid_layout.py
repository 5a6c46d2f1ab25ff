from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.tui.grid_layout import Column, fitted

COLUMNS = (
    Column[str]("id", "ID", 6, lambda row, _: row),
    Column[str]("name", "NAME", 0, lambda row, _: row, share=2, least=10),
    Column[str]("extra", "EXTRA", 8, lambda row, _: row),
    Column[str]("why", "WHY", 0, lambda row, _: row, share=1, least=10),
)


@given(st.integers(30, 300))
def test_columns_and_the_gaps_between_them_fill_the_width(width: int) -> None:
    found = fitted(COLUMNS, width, ("extra",))
    total = sum(column.width for column in found) + len(found) - 1
    assert total == width


def test_a_spare_column_goes_when_the_others_would_say_nothing() -> None:
    assert [column.key for column in fitted(COLUMNS, 60, ("extra",))][2] == "extra"
    assert [column.key for column in fitted(COLUMNS, 32, ("extra",))] == ["id", "name", "why"]
    name, why = (fitted(COLUMNS, 100, ())[place].width for place in (1, 3))
    assert abs(name - 2 * why) <= 2
