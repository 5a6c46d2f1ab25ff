from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.tui.picking import Picking


def picking(*ids: str) -> Picking[str]:
    made: Picking[str] = Picking()
    made.hold((item, item.upper()) for item in ids)
    return made


def test_the_cursor_stays_on_its_record_and_comes_back_to_it() -> None:
    shown = picking("a", "b", "c")
    shown.move_to(1)
    shown.hold((item, item) for item in ("x", "a", "b"))
    assert (shown.cursor, shown.index) == ("b", 2)
    shown.show(["x", "a"])
    assert shown.cursor == "a"
    shown.show(["a", "x", "b"])
    assert shown.cursor == "b"


def test_a_verb_acts_on_marks_that_are_seen_or_on_the_cursor() -> None:
    shown = picking("a", "b", "c")
    assert shown.targets() == ("A",)
    shown.mark_all()
    shown.show(["c"])
    assert (shown.targets(), shown.hidden_marks) == (("C",), 2)
    shown.hold([("c", "C")])
    assert shown.hidden_marks == 0
    shown.hold([])
    assert shown.targets() == ()
    assert shown.current is None


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.integers(-2, 8), st.integers(-2, 8))
def test_a_range_marks_what_lies_between_in_either_direction(
    ids: list[str], start: int, end: int
) -> None:
    shown = picking(*ids)
    shown.move_to(start)
    begun = shown.range_step()
    shown.move_to(end)
    assert begun is bool(ids)
    if begun:
        assert shown.range_step() is False
        low, high = sorted(max(0, min(place, len(ids) - 1)) for place in (start, end))
        assert shown.visible_marks == ids[low : high + 1]


def test_marks_that_are_all_hidden_are_told_in_words() -> None:
    shown = picking("a", "b", "c")
    assert not shown.all_hidden
    shown.toggle_mark()
    shown.show(["b", "c"])
    assert shown.all_hidden.startswith("the only mark is hidden by the filter")
    shown.mark_all()
    shown.show([])
    assert shown.all_hidden.startswith("all 3 marks are hidden")


def test_a_range_that_was_begun_ends_where_a_verb_acts() -> None:
    shown = picking("a", "b", "c")
    shown.range_step()
    shown.move_to(1)
    assert shown.targets() == ("A", "B")
    assert shown.range_from is None
