"""Values found in running text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.extract import Found, extract
from tidegate.indicators.value import canonical

TLDS = {"com", "net", "org", "uk", "sh", "py", "it", "example", "xn--p1ai"}


def found(text: str) -> list[Found]:
    return extract(text, TLDS.__contains__)


MAIL = """\
Hi team, Version 1.2.3.4 of report.pdf and app v10.0.0.1 are fine; ask soc@example.com.
C2: 203.0.113[.]7, 198.51.100.0/24; hxxps://cdn[.]example[.]org/x.php?a=1,hxxp://b[.]example[.]net
[link](http://example.com/q) "http://example.com/y" <http://example.com/z(1)>.
md5 D41D8CD98F00B204E9800998ECF8427E, sha1: da39a3ee5e6b4b0d3255bfef95601890afd80709.\r
It ended.It was, e.g., Node.js 120.0.6099.109 at 12:34:56 from aa:bb:cc:dd:ee:ff, Foo::Bar
2001:db8::1 or 2001[:]db8[:]0:0:0:0:0:2 and **c3.example.com** (bücher.example.com)
C:\\Users\\x\\evil.com /usr/lib/evil.com bad[@]evil[.]com
"""


def test_a_mail_full_of_values() -> None:
    assert [(one.line, one.value or one.code) for one in found(MAIL)] == [
        (2, "203.0.113.7"),
        (2, "cidr"),
        (2, "https://cdn.example.org/x.php?a=1"),
        (2, "http://b.example.net/"),
        (3, "http://example.com/q"),
        (3, "http://example.com/y"),
        (3, "http://example.com/z(1)"),
        (4, "d41d8cd98f00b204e9800998ecf8427e"),
        (4, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (6, "2001:db8:0:0:0:0:0:1"),
        (6, "2001:db8:0:0:0:0:0:2"),
        (6, "c3.example.com"),
        (6, "xn--bcher-kva.example.com"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("192.0.2.1:8080", "ip_with_port"),
        ("300.1.2.3", "not_an_address"),
        ("hxxp://bad_host[x", "url_host"),
        ("http://user@example.com/", "url_userinfo"),
        ("http://*.example.com/", "wildcard"),
        ("evil.example.com/gate", "no_scheme"),
        ("c7.example.com:443", "not_a_domain"),
        ("ab" * 64, "hash_length"),
        ("ab" * 16 + "c", "hash_length"),
        ("script.sh", "maybe_file_name"),
    ],
)
def test_what_resembles_a_value_is_returned_with_its_error(text: str, code: str) -> None:
    [one] = found(f"see {text} there")
    assert (one.type, one.value, one.code) == (None, "", code)
    assert one.text == text
    assert one.error


@pytest.mark.parametrize(
    "text",
    [
        "report.pdf", "e.g. and i.e.", "ended.It was", "System.Net", "version 1.2.3.4", "1.2.3.4.5",
        "1.2.3", "2026-12-01 10.5", "user.name@mail.example.com", "a@b[.]example[.]com", "foo::bar",
        "aa:bb:cc:dd:ee:ff", "12:34:56", "/etc/evil.com", "C:\\evil.com", "U.S.", "", "\n\n",
    ],
)  # fmt: skip
def test_prose_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_disarmed_name_is_no_file_name() -> None:
    [one] = found("evil[.]sh")
    assert one.value == "evil.sh"


def test_repeats_stay() -> None:
    assert len(found("a.example.com\na.example.com")) == 2


@given(st.text(st.sampled_from("a1.:/[]()@-%xhtp ,;\n\x00ü\ud800") | st.characters(), max_size=80))
def test_any_text_is_read(text: str) -> None:
    for one in found(text):
        assert one.text in text
        if one.type is None:
            assert one.code
            assert one.error
        else:
            assert canonical(one.type, one.text) == one.value


@pytest.mark.parametrize(
    "text", ["a-", "a[.]", "1.", "f", ":", "http://", "http://)", "[.]", "a@", "aa:", "\\", "/)"]
)
def test_a_hostile_paste_takes_no_hours(text: str) -> None:
    start = time.perf_counter()
    found(text * (100_000 // len(text)))
    assert time.perf_counter() - start < 5
