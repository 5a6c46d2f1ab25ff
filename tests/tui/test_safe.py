from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tidegate.indicators.text import safe
from tidegate.tui.safe import content, fit, masked, plain, stacked, wrapped

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@given(ANY_TEXT, st.integers(0, 30), st.booleans())
def test_a_fitted_text_is_printable_and_exactly_as_wide(text: str, width: int, right: bool) -> None:  # noqa: FBT001
    shown = fit(text, width, right=right)
    assert shown.isprintable()
    assert cell_len(shown) == width


@given(ANY_TEXT)
def test_a_masked_text_keeps_its_length(text: str) -> None:
    assert len(masked(text)) == len(text)
    assert masked(text).isprintable()


@given(ANY_TEXT)
def test_content_holds_what_safe_says_and_no_line_break(text: str) -> None:
    shown = content(text, (text, "bold"))
    assert shown.plain.isprintable()
    assert shown.plain == plain(text) * 2


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc…"),
        ("abc", 0, ""),
        ("abc", 1, "…"),
        ("ab\x1bc", 5, "ab␛c "),
        ("[red]x", 6, "[red]x"),
    ],
)
def test_fit(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


def test_the_end_of_a_cut_text_may_stay() -> None:
    assert fit("sample-c2+1", 10, tail=2) == "sample-…+1"
    assert fit("sample+1", 10, tail=2) == "sample+1  "
    assert fit("sample-c2+1", 2, tail=2) == "s…"


def test_tabs_stay_only_where_the_editor_expands_them() -> None:
    assert masked("a\tb\x1b", keep="\t") == "a\tb␛"
    assert masked("a\tb") == "a␉b"


def test_lines_are_stacked_by_us_alone() -> None:
    assert stacked([content("a\nb"), content("c")]).plain == "a␊b\nc"


@given(ANY_TEXT, st.integers(4, 30))
def test_wrapped_lines_fit_and_lose_nothing_but_blanks(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(safe(text).split())
