"""Special-purpose addresses as data: the two IANA registries, and what they leave out.

Owns the rows; guard_ranges.py answers questions about them. Refuses `ipaddress.is_private` and its
kin as a source: they change with the patch level of Python.
Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, as last updated on 2025-10-09.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One block. `reachable` is the registry's "globally reachable"; None where it says N/A.

    The longest prefix decides: a reachable row inside one that is not makes its addresses ordinary.
    """

    network: str
    name: str
    rfc: str
    reachable: bool | None


IPV4 = (
    Row("0.0.0.0/8", "this network", "RFC 791", False),
    Row("0.0.0.0/32", "this host on this network", "RFC 1122", False),
    Row("10.0.0.0/8", "private use", "RFC 1918", False),
    Row("100.64.0.0/10", "shared address space", "RFC 6598", False),
    Row("127.0.0.0/8", "loopback", "RFC 1122", False),
    Row("169.254.0.0/16", "link local", "RFC 3927", False),
    Row("172.16.0.0/12", "private use", "RFC 1918", False),
    Row("192.0.0.0/24", "IETF protocol assignments", "RFC 6890", False),
    Row("192.0.0.0/29", "IPv4 service continuity", "RFC 7335", False),
    Row("192.0.0.8/32", "IPv4 dummy address", "RFC 7600", False),
    Row("192.0.0.9/32", "Port Control Protocol anycast", "RFC 7723", True),
    Row("192.0.0.10/32", "TURN anycast", "RFC 8155", True),
    Row("192.0.0.170/32", "NAT64/DNS64 discovery", "RFC 8880", False),
    Row("192.0.0.171/32", "NAT64/DNS64 discovery", "RFC 8880", False),
    Row("192.0.2.0/24", "documentation, TEST-NET-1", "RFC 5737", False),
    Row("192.31.196.0/24", "AS112", "RFC 7535", True),
    Row("192.52.193.0/24", "AMT", "RFC 7450", True),
    Row("192.88.99.0/24", "deprecated 6to4 relay anycast", "RFC 7526", None),
    Row("192.88.99.2/32", "6a44 relay anycast", "RFC 6751", False),
    Row("192.168.0.0/16", "private use", "RFC 1918", False),
    Row("192.175.48.0/24", "direct delegation AS112", "RFC 7534", True),
    Row("198.18.0.0/15", "benchmarking", "RFC 2544", False),
    Row("198.51.100.0/24", "documentation, TEST-NET-2", "RFC 5737", False),
    Row("203.0.113.0/24", "documentation, TEST-NET-3", "RFC 5737", False),
    Row("240.0.0.0/4", "reserved", "RFC 1112", False),
    Row("255.255.255.255/32", "limited broadcast", "RFC 919", False),
)

IPV6 = (
    Row("::1/128", "loopback", "RFC 4291", False),
    Row("::/128", "unspecified", "RFC 4291", False),
    Row("::ffff:0:0/96", "IPv4-mapped", "RFC 4291", False),
    Row("64:ff9b::/96", "IPv4/IPv6 translation", "RFC 6052", True),
    Row("64:ff9b:1::/48", "local IPv4/IPv6 translation", "RFC 8215", False),
    Row("100::/64", "discard only", "RFC 6666", False),
    Row("100:0:0:1::/64", "dummy prefix", "RFC 9780", False),
    Row("2001::/23", "IETF protocol assignments", "RFC 2928", False),
    Row("2001::/32", "Teredo", "RFC 4380", None),
    Row("2001:1::1/128", "Port Control Protocol anycast", "RFC 7723", True),
    Row("2001:1::2/128", "TURN anycast", "RFC 8155", True),
    Row("2001:1::3/128", "DNS-SD registration anycast", "RFC 9665", True),
    Row("2001:2::/48", "benchmarking", "RFC 5180", False),
    Row("2001:3::/32", "AMT", "RFC 7450", True),
    Row("2001:4:112::/48", "AS112", "RFC 7535", True),
    Row("2001:10::/28", "deprecated ORCHID", "RFC 4843", None),
    Row("2001:20::/28", "ORCHIDv2", "RFC 7343", True),
    Row("2001:30::/28", "drone remote identification", "RFC 9374", True),
    Row("2001:db8::/32", "documentation", "RFC 3849", False),
    Row("2002::/16", "6to4", "RFC 3056", None),
    Row("2620:4f:8000::/48", "direct delegation AS112", "RFC 7534", True),
    Row("3fff::/20", "documentation", "RFC 9637", False),
    Row("5f00::/16", "segment routing", "RFC 9602", False),
    Row("fc00::/7", "unique local", "RFC 4193", False),
    Row("fe80::/10", "link local", "RFC 4291", False),
)

BESIDE = (
    Row("224.0.0.0/4", "multicast", "RFC 5771", False),
    Row("::/8", "reserved", "RFC 4291", False),
    Row("fec0::/10", "site local, deprecated", "RFC 3879", False),
    Row("ff00::/8", "multicast", "RFC 4291", False),
)
"""Blocks that have registries of their own, or none any more."""

SAMPLES = frozenset(
    {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"}
)
"""Blocks for documentation: a guard of their own judges them."""

CARRIERS = (
    ("::/96", 0),  # IPv4-compatible, deprecated (RFC 4291)
    ("::ffff:0:0/96", 0),  # IPv4-mapped (RFC 4291)
    ("::ffff:0:0:0/96", 0),  # IPv4-translated (RFC 7915)
    ("64:ff9b::/96", 0),  # NAT64 (RFC 6052)
    ("2002::/16", 80),  # 6to4 (RFC 3056)
)
"""Forms of IPv6 whose low or middle bits are an IPv4 address: prefix, and how far to shift. They
lie where that address lies, whatever their own row says."""
