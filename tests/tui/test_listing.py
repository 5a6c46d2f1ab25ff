from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.sorting import SORTS
from tidegate.tui.completing import STATIC, unfinished
from tidegate.tui.listing import Listing
from tui.stage import NOW, make_row

ROWS = [make_row(number) for number in range(40)]


def listing(count: int = 40) -> Listing:
    shown = Listing()
    shown.load(ROWS[:count], NOW)
    return shown


def test_the_cursor_stays_on_its_record_through_filter_sort_and_refresh() -> None:
    shown = listing()
    shown.move_to(17)
    record = shown.cursor
    shown.sort("value", NOW)
    assert shown.cursor == record
    assert shown.ids[shown.index] == record
    shown.set_filter(f"type:{SHORT_TYPE[ROWS[17].type]}", NOW)
    assert shown.cursor == record
    shown.load(ROWS[5:], NOW)
    assert shown.cursor == record


def test_a_filter_that_hides_the_record_gives_it_back_when_cleared() -> None:
    shown = listing()
    shown.move_to(17)
    record = shown.cursor
    shown.set_filter("nothing-has-this", NOW)
    assert shown.cursor is None
    assert shown.index == 0
    shown.set_filter("", NOW)
    assert shown.cursor == record


def test_a_removed_record_leaves_the_cursor_on_its_neighbour() -> None:
    shown = listing()
    shown.move_to(39)
    shown.load(ROWS[:39], NOW)
    assert shown.index == 38


def test_a_row_that_comes_back_gets_the_cursor_back() -> None:
    shown = listing()
    first = shown.cursor
    shown.load(ROWS[1:], NOW)
    assert shown.cursor == ROWS[1].id
    shown.load(ROWS, NOW)
    assert shown.cursor == first


def test_a_bad_filter_keeps_the_last_good_result() -> None:
    shown = listing()
    shown.set_filter("type:ip", NOW)
    good = list(shown.ids)
    shown.set_filter("type:ip bogus:1", NOW)
    assert shown.ids == good
    assert shown.error is not None
    assert shown.error.position == 8
    shown.set_filter("type:ip", NOW)
    assert shown.error is None


def test_half_a_field_keeps_the_last_good_result_at_every_letter() -> None:
    shown = listing()
    shown.set_filter("type:ip", NOW)
    good = list(shown.ids)
    text = "type:ip AND severity:high"
    for end in range(len("type:ip") + 1, text.index("high") + 1):
        part = text[:end]
        shown.set_filter(part, NOW, unfinished=unfinished(part, end, STATIC))
        assert shown.ids, part
        assert set(shown.ids) <= set(good), part
        if part.endswith((":", "sever")):
            assert shown.ids == good, part
    shown.set_filter("type:ip severit", NOW)  # Enter: it is looked for as it is
    assert shown.ids == []


def test_what_half_a_word_finds_is_nothing_to_go_back_to() -> None:
    shown = listing()
    held = [*ROWS, make_row(41, title="seven")]
    shown.load(held, NOW)
    shown.set_filter("seve", NOW, unfinished=True)
    assert len(shown.ids) == 1
    shown.set_filter("severity:", NOW)
    assert len(shown.ids) == len(held)
    shown.set_filter("seven", NOW)
    shown.set_filter("severity:", NOW)
    assert len(shown.ids) == 1


def test_verbs_act_on_marks_that_can_be_seen() -> None:
    shown = listing()
    shown.mark_all()
    shown.set_filter("type:ip", NOW)
    assert shown.hidden_marks == 30
    assert len(shown.targets()) == 10
    assert {row.type.value for row in shown.targets()} == {"IpAddress"}


def test_without_marks_the_target_is_the_row_under_the_cursor() -> None:
    shown = listing()
    shown.move_to(3)
    assert shown.targets() == (ROWS[3],)
    assert Listing().targets() == ()


def test_invert_leaves_hidden_marks_alone() -> None:
    shown = listing()
    shown.toggle_mark()
    shown.set_filter("type:domain", NOW)
    shown.invert_marks()
    assert len(shown.visible_marks) == 10
    assert shown.hidden_marks == 1


def test_a_range_marks_everything_between_its_ends_in_either_direction() -> None:
    shown = listing()
    shown.move_to(9)
    assert shown.range_step() is True
    shown.move_to(5)
    assert shown.range_step() is False
    assert shown.visible_marks == [row.id for row in ROWS[5:10]]


def test_marks_of_rows_that_left_are_forgotten() -> None:
    shown = listing()
    shown.mark_all()
    shown.load(ROWS[:3], NOW)
    assert shown.marks == {row.id for row in ROWS[:3]}


def test_choosing_an_order_twice_turns_it_round() -> None:
    shown = listing()
    shown.sort("value", NOW)
    up = list(shown.ids)
    shown.sort("value", NOW)
    assert shown.ids == up[::-1]
    assert shown.order.down


def test_every_order_copes_with_absent_values() -> None:
    bare = [
        dataclasses.replace(row, expires=None, confidence=None, rank=None, feeds=(), title="")
        for row in ROWS[:5]
    ]
    shown = Listing()
    shown.load([*bare, *ROWS[5:]], NOW)
    for key in SORTS:
        shown.sort(key, NOW)
        assert sorted(shown.ids) == sorted(row.id for row in ROWS)


def test_it_notices_the_first_expiry() -> None:
    shown = listing()
    assert not shown.outlived(NOW)
    soonest = min(row.expires for row in ROWS if row.expires)
    assert shown.outlived(soonest)


@given(
    st.lists(st.sampled_from(ROWS), unique_by=lambda row: row.id),
    st.integers(-5, 50),
    st.sampled_from(["", "type:ip", "sev>=high", "expires<7d", "zzz"]),
)
def test_the_cursor_is_always_on_a_shown_row_or_nowhere(
    rows: list[Indicator], index: int, text: str
) -> None:
    shown = Listing()
    shown.load(ROWS, NOW)
    shown.move_to(index)
    shown.set_filter(text, NOW)
    shown.load(rows, NOW)
    if shown.ids:
        assert shown.ids[shown.index] == shown.cursor
    else:
        assert shown.cursor is None
