"""Numbers that others set."""

from __future__ import annotations

from tidegate.indicators import limits


def test_defenders_numbers() -> None:
    assert limits.LIMIT == 15_000
    assert limits.PORTAL_CSV_ROWS == 500


def test_texts_fit_the_field_they_are_cut_for() -> None:
    assert limits.VALUE_LENGTH < limits.TITLE_LENGTH
    assert limits.VALUE_LENGTH >= 253
