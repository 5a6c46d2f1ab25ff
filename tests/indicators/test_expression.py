"""Expressions run in RE2: bounded, without case, and with the piece at fault named."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.expression import (
    EXPRESSION_LENGTH,
    EXPRESSION_STEPS,
    ExpressionError,
    compiled,
    finder,
)


def test_it_is_looked_for_anywhere_and_without_case() -> None:
    assert finder(["B.C"])("xxbacx") is True
    assert finder(["^B$"])("a\nb\nc") is True
    assert finder(["^b$"])("ab") is False
    assert [finder(["^b$", "c|d"])(text) for text in ("b", "xd", "ab")] == [True, True, False]
    assert finder(["a.b"])("a\ud800b") is True


@pytest.mark.parametrize(
    ("text", "message", "piece"),
    [
        ("a(b", "missing )", "a(b"),
        ("a[b", "missing ]", "[b"),
        ("a**", "bad repetition operator", "**"),
        ("x(?=a)", "RE2 has no lookaround", "(?="),
        (r"(a)\1", "no backreference", r"\1"),
        ("a)|(b", "unexpected )", "a)|(b"),
        ("\ud800", "half of a pair", ""),
        ("x" * (EXPRESSION_LENGTH + 1), f"may have {EXPRESSION_LENGTH}", ""),
        ("[^b]{300}", f"of {EXPRESSION_STEPS:,}", ""),
    ],
)
def test_what_is_wrong_is_said_with_the_piece(text: str, message: str, piece: str) -> None:
    with pytest.raises(ExpressionError) as wrong:
        finder([text])
    assert message in str(wrong.value)
    assert wrong.value.piece == piece


def test_the_memory_is_set() -> None:
    with pytest.raises(ExpressionError, match="pattern too large"):
        compiled(r"\pL{900}", 256 * 1024)


@given(st.text(max_size=30) | st.text("ab()[]{}*+?|.^$\\1,", max_size=30), st.text(max_size=60))
def test_anything_runs_or_is_refused(expression: str, text: str) -> None:
    try:
        test = finder([expression])
    except ExpressionError:
        return
    assert test(text) in (True, False)


@pytest.mark.parametrize("expression", ["(a+)+$", "(x+x+)+y", "[^b]{200}y", "(a|aa|aaa)+.{20}z"])
def test_what_hangs_other_engines_costs_little(expression: str) -> None:
    test = finder([expression])
    began = time.process_time()
    for text in ("a" * 4_000 + "!", "x" * 4_000, "xa" * 2_000):
        test(text)
    assert time.process_time() - began < 0.2  # 3 ms on a calm machine
