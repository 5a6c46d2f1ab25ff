"""The first door of every value."""

from __future__ import annotations

import pytest

from tidegate.errors import InvalidValue
from tidegate.indicators.plain import INPUT_LENGTH, no_blanks, plain


def test_blanks_around_go() -> None:
    assert plain(" \tvalue\r\n") == "value"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" \n", "empty"),
        ("a" * (INPUT_LENGTH + 1), "over_long"),
        ("a\x1bb", "control_character"),
        ("a\u202eb", "control_character"),
        ("a\u00a0b", "control_character"),
        ("a\ud800", "control_character"),
    ],
)
def test_what_nobody_can_see_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        plain(text)
    assert refused.value.code == code
    assert str(refused.value).isprintable()


def test_the_place_is_named() -> None:
    with pytest.raises(InvalidValue, match=r"U\+202E at 2"):
        plain("a\u202eb")


def test_a_space_inside_is_refused() -> None:
    with pytest.raises(InvalidValue, match="which no URL has"):
        no_blanks("a b", "URL")
