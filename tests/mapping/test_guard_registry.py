"""The rows of the registries: well formed, complete, and answered for at every edge."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest

from tidegate.mapping.guard_ranges import DOCUMENTATION, special_range
from tidegate.mapping.guard_registry import BESIDE, CARRIERS, IPV4, IPV6, SAMPLES, Row

ROWS = (*IPV4, *IPV6, *BESIDE)
Address = IPv4Address | IPv6Address


def inner(address: Address) -> Address:
    """Read the IPv4 address in an IPv6 one with what the standard library knows."""
    if isinstance(address, IPv4Address):
        return address
    if found := address.ipv4_mapped or address.sixtofour:
        return found
    for prefix in ("::/96", "64:ff9b::/96", "::ffff:0:0:0/96"):
        if int(address) > 1 and address in ip_network(prefix):
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def expected(address: Address) -> Row | None:
    """Return the row with the longest prefix, found by asking each."""
    number = inner(address)
    over = [row for row in ROWS if number in ip_network(row.network)]
    row = max(over, key=lambda row: ip_network(row.network).prefixlen, default=None)
    return None if row is None or row.reachable else row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.network)
def test_first_and_last_address_and_the_neighbours(row: Row) -> None:
    network = ip_network(row.network)
    first, last = int(network.network_address), int(network.broadcast_address)
    kind = IPv4Address if network.version == 4 else IPv6Address
    most = 2**network.max_prefixlen - 1
    for number in {max(first - 1, 0), first, last, min(last + 1, most)}:
        address = kind(number)
        row_there, found = expected(address), special_range(str(address))
        if row_there is None:
            assert found is None, address
        else:
            assert found is not None, address
            assert found.network == row_there.network, address
            assert (found.guard == DOCUMENTATION) == (row_there.network in SAMPLES)
            assert row_there.rfc in found.name


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        *(("192.0.0.1", False), ("192.0.0.8", False), ("192.0.0.9", True), ("192.0.0.10", True)),
        *(("192.0.0.11", False), ("192.0.0.170", False), ("192.31.196.1", True)),
        *(("192.52.193.1", True), ("192.88.99.1", False), ("192.88.99.2", False)),
        *(("192.175.48.1", True), ("64:ff9b:1::1", False), ("64:ff9b:2::1", False)),
        *(("100::1", False), ("100:0:0:1::1", False), ("100:0:0:2::1", True)),
        *(("2001::1", False), ("2001:1::1", True), ("2001:1::3", True), ("2001:1::4", False)),
        *(("2001:2::1", False), ("2001:3::1", True), ("2001:4:112::1", True)),
        *(("2001:4:113::1", False), ("2001:10::1", False), ("2001:20::1", True)),
        *(("2001:30::1", True), ("2001:40::1", False), ("2001:200::1", True)),
        *(("2620:4f:8000::1", True), ("3fff::1", False), ("3fff:1000::1", True)),
        *(("5f00::1", False), ("5f01::1", True)),
    ],
)
def test_what_can_be_reached(address: str, *, reachable: bool) -> None:
    assert (special_range(address) is None) is reachable


def test_rows_are_well_formed() -> None:
    networks = [row.network for row in ROWS]
    # Raises where bits are set behind the prefix.
    assert len({ip_network(network) for network in networks}) == len(networks)
    for row in ROWS:
        assert re.fullmatch(r"RFC \d{3,4}", row.rfc), row
        assert row.name
    assert set(networks) >= SAMPLES
    assert {prefix for prefix, _ in CARRIERS} & set(networks) == {
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "2002::/16",
    }
