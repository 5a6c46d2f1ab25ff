"""The sieve never holds back what the matcher would find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import NOW, row
from tidegate.engines import sieve as module
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.observing import address, connection, hashed
from tidegate.engines.sieve import Sieve
from tidegate.errors import InvalidValue
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import IndicatorType as T
from tidegate.indicators.value import canonical

SHA256, SHA1, MD5 = "ab" * 32, "cd" * 20, "ef" * 16

ROWS = {
    T.FILE_SHA256: (SHA256,),
    T.FILE_SHA1: (SHA1,),
    T.FILE_MD5: (MD5,),
    T.IP_ADDRESS: ("192.0.2.1", "2001:db8:0:0:0:0:0:1"),
    T.DOMAIN_NAME: ("example.com", "c2.example.net", "b.a.example.org"),
    T.URL: (
        "https://c2.example.com/a",
        "http://example.net/",
        "https://192.0.2.2/x",
        "https://example.org:8080/",
    ),
}
HOSTS = st.sampled_from(
    [
        *("example.com", "EXAMPLE.com", "c2.example.com", "x.c2.example.net", "a_b.example.com"),
        *("example.com.", "ample.com", "example.org:8080", "b.a.example.org", "192.0.2.1"),
        *("192.0.2.2", "[2001:db8::1]", "u@example.com", "example.com:443", "exa%6Dple.com"),
        *("ex\tample.com", "0xC0000201", "192.0.513", "ｅxample.com", "com", "", "example.com\\"),
        *("quiet.invalid", "quiet.invalid@example.com", "quiet.invalid?example.com"),
    ]
)
URLS = st.tuples(
    st.sampled_from(["", "https://", "http://", "HTTPS://", "ftp://", "ws://", "https:", "//"]),
    HOSTS,
    st.sampled_from(["", "/", "/a", "/a/b?q=1", "#f", "?q", "\\a", " ", "/a/../a"]),
).map("".join)
HEX = st.sampled_from([SHA256, SHA1, MD5, "0" * 40, "ab" * 31, "zz" * 32, " " + SHA1]).flatmap(
    lambda text: st.sampled_from([text, text.upper(), text.title()])
)
IPS = st.sampled_from(
    ["192.0.2.1", "::ffff:192.0.2.1", "2001:DB8::1", "192.0.2.1 ", "192.0.2.1/32", "192.0.2.3", "x"]
)


def rows_of(chosen: list[tuple[T, str]]) -> list[Indicator]:
    return [row(n, type=kind, value=value) for n, (kind, value) in enumerate(chosen)]


ROW_LISTS = st.lists(
    st.sampled_from([(kind, value) for kind, values in ROWS.items() for value in values]),
    max_size=3,
    unique=True,
).map(rows_of)
COLUMNS = st.one_of(
    st.tuples(st.just(T.URL), URLS),
    st.tuples(st.just(T.IP_ADDRESS), IPS),
    st.tuples(st.sampled_from([T.FILE_SHA256, T.FILE_SHA1, T.FILE_MD5]), HEX),
)


def found(rows: list[Indicator], kind: T, text: str) -> bool:
    try:
        if kind is T.URL:
            seen = connection(text)
        elif kind is T.IP_ADDRESS:
            seen = address(text)
        else:
            seen = hashed(Role.FILE, kind)(text)
    except InvalidValue:
        return False
    return bool(Matcher(rows).matches(Event("e", NOW, "d", "", "", seen)))


@given(ROW_LISTS, st.lists(COLUMNS, min_size=1, max_size=8))
def test_what_it_holds_back_is_named_by_nothing(
    rows: list[Indicator], values: list[tuple[T, str]]
) -> None:
    sieve = Sieve(rows)
    for kind, text in [*values, *values]:  # the second time it remembers
        quiet, may = sieve.tests[kind]
        if text in quiet or not may(text):
            assert not found(rows, kind, text), text


def test_rows_are_the_ones_that_lists_hold() -> None:
    assert all(canonical(kind, value) == value for kind, vs in ROWS.items() for value in vs)


def test_it_says_no_to_nearly_everything() -> None:
    sieve = Sieve(rows_of([(T.DOMAIN_NAME, "c2.example.net"), (T.FILE_SHA1, SHA1)]))
    for text in ("https://other.example.net/a", "example.net", "https://192.0.2.9/"):
        assert sieve.tests[T.URL][1](text) is False
    assert sieve.tests[T.FILE_SHA1][1]("0" * 40) is False


def test_a_weaker_hash_that_a_row_carries_counts() -> None:
    sieve = Sieve([row(1, type=T.FILE_SHA256, value=SHA256, aliases=(f"{T.FILE_MD5}:{MD5}",))])
    assert sieve.tests[T.FILE_MD5][1](MD5.upper()) is True


def test_what_it_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 10)
    quiet, may = Sieve([]).tests[T.IP_ADDRESS]
    for number in range(100):
        assert may(f"192.0.2.{number}") is False
        assert len(quiet) <= 10


def test_observables_keep_their_role() -> None:
    assert connection("example.com") == (Observable(Role.REMOTE_URL, T.DOMAIN_NAME, "example.com"),)
