"""Where the pieces of a filter begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.filter_predicate import FilterError
from tidegate.indicators.filter_tokens import EXPRESSION_FIELDS, Kind, tokens
from tidegate.indicators.filter_words import contains


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("a (b OR -(c))", ["a", "(", "b", "OR", "-(", "c", ")", ")"]),
        ("a(b) c)", ["a(b)", "c)"]),
        ("(x/Foo_(bar))", ["(", "x/Foo_(bar)", ")"]),
        ("(a(dot)b (.)c d[.)e)", ["(", "a(dot)b", "(.)c", "d[.)e", ")"]),
        ('(title:"a) b")', ["(", 'title:"a) b"', ")"]),
        ("(value:/a)|(b/)", ["(", "value:/a)|(b/", ")"]),
        ("(/a)b/ c)", ["(", "/a)b/", "c", ")"]),
        ("NOT(a)OR b", ["NOT", "(", "a", ")", "OR", "b"]),
        ("(a)AND b AND(c)", ["(", "a", ")", "AND", "b", "AND", "(", "c", ")"]),
        ("NOTa ORb or -OR", ["NOTa", "ORb", "or", "-OR"]),
    ],
)
def test_pieces(text: str, pieces: list[str]) -> None:
    assert [token.text for token in tokens(text)] == pieces


def test_depth_is_the_number_of_parentheses_around() -> None:
    found = tokens("a (b -(c) d) e")
    assert [token.depth for token in found] == [0, 0, 1, 1, 2, 1, 1, 0, 0]
    assert [token.depth for token in found if token.kind is Kind.PIECE] == [0, 1, 2, 1, 0]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("/ab/", [(0, 4)]),
        ("-title:/a/,b,/c/", [(7, 10), (13, 16)]),
        ("value:/a,b/", [(6, 11)]),
        ("value:/a/b/", [(6, 11)]),
        ("url:/a/", []),
        ("//", []),
        ("///", []),
        ("/a b/", []),
        ('/"a b"/', [(0, 7)]),
        ("value:x/a/", []),
        ('value:"/a/"', []),
        ("value:/a\\/", []),
    ],
)
def test_expressions_are_found_where_they_may_stand(
    text: str, places: list[tuple[int, int]]
) -> None:
    assert [place for token in tokens(text) for place in token.expressions] == places


@pytest.mark.parametrize("field", EXPRESSION_FIELDS)
def test_fields_with_expressions_look_for_parts_of_a_text(field: str) -> None:
    from tidegate.indicators.filter_fields import FIELDS  # noqa: PLC0415 - beside its one use

    assert FIELDS[field].func is contains  # type: ignore[attr-defined]  # a partial of it


@given(st.text('ab ()/"-:,OR\\[.]', max_size=40))
def test_nothing_is_lost_and_nothing_overlaps(text: str) -> None:
    try:
        found = tokens(text)
    except FilterError:
        return
    end = 0
    for token in found:
        assert not text[end : token.position].strip()
        assert text[token.position : token.end] == token.text
        assert token.length > 0
        end = token.end
    assert not text[end:].strip()
