"""IP addresses."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import InvalidValue
from tidegate.indicators.address import canonical_ip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" 203.0.113.7 ", "203.0.113.7"),
        ("2001:DB8::1", "2001:db8:0:0:0:0:0:1"),
        ("2001:0db8:0000::0001", "2001:db8:0:0:0:0:0:1"),
        ("[2001:db8::1]", "2001:db8:0:0:0:0:0:1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("192.0.2.1/32", "192.0.2.1"),
        ("2001:db8::1/128", "2001:db8:0:0:0:0:0:1"),
    ],
)
def test_one_address_has_one_spelling(text: str, value: str) -> None:
    assert canonical_ip(text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.0.0.0/0", "cidr"),
        ("192.0.2.0/24", "cidr"),
        ("2001:db8::/64", "cidr"),
        ("192.0.2.1/128", "cidr"),
        ("192.0.2.1:8080", "ip_with_port"),
        ("[2001:db8::1]:443", "ip_with_port"),
        ("2130706433", "not_an_address"),
        ("0x7f.1", "not_an_address"),
        ("0x7f000001", "not_an_address"),
        ("127.1", "not_an_address"),
        ("010.0.0.1", "not_an_address"),
        ("192.0.2.256", "not_an_address"),
        ("１.2.3.4", "not_an_address"),
        ("192.0.2.1.", "not_an_address"),
        ("fe80::1%eth0", "not_an_address"),
        ("192.0.2.1-192.0.2.9", "not_an_address"),
        ("http://192.0.2.1/", "not_an_address"),
        ("192.0.2.1 192.0.2.2", "control_character"),
        ("192.0.2.1\n192.0.2.2", "control_character"),
    ],
)
def test_others_are_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        canonical_ip(text)
    assert refused.value.code == code


@given(st.integers(0, 2**32 - 1))
def test_every_ipv4_address_is_its_own_form(number: int) -> None:
    text = str(IPv4Address(number))
    assert canonical_ip(text) == text


@given(st.integers(0, 2**128 - 1))
def test_every_spelling_of_an_ipv6_address_is_one(number: int) -> None:
    address = IPv6Address(number)
    assert canonical_ip(address.compressed) == canonical_ip(address.exploded.upper())
