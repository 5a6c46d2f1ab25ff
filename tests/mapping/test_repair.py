"""Repairs of values: only where the meaning is certain, always by name."""

from __future__ import annotations

import pytest

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import IndicatorType
from tidegate.mapping.repair import canonical_repaired
from tidegate.stix.repairs import HASH_LENGTH_DECIDES, IP_IN_DOMAIN, REFANGED, SCHEME_MISSING

SHA256, SHA1, MD5 = (
    IndicatorType.FILE_SHA256,
    IndicatorType.FILE_SHA1,
    IndicatorType.FILE_MD5,
)
DOMAIN, URL, IP = IndicatorType.DOMAIN_NAME, IndicatorType.URL, IndicatorType.IP_ADDRESS


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (SHA256, "AB" * 32, (SHA256, "ab" * 32, ())),
        (SHA256, "AB" * 20, (SHA1, "ab" * 20, (HASH_LENGTH_DECIDES,))),
        (MD5, "ab" * 32, (SHA256, "ab" * 32, (HASH_LENGTH_DECIDES,))),
        (SHA1, "ab" * 16, (MD5, "ab" * 16, (HASH_LENGTH_DECIDES,))),
        (DOMAIN, "A.Example.com", (DOMAIN, "a.example.com", ())),
        (DOMAIN, "a[.]example.com", (DOMAIN, "a.example.com", (REFANGED,))),
        (DOMAIN, "192.0.2.1", (IP, "192.0.2.1", (IP_IN_DOMAIN,))),
        (URL, "hxxp://a.example[.]com/x", (URL, "http://a.example.com/x", (REFANGED,))),
        (URL, "http://a.example.com/[.]", (URL, "http://a.example.com/[.]", ())),
        (IP, "192[.]0.2.1", (IP, "192.0.2.1", (REFANGED,))),
        (URL, "a.example.com/x", (URL, "http://a.example.com/x", (SCHEME_MISSING,))),
        (URL, "A.example.com/", (URL, "http://a.example.com/", (SCHEME_MISSING,))),
        (URL, "192.0.2.1:8080/x?q=1", (URL, "http://192.0.2.1:8080/x?q=1", (SCHEME_MISSING,))),
        (URL, "192.0.2.1/index", (URL, "http://192.0.2.1/index", (SCHEME_MISSING,))),
        (
            URL,
            "a[.]example.com/x",
            (URL, "http://a.example.com/x", (REFANGED, SCHEME_MISSING)),
        ),
    ],
)
def test_repaired(
    kind: IndicatorType, text: str, expected: tuple[IndicatorType, str, tuple[str, ...]]
) -> None:
    assert canonical_repaired(kind, text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (SHA256, "ab" * 30, "hash_length"),
        (SHA256, "zz" * 20, "hash_characters"),
        (IndicatorType.CERTIFICATE, "ab" * 16, "hash_length"),
        (URL, "a.example.com", "no_scheme"),
        (URL, "a.example.com:8080", "no_scheme"),
        (URL, "192.0.2.0/24", "no_scheme"),
        (URL, "192.0.2.0:80/24", "no_scheme"),
        (URL, "page", "no_scheme"),
        (URL, "/etc/passwd", "no_scheme"),
        (URL, "user@a.example.com/x", "no_scheme"),
        (URL, "-bad-.example.com:99999/x", "url_host"),
        (IP, "192.0.2.0/24", "cidr"),
        (IP, "192.0.2.1:80", "ip_with_port"),
        (DOMAIN, "not a domain", "control_character"),
    ],
)
def test_not_guessed(kind: IndicatorType, text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        canonical_repaired(kind, text)
    assert caught.value.code == code
