"""Addresses that belong to nobody on the internet: the IANA special-purpose registries as a table.

Owns the two registries (IPv4 and IPv6, as of 2025), the multicast blocks and the forms of IPv6 that
carry an IPv4 address. Refuses `ipaddress.is_private` and its kin: they change with the patch level
of Python and call 224.0.0.1 and 64:ff9b::7f00:1 global.
"""

from __future__ import annotations

from bisect import bisect_right
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)
from typing import NamedTuple

DOCUMENTATION = "documentation"
SPECIAL_PURPOSE = "special_purpose"


class Range(NamedTuple):
    """One block: `guard` empty means that a longer prefix is ordinary inside a special one."""

    network: str
    name: str
    guard: str = SPECIAL_PURPOSE


# Source: IANA IPv4 Special-Purpose Address Registry; multicast from RFC 5771. Blocks that the
# registry calls globally reachable are listed only where a larger special block surrounds them.
IPV4 = (
    Range("0.0.0.0/8", "this network (RFC 791)"),
    Range("10.0.0.0/8", "private use (RFC 1918)"),
    Range("100.64.0.0/10", "shared address space (RFC 6598)"),
    Range("127.0.0.0/8", "loopback (RFC 1122)"),
    Range("169.254.0.0/16", "link local (RFC 3927)"),
    Range("172.16.0.0/12", "private use (RFC 1918)"),
    Range("192.0.0.0/24", "IETF protocol assignments (RFC 6890)"),
    Range("192.0.0.9/32", "Port Control Protocol anycast (RFC 7723)", ""),
    Range("192.0.0.10/32", "TURN anycast (RFC 8155)", ""),
    Range("192.0.2.0/24", "documentation, TEST-NET-1 (RFC 5737)", DOCUMENTATION),
    Range("192.88.99.0/24", "deprecated 6to4 relay anycast (RFC 7526)"),
    Range("192.168.0.0/16", "private use (RFC 1918)"),
    Range("198.18.0.0/15", "benchmarking (RFC 2544)"),
    Range("198.51.100.0/24", "documentation, TEST-NET-2 (RFC 5737)", DOCUMENTATION),
    Range("203.0.113.0/24", "documentation, TEST-NET-3 (RFC 5737)", DOCUMENTATION),
    Range("224.0.0.0/4", "multicast (RFC 5771)"),
    Range("240.0.0.0/4", "reserved (RFC 1112)"),
    Range("255.255.255.255/32", "limited broadcast (RFC 919)"),
)

# Source: IANA IPv6 Special-Purpose Address Registry; multicast from RFC 4291, site local from
# RFC 3879. The forms that carry an IPv4 address are unwrapped before this table is asked.
IPV6 = (
    Range("::/8", "unspecified, loopback and reserved (RFC 4291)"),
    Range("64:ff9b:1::/48", "local IPv4/IPv6 translation (RFC 8215)"),
    Range("100::/64", "discard only (RFC 6666)"),
    Range("100:0:0:1::/64", "dummy prefix (RFC 9780)"),
    Range("2001::/23", "IETF protocol assignments (RFC 2928)"),
    Range("2001:1::1/128", "Port Control Protocol anycast (RFC 7723)", ""),
    Range("2001:1::2/128", "TURN anycast (RFC 8155)", ""),
    Range("2001:1::3/128", "DNS-SD registration anycast (RFC 9665)", ""),
    Range("2001:3::/32", "AMT (RFC 7450)", ""),
    Range("2001:4:112::/48", "AS112 (RFC 7535)", ""),
    Range("2001:20::/28", "ORCHIDv2 (RFC 7343)", ""),
    Range("2001:30::/28", "drone remote identification (RFC 9374)", ""),
    Range("2001:db8::/32", "documentation (RFC 3849)", DOCUMENTATION),
    Range("3fff::/20", "documentation (RFC 9637)", DOCUMENTATION),
    Range("5f00::/16", "segment routing (RFC 9602)"),
    Range("fc00::/7", "unique local (RFC 4193)"),
    Range("fe80::/10", "link local (RFC 4291)"),
    Range("fec0::/10", "site local, deprecated (RFC 3879)"),
    Range("ff00::/8", "multicast (RFC 4291)"),
)

# Forms of IPv6 whose low or middle bits are an IPv4 address: prefix, and how far to shift.
_CARRIERS = (
    ("::/96", 0),  # IPv4-compatible, deprecated (RFC 4291)
    ("::ffff:0:0/96", 0),  # IPv4-mapped (RFC 4291)
    ("::ffff:0:0:0/96", 0),  # IPv4-translated (RFC 7915)
    ("64:ff9b::/96", 0),  # NAT64 (RFC 6052)
    ("2002::/16", 80),  # 6to4 (RFC 3056)
)


class _Table(NamedTuple):
    """Boundaries in ascending order, and the block that starts at each."""

    starts: list[int]
    blocks: list[Range | None]


def _table(ranges: tuple[Range, ...]) -> _Table:
    """Flatten nested blocks into neighbours, the longest prefix winning."""
    networks = sorted((ip_network(r.network).prefixlen, r) for r in ranges)
    cover: dict[int, Range | None] = {0: None}
    for _, block in networks:
        network = ip_network(block.network)
        first = int(network.network_address)
        after = first + network.num_addresses
        outside = cover[max(start for start in cover if start <= after)]
        for start in [start for start in cover if first < start < after]:
            del cover[start]
        cover.setdefault(after, outside)
        cover[first] = block
    starts = sorted(cover)
    return _Table(starts, [cover[start] for start in starts])


_TABLE4 = _table(IPV4)
_TABLE6 = _table(IPV6)
_CARRIER_RANGES = tuple(
    (
        int(ip_network(prefix).network_address),
        int(ip_network(prefix).broadcast_address),
        shift,
    )
    for prefix, shift in _CARRIERS
)
_UNSPECIFIED_OR_LOOPBACK = 1
_IPV4 = 0xFFFF_FFFF
_IPV4_BELOW = 96
"""Bits of an IPv6 address above an IPv4 one that is not shifted."""


def special_range(address: str) -> Range | None:
    """Return the special block that an address lies in, or None for an ordinary one.

    `address` is IPv4 or IPv6 in any valid spelling; anything else raises ValueError. An IPv6 form
    that carries an IPv4 address lies where that one lies.
    """
    if ":" in address:
        return _special6(int(IPv6Address(address)))
    try:
        number = int(IPv4Address(address))
    except AddressValueError as error:
        raise ValueError(f"not an address: {address[:60]!a}") from error
    return _found(_TABLE4, number)


def carried(network: IPv6Network) -> IPv4Network | None:
    """Return the IPv4 network that an IPv6 one stands for, or None when it stands for itself.

    A network wider than a carrier's whole prefix stands for itself, too.
    """
    number = int(network.network_address)
    shift = _carrier_shift(number)
    if shift is None:
        return None
    prefix = network.prefixlen - (_IPV4_BELOW - shift)
    return IPv4Network((number >> shift & _IPV4, min(prefix, 32))) if prefix >= 0 else None


def _carrier_shift(number: int) -> int | None:
    if number > _UNSPECIFIED_OR_LOOPBACK:
        for first, last, shift in _CARRIER_RANGES:
            if first <= number <= last:
                return shift
    return None


def _special6(number: int) -> Range | None:
    shift = _carrier_shift(number)
    return _found(_TABLE6, number) if shift is None else _found(_TABLE4, number >> shift & _IPV4)


def _found(table: _Table, number: int) -> Range | None:
    block = table.blocks[bisect_right(table.starts, number) - 1]
    return block if block is not None and block.guard else None
