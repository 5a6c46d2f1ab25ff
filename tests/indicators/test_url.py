"""URLs."""

from __future__ import annotations

import ada_url
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import InvalidValue
from tidegate.indicators.url import _CANONICAL, canonical_url, host_of

PATHS = "abAB019._~!$&()+,;=:@-/"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("HTTP://Evil.Example.COM", "http://evil.example.com/"),
        ("https://example.com:443/a#b", "https://example.com/a"),
        ("http://example.com:8080/", "http://example.com:8080/"),
        ("http://example.com./", "http://example.com/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("http://example.com/%7euser/%2f%c3", "http://example.com/~user/%2F%C3"),
        ("http://example.com/a/%2e%2e/b", "http://example.com/b"),
        ("http://example.com/a/./../b", "http://example.com/b"),
        ("http://example.com/%%32%65", "http://example.com/%%32%65"),
        ("http://example.com/a\\b", "http://example.com/a/b"),
        ("http://a%2eexample.com/", "http://a.example.com/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://１.2.3.4/", "http://1.2.3.4/"),
        ("http://[2001:DB8:0::1]:80/", "http://[2001:db8::1]/"),
        ("http://my_bucket.example.com/", "http://my_bucket.example.com/"),
        ("http://localhost:8080/", "http://localhost:8080/"),
        ("ftp://example.com:21/x", "ftp://example.com/x"),
    ],
)
def test_one_url_has_one_spelling(text: str, value: str) -> None:
    assert canonical_url(text) == value
    assert canonical_url(value) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("example.com/x", "no_scheme"),
        ("example.com:80/x", "no_scheme"),
        ("localhost:80/x", "no_scheme"),
        ("example.com/?u=http://example.net", "no_scheme"),
        ("javascript:alert(1)", "url_scheme"),
        ("file:///etc/passwd", "url_scheme"),
        ("http:", "url_host"),
        ("http://", "url_host"),
        ("http:///example.com", "url_host"),
        ("http:example.com", "url_host"),
        ("http:/example.com", "url_host"),
        ("http://good.example@evil.example/", "url_userinfo"),
        ("http://@evil.example/", "url_userinfo"),
        ("http://good.example\\@evil.example/", "url_host"),
        ("http:\\\\example.com/", "url_host"),
        ("http://a..example.com/", "url_host"),
        ("http://example/", "url_host"),
        ("http://example.com:99999/", "url_host"),
        ("http://192.0.2.256/", "url_host"),
        ("http://exa(mple.com/", "url_host"),
        ("http://" + "a" * 64 + ".example.com/", "url_host"),
        ("http://" + "a." * 126 + "example/", "url_host"),
        ("http://*.example.com/", "wildcard"),
        ("http://example.com/*", "wildcard"),
        ("http://example.com/a\tb", "control_character"),
        ("http://exam\nple.com/", "control_character"),
        ("http://example.com/a b", "control_character"),
        ("http://example.com/\ud800", "control_character"),
        ("http://example.com/" + "a" * 800, "over_long"),
        ("http://example.com/" + "ü" * 200, "over_long"),
    ],
)
def test_others_are_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        canonical_url(text)
    assert refused.value.code == code


@given(st.text(PATHS, max_size=30), st.text(PATHS + "?/", max_size=20))
def test_the_short_way_agrees_with_the_parser(path: str, query: str) -> None:
    url = f"https://a-b.example.com/{path}?{query}"
    if _CANONICAL.fullmatch(url):
        assert ada_url.normalize_url(url) == url


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.com:8080/x:y", "example.com"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]"),
        ("http://192.0.2.1/", "192.0.2.1"),
    ],
)
def test_the_host_is_found(url: str, host: str) -> None:
    assert host_of(url) == host
