"""Texts with places: known words only, the first that is not empty, no way to anything else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.feed.template import PLACES, check_template, fill

VALUES = {"value": "a.example.com", "threat": "", "name": "N{value}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{value}", "a.example.com"),
        ("{threat}: {value}", ": a.example.com"),
        ("{threat|name|value} x", "N{value} x"),
        ("{threat|report}", ""),
        ("{{value}} {value}}}", "{value} a.example.com}"),
    ],
)
def test_filled(text: str, expected: str) -> None:
    assert fill(check_template(text), VALUES) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{valu}", 'unknown place "{valu}" – did you mean "value"?'),
        ("{value|}", 'unknown place "{}"'),
        ("{value.__class__}", "unknown place"),
        ("{0}", "unknown place"),
        ("{value", 'a lone "{"; close the place with "}", or write "{{"'),
        ("value}", 'a lone "}"; open the place with "{", or write "}}"'),
        ("{{value}", 'a lone "}"'),
        ("{val{ue}}", 'a lone "{"'),
    ],
)
def test_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        check_template(text)


@given(st.text())
def test_what_stands_in_a_place_is_not_read_again(text: str) -> None:
    assert fill("<{name}>", {"name": text}) == f"<{text}>"


@given(st.text("ab{}| ", max_size=12))
def test_any_text_is_filled_or_refused(text: str) -> None:
    try:
        check_template(text)
    except ValueError:
        return
    assert fill(text, {}) is not None


def test_every_place_is_explained() -> None:
    assert all(PLACES.values())
