from __future__ import annotations

import pytest

from tidegate.indicators.filter import parse
from tidegate.indicators.filter_fields import FIELDS, ORDERED
from tidegate.tui.filter_help import EXAMPLES, FIELD_HELP, FieldHelp
from tidegate.tui.screens.help import LONG_EXAMPLE


def test_no_field_of_the_language_is_left_out() -> None:
    assert sorted(name for field in FIELD_HELP for name in field.names) == sorted(FIELDS)


@pytest.mark.parametrize("field", FIELD_HELP, ids=lambda field: field.names[0])
def test_every_example_is_read_and_an_order_is_shown_where_there_is_one(field: FieldHelp) -> None:
    assert parse(field.example).text == field.example
    assert field.example.lstrip("-").startswith(field.names)
    assert (field.names[0] in ORDERED) == any(sign in field.example for sign in "<>")


def test_every_whole_example_is_read_and_fits_the_sheet() -> None:
    for example, meaning in EXAMPLES:
        assert parse(example).terms
        assert len(example) < LONG_EXAMPLE
        assert len(meaning) <= 40
