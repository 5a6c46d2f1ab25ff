from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.tui.slot_bar import FREE, MANY, bar, letters

PARTS = st.lists(st.tuples(st.sampled_from("ABCMFr."), st.integers(0, 20_000)), max_size=12)


def test_every_feed_has_a_letter_of_its_own_while_there_are_any() -> None:
    assert letters(["acme-c2", "alien", "misp", "pulse"]) == {
        "acme-c2": "A", "alien": "L", "misp": "I", "pulse": "U",
    }  # fmt: skip
    many = letters(f"feed-{number}" for number in range(60))
    ours = [letter for letter in many.values() if letter != MANY]
    assert len(ours) == len(set(ours)) == 36 - 3
    assert not {"M", "F", "P"} & set(ours)


def test_cells_are_shared_by_slots() -> None:
    assert bar([("A", 50), ("B", 25), (".", 25)], 20) == "A" * 10 + "B" * 5 + "." * 5
    assert bar([("A", 1), (".", 14_999)], 10) == "A" + "." * 9
    assert bar([], 5) == FREE * 5


@given(PARTS, st.integers(0, 120))
def test_a_bar_is_as_wide_as_asked_and_hides_nobody(
    parts: list[tuple[str, int]], width: int
) -> None:
    drawn = bar(parts, width)
    assert len(drawn) == width
    held = [letter for letter, slots in parts if slots]
    if held and len(held) <= width:
        assert set(drawn) == set(held)
