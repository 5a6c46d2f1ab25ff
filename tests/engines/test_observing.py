"""What telemetry writes shows what Defender would have seen, however it is spelled."""

import pytest

from tidegate.engines.event import Observable, Role
from tidegate.engines.observing import address, connection, hashed
from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import IndicatorType as T


def shown(text: str) -> list[tuple[str, str]]:
    return [(seen.type.value, seen.value) for seen in connection(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("c2.example.com", [(T.DOMAIN_NAME, "c2.example.com")]),
        (" C2.Example.COM. ", [(T.DOMAIN_NAME, "c2.example.com")]),
        ("c2.example.com:8443", [(T.DOMAIN_NAME, "c2.example.com")]),
        ("a_b.c2.example.com", [(T.DOMAIN_NAME, "a_b.c2.example.com")]),
        ("wpad", []),
        ("192.0.2.7:443", [(T.IP_ADDRESS, "192.0.2.7")]),
        ("[2001:db8::1]:443", [(T.IP_ADDRESS, "2001:db8:0:0:0:0:0:1")]),
        ("2001:db8::1", [(T.IP_ADDRESS, "2001:db8:0:0:0:0:0:1")]),
        ("https://C2.example.com", [(T.URL, "https://c2.example.com/")]),
        ("https://c2.example.com/a?q=1#f", [(T.URL, "https://c2.example.com/a?q=1")]),
        (
            "c2.example.com/a",
            [(T.URL, "https://c2.example.com/a"), (T.URL, "http://c2.example.com/a")],
        ),
        ("http://192.0.2.7/a", [(T.URL, "http://192.0.2.7/a"), (T.IP_ADDRESS, "192.0.2.7")]),
        # What no list takes still shows where it went.
        ("https://bank.example@c2.example.com/x", [(T.DOMAIN_NAME, "c2.example.com")]),
        ("wss://c2.example.com/x", [(T.DOMAIN_NAME, "c2.example.com")]),
        ("https://c2.example.com/a?" + "q" * 5000, [(T.URL, "https://c2.example.com/a")]),
        (
            "https://c2.example.com/a/" + "b" * 5000,
            [(T.URL, "https://c2.example.com/a/")],
        ),
    ],
)
def test_a_connection_shows_its_url_or_host(text: str, wanted: list[tuple[str, str]]) -> None:
    assert shown(text) == wanted


@pytest.mark.parametrize("text", ["https://", "not a host", "c2.example.com:x"])
def test_what_shows_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        connection(text)


def test_hashes_and_addresses_are_canonical() -> None:
    sha1 = Observable(Role.FILE, T.FILE_SHA1, "ab" * 20)
    assert hashed(Role.FILE, T.FILE_SHA1)("AB" * 20) == (sha1,)
    assert address("::ffff:192.0.2.1")[0].value == "192.0.2.1"
    with pytest.raises(InvalidValue):
        hashed(Role.FILE, T.FILE_SHA1)("ab")
