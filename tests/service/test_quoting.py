"""The part of a pattern that names a value."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.service.quoting import LONGEST, named_by, quoted

_FILE = "[file:hashes.'SHA-256' = '{}' AND file:name = 'a.exe']"


@pytest.mark.parametrize(
    ("pattern", "value", "words", "spelled"),
    [
        (
            "[domain-name:value = 'H1.example.com']",
            "h1.example.com",
            "domain-name:value = 'H1.example.com' (character 2 of 38)",
            "H1.example.com",
        ),
        (
            "[ipv4-addr:value = '192.0.2.1'] OR [ipv4-addr:value = '192.0.2.2']",
            "192.0.2.2",
            "alternative 2 of 2: ipv4-addr:value = '192.0.2.2' (character 37 of 66)",
            "192.0.2.2",
        ),
        (
            _FILE.format("a" * 64),
            "a" * 64,
            f"file:hashes.'SHA-256' = '{'a' * 64}' (character 2 of 116)",
            "a" * 64,
        ),
        ("[domain-name:value = 'h1.example.com']", "h2.example.com", "", ""),
        ("[oops", "h1.example.com", "", ""),
        (None, "h1.example.com", "", ""),
        ("x" * (LONGEST + 1), "x", "it is named in a pattern of 8,193 characters", ""),
    ],
)
def test_a_value_is_found_in_its_pattern(
    pattern: object, value: str, words: str, spelled: str
) -> None:
    assert named_by(pattern, value) == (words, spelled)


def test_a_quotation_is_short_and_says_where_a_pattern_breaks_off() -> None:
    assert quoted(f"[url:value = '{'x' * 500}']", 1) == (
        f"url:value = '{'x' * 87}… (character 2 of 516)"
    )
    assert quoted("[url:value =", 12) == "[url:value = (and there it ends, after 12 characters)"
    assert quoted("", 0) == quoted(None, 0) == quoted("[", None) == ""


@settings(max_examples=60)
@given(st.text(max_size=80), st.integers(0, 90))
def test_any_place_of_any_text_is_quoted(pattern: str, position: int) -> None:
    assert len(quoted(pattern, position)) < 170
    assert named_by(pattern, "h1.example.com")[0] == "" or "h1.example.com" in pattern
