from __future__ import annotations

import dataclasses

import pytest

from tidegate.indicators.kinds import Origin
from tidegate.indicators.sorting import SORTS
from tidegate.tui.columns import COLUMNS, arranged, columns_of, layout, source
from tui.stage import make_row


@pytest.mark.parametrize("width", [18, 30, 50, 58, 59, 69, 70, 76, 77, 99, 100, 112, 200, 300])
def test_columns_fill_the_width_exactly(width: int) -> None:
    columns = layout(width)
    assert sum(column.width for column in columns) + len(columns) - 1 == width
    assert all(column.width > 0 for column in columns)


def test_any_width_gets_some_columns() -> None:
    assert [column.key for column in layout(-2)] == ["type", "value", "action", "severity"]


@pytest.mark.parametrize(
    ("width", "absent"),
    [
        (77, set()),
        (76, {"rank"}),
        (70, {"rank"}),
        (69, {"rank", "feed"}),
        (58, {"rank", "feed", "expires"}),
        (50, {"rank", "feed", "expires", "flags"}),
    ],
)
def test_rank_then_feed_then_expiry_are_dropped(width: int, absent: set[str]) -> None:
    everything = {"type", "value", "action", "severity", "expires", "feed", "rank", "flags"}
    assert {column.key for column in layout(width)} == everything - absent


def test_a_wide_table_has_title_scope_and_confidence() -> None:
    keys = [column.key for column in layout(112)]
    assert keys[1:3] == ["value", "title"]
    assert {"scope", "confidence"} < set(keys)


def test_the_list_can_be_ordered_by_every_column() -> None:
    assert set(COLUMNS) == set(SORTS)


def test_source_names_feeds_or_origin() -> None:
    assert source(make_row(1)) == "acme-c2"
    assert source(make_row(1, feeds=("a", "b", "c"))) == "a+2"
    row = dataclasses.replace(make_row(1), feeds=(), origin=Origin.MANUAL)
    assert source(row) == "manual"


def test_chosen_columns_keep_their_order_and_widths() -> None:
    chosen = arranged(("value", "note", "severity", "title:30", "gone", "id"), 150)
    assert [column.key for column in chosen] == ["value", "note", "severity", "title", "id"]
    assert chosen[3].width == 30
    assert sum(column.width for column in chosen) + len(chosen) - 1 == 150


def test_what_finds_no_room_goes_and_the_value_stays_longest() -> None:
    keys = [column.key for column in arranged(("rank", "value", "title", "id", "note"), 50)]
    assert keys == ["value", "title"]
    assert [column.key for column in arranged(("value", "title"), 31)] == ["value"]
    assert [column.key for column in arranged(("title:60", "note:60"), 20)] == ["title"]


@pytest.mark.parametrize("width", [-2, 1, 8, 40, 80, 156])
def test_any_choice_at_any_width_is_drawn(width: int) -> None:
    for texts in (("id:999",), tuple(COLUMNS), ("note", "title")):
        columns = arranged(texts, width)
        assert columns
        assert all(column.width > 0 for column in columns)


def test_a_choice_that_nobody_knows_is_the_usual_one() -> None:
    assert arranged(("gone", "x:y"), 80) == layout(80)
    assert [column.width for column in columns_of(("title:0", "title:٣", "id:5000"))] == [0, 200]
