from __future__ import annotations

from tidegate.tui.column_choice import ColumnChoice
from tidegate.tui.columns import COLUMNS

USUAL = ("type", "value", "action")


def test_what_is_on_comes_first_and_the_usual_choice_is_kept_as_nothing() -> None:
    choice = ColumnChoice((), USUAL)
    assert [entry.key for entry in choice.entries[:3]] == list(USUAL)
    assert {entry.key for entry in choice.entries} == set(COLUMNS)
    assert choice.texts() == ()


def test_columns_are_toggled_moved_and_sized() -> None:
    choice = ColumnChoice(("value", "title:30"), USUAL)
    assert choice.move(1, -1) == 0
    assert choice.texts() == ("title:30", "value")
    assert choice.move(0, -1) == 0
    choice.widen(0, 2)
    choice.toggle(1)
    assert choice.texts() == ("title:32",)
    choice.toggle(0)
    assert choice.texts() == ("title:32",)
    choice.unsize(0)
    choice.widen(0, -100)
    assert choice.texts() == ("title:3",)
    choice.reset()
    assert choice.texts() == ()


def test_the_end_of_the_menu_is_the_end() -> None:
    choice = ColumnChoice((), USUAL)
    last = len(choice.entries) - 1
    assert choice.move(last, 1) == last
