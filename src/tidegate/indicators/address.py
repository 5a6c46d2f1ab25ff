"""Canonical form of IP addresses: dotted quad, or eight IPv6 groups without leading zeros.

Refuses ranges (Defender takes single addresses only; a range is never expanded), ports, and every
historical spelling that programs read differently: bare integers, hexadecimal or octal parts,
fewer than four parts, digits from other scripts, scope ids.
"""

from __future__ import annotations

import re

from tidegate.errors import InvalidValue
from tidegate.indicators.plain import no_blanks, plain, shown

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_QUAD = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
is_ipv4 = _QUAD.fullmatch
"""Truthy for a canonical IPv4 address."""

_WITH_PORT = re.compile(r"(?:[0-9.]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_QUAD_LIKE = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_SINGLE = {False: "/32", True: "/128"}


def canonical_ip(text: str) -> str:
    """Return an address in canonical form; `/32` and `/128` name one address and are read so.

    An IPv4-mapped IPv6 address is its IPv4 address.

    Raises:
        InvalidValue: `cidr`, `ip_with_port`, `not_an_address`, `control_character`.
    """
    if _QUAD.fullmatch(text):
        return text
    value = plain(text)
    no_blanks(value, "address")
    address, slash, prefix = value.partition("/")
    if address.startswith("[") and address.endswith("]"):
        address = address[1:-1]
    found = read_ip(address)
    if found is None:
        raise _no_address(value)
    if slash and slash + prefix != _SINGLE[":" in address]:
        raise InvalidValue(
            "cidr",
            f"{shown(value)} is a range; Defender takes single addresses only",
            "list the addresses that matter, one by one",
        )
    return found


def read_ip(address: str) -> str | None:
    """Return the canonical form of a bare address, None when it is none."""
    if _QUAD.fullmatch(address):
        return address
    number = read_ipv6(address)
    if number is None:
        return None
    if number >> 32 == 0xFFFF:  # noqa: PLR2004 - ::ffff:0:0/96, IPv4-mapped (RFC 4291, 2.5.5.2)
        return ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8, 0))
    return ":".join(f"{number >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))


def read_ipv6(address: str) -> int | None:
    """Return an IPv6 address as a number, None when it is none; scope ids are refused."""
    if ":" not in address or "%" in address or not address.isascii():
        return None
    # Imported here because a feed without IPv6 need not pay for it at start.
    from ipaddress import IPv6Address  # noqa: PLC0415 - see above

    try:
        return int(IPv6Address(address))
    except ValueError:
        return None


def _no_address(value: str) -> InvalidValue:
    if _WITH_PORT.fullmatch(value):
        return InvalidValue(
            "ip_with_port",
            f"{shown(value)} holds a port; Defender matches addresses on every port",
            "leave the port out, or write a URL",
        )
    hint = ""
    if "://" in value:
        hint = "that is a URL"
    elif _QUAD_LIKE.fullmatch(value):
        hint = "each part is 0 to 255, without leading zeros"
    elif "-" in value:
        hint = "list the addresses of a range one by one"
    return InvalidValue("not_an_address", f"{shown(value)} is not an IP address", hint)
