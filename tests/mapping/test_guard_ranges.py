"""The registries as a table: known addresses, every edge, agreement with the standard library."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.mapping.guard_ranges import (
    DOCUMENTATION,
    SPECIAL_PURPOSE,
    address_number,
    carried,
    special_range,
)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.1", "0.255.255.255", "10.0.0.0", "100.64.0.1", "100.127.255.255", "127.0.0.1"),
        *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.88.99.1"),
        *("192.168.255.255", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.255.255.255"),
        *("240.0.0.1", "255.255.255.255", "::", "::1", "64:ff9b:1::1", "100::1", "100:0:0:1::1"),
        *("2001::1", "2001:1:0:0:0:0:0:4", "2001:2::1", "2001:10::1", "5f00::1", "fc00::1"),
        *("fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1"),
        *("::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::10.0.0.1"),
    ],
)
def test_special_purpose(address: str) -> None:
    found = special_range(address)
    assert found is not None
    assert found.guard == SPECIAL_PURPOSE


@pytest.mark.parametrize(
    "address",
    [
        *("192.0.2.0", "192.0.2.255", "198.51.100.7", "203.0.113.255"),
        *("2001:db8::1", "2001:db8:0:0:0:0:0:1", "3fff::1", "3fff:fff:ffff::1"),
        *("::ffff:192.0.2.1", "64:ff9b::c000:201", "2002:c000:201::1"),
    ],
)
def test_documentation(address: str) -> None:
    found = special_range(address)
    assert found is not None
    assert found.guard == DOCUMENTATION


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.0.1"),
        *("172.32.0.0", "192.0.0.9", "192.0.0.10", "192.0.1.0", "192.0.3.0", "192.167.255.255"),
        *("198.17.255.255", "198.20.0.0", "203.0.114.0", "223.255.255.255"),
        *("2001:200::1", "2001:1::1", "2001:20::1", "2001:3::1", "2001:db7::1", "2001:db9::1"),
        *("3fff:1000::", "2606:4700:4700::1111", "100:0:0:2::1", "64:ff9b::808:808"),
        *("2002:808:808::1", "::ffff:8.8.8.8"),
    ],
)
def test_ordinary(address: str) -> None:
    assert special_range(address) is None


@pytest.mark.parametrize("text", ["", "a.example.com", "1.2.3", "01.2.3.4", "1.2.3.4/8", ":::"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        special_range(text)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_what_python_calls_private_is_special(address: IPv4Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_loopback:
        assert special_range(str(address)) is not None


@given(st.integers(0, 2**32 - 1))
def test_every_carrier_lies_where_its_address_lies(number: int) -> None:
    expected = special_range(str(IPv4Address(number)))
    carried = [
        (0xFFFF << 32) | number,
        (0x64FF9B << 96) | number,
        (0x2002 << 112) | (number << 80) | 7,
    ]
    assert [special_range(str(IPv6Address(value))) for value in carried] == [expected] * 3


@pytest.mark.parametrize(
    ("network", "inner"),
    [
        ("::ffff:8.8.8.8/128", "8.8.8.8/32"),
        ("::ffff:8.8.8.0/120", "8.8.8.0/24"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("64:ff9b::808:0/112", "8.8.0.0/16"),
        ("2002::/16", "0.0.0.0/0"),
        ("2002:808:800::/40", "8.8.8.0/24"),
        ("2002:808:808::/48", "8.8.8.8/32"),
        ("2002:808:808:9::1/128", "8.8.8.8/32"),
        ("::/64", None),  # wider than the carrier in it
        ("2000::/3", None),
        ("::1/128", None),
        ("2606:4700::/32", None),
    ],
)
def test_the_ipv4_network_inside(network: str, inner: str | None) -> None:
    found = carried(IPv6Network(network))
    assert (None if found is None else str(found)) == inner


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("64:ff9b::808:808", "8.8.8.8"),
        ("2002:808:808::1", "8.8.8.8"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
    ],
)
def test_one_address_has_one_number(address: str, same: str) -> None:
    assert address_number(address) == address_number(same)
    assert address_number("8.8.8.8") == 0x0808_0808
