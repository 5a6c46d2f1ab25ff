"""Tokens: kinds, positions, escapes, and the literals whose form the grammar fixes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import PatternError
from tidegate.stix.pattern_tokens import tokens, unquoted


def kinds(text: str) -> list[str]:
    return [token.kind for token in tokens(text)]


def test_kinds_and_positions() -> None:
    found = tokens("[file:size NOT >= 5] /* why */ AND // end")
    assert [t.kind for t in found] == [
        *("[", "word", ":", "word", "NOT", "operator", "integer", "]", "AND", "end")
    ]
    assert [t.position for t in found[:4]] == [0, 1, 5, 6]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("'it\\'s'", "string"),
        ("'two\nlines'", "string"),
        ("t'2026-01-02T03:04:60.5Z'", "timestamp"),
        ("h'00fF'", "hex"),
        ("b'YWxpY2U='", "binary"),
        ("b''", "binary"),
        ("-1.5", "float"),
        (".5", "float"),
        ("+7", "integer"),
        ("true", "boolean"),
        ("and", "word"),
        ("AND", "AND"),
        ("ipv4-addr", "word"),
    ],
)
def test_one_token(text: str, kind: str) -> None:
    assert kinds(text) == [kind, "end"]


@pytest.mark.parametrize(
    "text",
    [
        "t'2026-00-02T03:04:05Z'",
        "t'2026-01-32T03:04:05Z'",
        "t'2026-01-02T24:04:05Z'",
        "t'2026-01-02T03:04:61Z'",
        "t'2026-01-02T03:04:05'",
        "t'2026-01-02T03:04:05z'",
        "h'0'",
        "b'===='",
        "b'abc'",
    ],
)
def test_a_literal_of_wrong_form_falls_apart(text: str) -> None:
    assert kinds(text) == ["word", "string", "end"]


@pytest.mark.parametrize(
    ("text", "position"), [("'open", 0), ("a \\", 2), ("a 'C:\\x'", 2), ("“", 0)]
)
def test_what_is_no_token(text: str, position: int) -> None:
    with pytest.raises(PatternError) as caught:
        tokens(text)
    assert caught.value.position == position
    assert caught.value.message.isascii()


@given(st.text())
def test_quoting_and_unquoting(value: str) -> None:
    literal = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    assert kinds(literal) == ["string", "end"]
    assert unquoted(literal) == value
