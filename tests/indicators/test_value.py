"""The canonical form over all kinds, and telling kinds apart."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import canonical, classify

KINDS = st.sampled_from(IndicatorType)
HOSTILE = "0123456789abcdefxX.:/@\\?#%[]()*_- \t\n\x00\u202e\u200böоß１。\ud800"
PIECES = st.sampled_from(
    ["http://", "https://", "hxxp://", "example", ".com", "[.]", "xn--", "%2e", "%", "%25", "/..",
     "192.0.2.1", "::", "2001:db8", ":443", ":80", "/", "?", "#", "@", "\\", "*", "ab" * 16, "/24"]
)  # fmt: skip
VALUES = (
    st.text(st.characters(codec=None), max_size=60)
    | st.text(HOSTILE, max_size=40)
    | st.lists(PIECES, max_size=10).map("".join)
)


@given(KINDS, VALUES)
@example(IndicatorType.URL, "http://example.com/%%32%65%%32%65/x")
@example(IndicatorType.URL, "http://example.com/a%2E%2E/%2e%2E/b")
@example(IndicatorType.URL, "http://[::ffff:192.0.2.1]/")
@example(IndicatorType.DOMAIN_NAME, "EXAMPLE。com")
def test_canonicalising_is_total_and_idempotent(kind: IndicatorType, text: str) -> None:
    try:
        once = canonical(kind, text)
    except InvalidValue as wrong:
        message, once = f"{wrong.code}: {wrong}", ""
    else:
        message = ""
        assert canonical(kind, once) == once
    assert message.isprintable()
    assert once.isascii()
    assert once.isprintable()


@given(VALUES)
def test_classifying_is_total_and_agrees_with_canonical(text: str) -> None:
    try:
        kind, value = classify(text)
    except InvalidValue:
        return
    assert canonical(kind, text) == value
    # A thumbprint without its colons is a file's SHA-1 to anyone who sees it alone.
    if kind is not IndicatorType.CERTIFICATE:
        assert classify(value) == (kind, value)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("AB" * 32, IndicatorType.FILE_SHA256, "ab" * 32),
        ("ab" * 20, IndicatorType.FILE_SHA1, "ab" * 20),
        ("ab" * 16, IndicatorType.FILE_MD5, "ab" * 16),
        (":".join(["AB"] * 20), IndicatorType.CERTIFICATE, "ab" * 20),
        ("203.0.113.7", IndicatorType.IP_ADDRESS, "203.0.113.7"),
        ("203[.]0[.]113[.]7", IndicatorType.IP_ADDRESS, "203.0.113.7"),
        ("2001:DB8::1", IndicatorType.IP_ADDRESS, "2001:db8:0:0:0:0:0:1"),
        ("evil[.]Example.com", IndicatorType.DOMAIN_NAME, "evil.example.com"),
        ("hxxp://evil[.]example.com", IndicatorType.URL, "http://evil.example.com/"),
        ("http://203.0.113.7:8080/x", IndicatorType.URL, "http://203.0.113.7:8080/x"),
    ],
)
def test_the_kind_is_told_by_the_form(text: str, kind: IndicatorType, value: str) -> None:
    assert classify(text) == (kind, value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("198.51.100.0/24", "cidr"),
        ("2001:db8::/32", "cidr"),
        ("203.0.113.7:80", "ip_with_port"),
        ("[2001:db8::1]:80", "ip_with_port"),
        ("evil.example.com/x", "no_scheme"),
        ("203.0.113.7/x.php", "no_scheme"),
        ("ab" * 64, "hash_length"),
        ("2130706433", "unrecognised"),
        ("0x7f.1", "not_a_domain"),
        ("soc@example.com", "unrecognised"),
        ("hello", "unrecognised"),
        ("hello there.com", "unrecognised"),
        ("", "empty"),
        ("x" * 5000, "over_long"),
    ],
)
def test_what_resembles_a_kind_gets_that_kinds_error(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        classify(text)
    assert refused.value.code == code


def test_a_disarmed_value_is_read_only_when_it_makes_no_sense_as_written() -> None:
    assert canonical(IndicatorType.DOMAIN_NAME, "au[.]example[.]com") == "au.example.com"
    kept = "http://example.com/x[.]y"
    assert canonical(IndicatorType.URL, kept) == kept
