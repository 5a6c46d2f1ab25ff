from __future__ import annotations

import pytest

from tidegate.cli.columns import CELLS, USUAL, keys_of, read_columns, spare_of
from tidegate.errors import UsageError
from tidegate.tui.columns import COLUMNS
from tui.stage import make_row


def test_every_column_of_the_terminal_is_known_here() -> None:
    assert set(COLUMNS) == set(CELLS)


def test_every_column_says_something_of_any_row() -> None:
    for row in (make_row(1), make_row(2, feeds=(), confidence=None, pinned=True)):
        assert all(CELLS[key](row) is not None or key in ("confidence", "tlp") for key in CELLS)


def test_columns_are_read_with_widths_and_name_the_nearest() -> None:
    assert read_columns(" value, title:30 ,id") == ("value", "title:30", "id")
    assert keys_of(("value", "title:30", "gone", "value")) == ("value", "title")
    assert keys_of(()) == USUAL
    assert spare_of(USUAL)
    assert spare_of(("value",)) == ()
    with pytest.raises(UsageError, match="did you mean severity"):
        read_columns("severty")
    with pytest.raises(UsageError, match="no number"):
        read_columns("title:wide")
