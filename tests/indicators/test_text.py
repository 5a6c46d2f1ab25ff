"""Text from outside, made safe, disarmed and armed again."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.text import refang, safe

ANY = st.text(st.characters(codec=None), max_size=120)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red]text[/red]", "plain [red]text[/red]"),
        ("\x1b[2J\x1b]52;c;eA==\x07", "␛[2J␛]52;c;eA==␇"),
        ("a\tb\nc\rd\x00", "a␉b␊c␍d␀"),
        ("\x7f\x9b31m", "␡⟨009B⟩31m"),
        ("a\u202egpj.exe", "a⟨202E⟩gpj.exe"),
        ("ex\u200bample\ufeff", "ex⟨200B⟩ample⟨FEFF⟩"),
        ("\U000e0041\u3164\uffa0\u2800", "⟨E0041⟩⟨3164⟩⟨FFA0⟩⟨2800⟩"),
        ("x\ufe0f\U000e0100", "x⟨FE0F⟩⟨E0100⟩"),
        ("\ud800", "⟨D800⟩"),
        ("a\u2028b\u00a0c", "a⟨2028⟩b⟨00A0⟩c"),
        ("e\u0301\u0302\u0303\u0304!", "e\u0301\u0302!"),
        ("\u0301a", "◌\u0301a"),
        ("Grüße, 東京", "Grüße, 東京"),
    ],
)
def test_what_is_not_harmless_is_made_visible(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_line_feeds_stay_where_asked_for() -> None:
    assert safe("a\r\nb\nc\rd\u0085", newlines=True) == "a\nb\nc␍d⟨0085⟩"
    assert safe("a\n\u0301b", newlines=True) == "a\n◌\u0301b"


def test_long_text_is_cut() -> None:
    assert safe("x" * 600) == "x" * 499 + "…"
    assert safe("x" * 500) == "x" * 500
    assert safe("\u202e" * 10, 13) == "⟨202E⟩⟨202E⟩…"
    assert safe("abc", 1) == "…"
    assert safe("a" + "\u0301" * 5000, 10) == "a\u0301\u0301…"


@given(ANY, st.integers(1, 60), st.booleans())
def test_the_result_is_printable_and_within_its_limit(text: str, limit: int, keep: bool) -> None:  # noqa: FBT001 - drawn
    shown = safe(text, limit, keep)
    assert len(shown) <= limit
    assert (shown.replace("\n", "") if keep else shown).isprintable()
    assert not any(
        unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in shown if char != "\n"
    )
    shown.encode()


@given(st.text(st.characters(min_codepoint=0x300, max_codepoint=0x36F) | st.just("a")))
def test_marks_never_pile_up(text: str) -> None:
    run = 0
    for char in safe(text):
        run = run + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        assert run <= 2


@pytest.mark.parametrize(
    ("disarmed", "value"),
    [
        ("hxxp://evil[.]example[.]com/a", "http://evil.example.com/a"),
        ("hXXps[:]//evil(dot)example.com", "https://evil.example.com"),
        ("hxxps[://]evil[dot]example{.}com", "https://evil.example.com"),
        ("h**p://a.example.com", "http://a.example.com"),
        ("http:[//]a.example.com", "http://a.example.com"),
        ("fxp://a[.]example.com", "ftp://a.example.com"),
        ("evil[.example.com", "evil.example.com"),
        ("user[@]example[.]com", "user@example.com"),
        ("2001[:]db8[:]0[:]0[:]0[:]0[:]0[:]1", "2001:db8:0:0:0:0:0:1"),
        ("example.com[/]a", "example.com/a"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/"),
        ("taxi [draft] (at home)", "taxi [draft] (at home)"),
        ("plain", "plain"),
    ],
)
def test_disarmed_text_is_armed(disarmed: str, value: str) -> None:
    assert refang(disarmed) == value
