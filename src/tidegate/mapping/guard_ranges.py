"""Addresses that belong to nobody on the internet: which special block an address lies in.

Owns the search of the registries (guard_registry.py holds the rows) and the reading of IPv6 that
carries an IPv4 address. Refuses `ipaddress.is_private` and its kin: they change with the patch
level of Python and call 224.0.0.1 and 64:ff9b::7f00:1 global.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from ipaddress import AddressValueError, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import NamedTuple

from tidegate.indicators.address import is_ipv4
from tidegate.mapping.guard_registry import BESIDE, CARRIERS, SAMPLES, Row
from tidegate.mapping.guard_registry import IPV4 as REGISTRY4
from tidegate.mapping.guard_registry import IPV6 as REGISTRY6

DOCUMENTATION = "documentation"
SPECIAL_PURPOSE = "special_purpose"


class Range(NamedTuple):
    """One block: `guard` empty means that a longer prefix is ordinary inside a special one."""

    network: str
    name: str
    guard: str = SPECIAL_PURPOSE


def _range(row: Row) -> Range:
    guard = DOCUMENTATION if row.network in SAMPLES else SPECIAL_PURPOSE
    return Range(row.network, f"{row.name} ({row.rfc})", "" if row.reachable else guard)


RANGES = tuple(_range(row) for row in (*REGISTRY4, *REGISTRY6, *BESIDE))


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


_TABLE4 = _table(tuple(block for block in RANGES if ":" not in block.network))
_TABLE6 = _table(tuple(block for block in RANGES if ":" in block.network))
_CARRIER_RANGES = tuple(
    (
        int(ip_network(prefix).network_address),
        int(ip_network(prefix).broadcast_address),
        shift,
    )
    for prefix, shift in CARRIERS
)
_UNSPECIFIED_OR_LOOPBACK = 1
_EIGHT_GROUPS = re.compile(r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){7}").fullmatch
_IPV4 = 0xFFFF_FFFF
_IPV4_BELOW = 96
"""Bits of an IPv6 address above an IPv4 one that is not shifted."""


def special_range(address: str) -> Range | None:
    """Return the special block that an address lies in, or None for an ordinary one.

    `address` is IPv4 or IPv6 in any valid spelling; anything else raises ValueError. An IPv6 form
    that carries an IPv4 address lies where that one lies.
    """
    number = _number(address)
    return _special6(number) if ":" in address else _found(_TABLE4, number)


def address_number(address: str) -> int:
    """Return an address as a number, IPv6 that carries an IPv4 address as that one's.

    Numbers up to 32 bits long are IPv4, but for `::` and `::1`. Raises ValueError.
    """
    number = _number(address)
    shift = _carrier_shift(number) if ":" in address else None
    return number if shift is None else number >> shift & _IPV4


def _number(address: str) -> int:
    """Read an address as a number; raises ValueError.

    Nearly all that come are canonical: those are read without `ipaddress`, which takes five times
    as long.
    """
    if is_ipv4(address):
        return int.from_bytes(bytes(map(int, address.split("."))))
    if _EIGHT_GROUPS(address):
        return int("".join(group.zfill(4) for group in address.split(":")), 16)
    try:
        return int(IPv6Address(address))
    except AddressValueError as error:
        raise ValueError(f"not an address: {address[:60]!a}") from error


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
