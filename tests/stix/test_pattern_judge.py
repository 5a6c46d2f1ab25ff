"""A second opinion on patterns: the library's word, within bounds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import PatternError
from tidegate.stix.pattern import read_pattern
from tidegate.stix.pattern_judge import MAX_LENGTH, grammar_says


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("[a:b = 1]", "accepts it"),
        ("[a:b = 1", "refuses it, too"),
        ("", "refuses it, too"),
        ("(" * 4_000, "too deep"),
        ("[a:b = '" + "x" * MAX_LENGTH, "was not asked"),
    ],
)
def test_the_grammar_is_asked_within_bounds(pattern: str, words: str) -> None:
    assert words in grammar_says(pattern)


@settings(max_examples=50)
@given(st.text("[]()'=:ab ANDOR1\\.t", max_size=40))
def test_what_we_refuse_it_refuses_too(pattern: str) -> None:
    try:
        read_pattern(pattern)
    except PatternError:
        assert "refuses it, too" in grammar_says(pattern)
    else:
        assert "accepts it" in grammar_says(pattern)
