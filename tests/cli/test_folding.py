"""Lines over the width of a terminal."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cli.folding import folded, width_of

WORDS = st.lists(st.text("abc`-", min_size=1, max_size=9), min_size=1, max_size=40)


@given(WORDS, st.integers(min_value=40, max_value=100), st.integers(min_value=0, max_value=20))
def test_no_line_is_too_long_and_no_word_is_lost(words: list[str], width: int, hang: int) -> None:
    line = "=" * hang + " ".join(words)
    parts = folded(line, width, hang).splitlines()
    assert all(len(part) <= width for part in parts)
    assert all(part.startswith(" " * hang) for part in parts[1:])
    assert parts[0].startswith("=" * hang)
    assert " ".join(part[hang:] for part in parts).split() == words


def test_a_pipe_and_a_short_line_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "word " * 40
    assert folded(long, None) == long
    assert folded("word  word", 10) == "word  word"
    assert width_of(io.StringIO()) is None
    shown = io.StringIO()
    monkeypatch.setattr(shown, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "72")
    assert width_of(shown) == 72
