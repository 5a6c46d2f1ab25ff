"""An expression finds what MISP's engine finds, costs little, and is named when it cannot run."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.mapping.warninglist_regex import ENTRIES, ENTRY_LENGTH, STEPS, Expressions


@pytest.mark.parametrize(
    ("entry", "text", "hit"),
    [
        (r"^cdn[0-9]+\.example\.com$", "cdn12.example.com", True),
        (r"^cdn[0-9]+\.example\.com$", "a.cdn12.example.com", False),
        # Anywhere, unless it is anchored.
        (r"cdn[0-9]", "a.cdn1.example.com", True),
        (r"/^cdn\./", "cdn.example.com", True),
        (r"/^cdn\./", "a.cdn.example.com", False),
        (r"/^CDN\./i", "cdn.example.com", True),
        # Values have no case, so no expression has.
        (r"^CDN\.", "cdn.example.com", True),
        (r"#^https?://a\.example\.com/#iu", "https://a.example.com/x", True),
        (r"~^a~D", "a.example.com", True),
        (r"/a.b/s", "axb", True),
        (r"/\/x\/y$/", "https://a.example.com/x/y", True),
        # A path is no pair of delimiters: letters only may follow the last.
        ("/x/y.html", "https://a.example.com/x/y.html", True),
        ("@example", "x@example.com", True),
        (r"/^(security|noc|soc|abuse)\@.*\..*$/i", "abuse@example.com", True),
    ],
)
def test_found(entry: str, text: str, hit: bool) -> None:  # noqa: FBT001 - a table
    assert Expressions([entry]).found(text) == (entry if hit else "")


def test_the_first_entry_that_is_found_is_told() -> None:
    expressions = Expressions(["^b", "/a$/", "a"])
    assert [expressions.found(text) for text in ("xa", "bx", "ab", "x")] == ["/a$/", "^b", "a", ""]
    assert Expressions(["a|" * 100 + "b"]).found("b") == ("a|" * 30)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (r"(a)\1", r"'(a)\\1': RE2 has no such escape"),
        ("(?=a)b", "'(?=a)b': RE2 has no lookaround"),
        ("(?<!a)b", "'(?<!a)b': RE2 has no lookaround"),
        ("(?>a)b", "RE2 has no lookaround"),
        ("a(", "'a(': missing )"),
        ("a)|(b", "'a)|(b': unexpected )"),
        ("a\\", "trailing \\"),
        ("a[", "missing ]"),
        ("a{1001}", "invalid repetition size"),
        (r"\pL{900}", "pattern too large"),
        ("/a b/x", "'/a b/x': no known flag: x"),
        (r"\Qa", r"\Q is not taken"),
        ("a*", "'a*' is found where there is nothing, so in every value"),
        ("//i", "is found where there is nothing"),
        ("a\x1b[(", r"'a\x1b[(': missing ]"),
        ("a" * (ENTRY_LENGTH + 1), f"is longer than {ENTRY_LENGTH} characters"),
    ],
)
def test_what_cannot_be_run_is_named(entry: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Expressions(["fine", entry])
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 150


def test_a_list_has_its_measure() -> None:
    assert Expressions([f"x{number}" for number in range(ENTRIES)]).found("x499") == "x4"
    with pytest.raises(ValueError, match=f"has {ENTRIES + 1} expressions"):
        Expressions(["x"] * (ENTRIES + 1))
    with pytest.raises(ValueError, match=f"steps of {STEPS}"):
        Expressions([f"{number}[^a]{{500}}" for number in range(4)])
    with pytest.raises(ValueError, match="together: pattern too large"):
        Expressions([f"{number}[^a]{{900}}" for number in range(60)])


@pytest.mark.parametrize(
    "entry",
    ["^(a+)+$", "(a|a)*b$", "(.*)(.*)(.*)(.*)(.*)[0-9]x", "(a?){300}a{300}b", "(a|b)*a(a|b){60}c"],
)
def test_no_expression_takes_long(entry: str) -> None:
    expressions = Expressions([entry])
    start = time.perf_counter()
    assert expressions.found("ab" * 20 + "a" * 2_000 + "!") == ""
    # Milliseconds; a backtracking engine takes years. The rest is for busy machines.
    assert time.perf_counter() - start < 2


pieces = st.sampled_from(
    ["a", "b", ".", "^a", "b$", "[ab]c", "(a|bc)", r"\.", "a?b", "(?:c)d", "a|b"]
)
entries = st.lists(pieces, min_size=1, max_size=3).map("".join)


@given(
    st.lists(entries.filter(lambda entry: not re.search(entry, "")), min_size=1, max_size=5),
    st.text("abcd.", max_size=8),
)
def test_plain_expressions_agree_with_the_standard_library(held: list[str], text: str) -> None:
    first = next((entry for entry in held if re.search(entry, text)), "")
    assert Expressions(held).found(text) == first
