"""Containment in the filter language: addresses in a range, names under a domain.

Owns `match_ip` and `match_domain`, both also for the hosts of URLs. Refuses text that is neither an
address nor a range; a name is taken as typed,
because half a name is what a person has typed so far.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_network
from typing import TypeAlias

from tidegate.errors import InvalidValue
from tidegate.indicators.address import is_ipv4, read_ip, read_ipv6
from tidegate.indicators.domain import canonical_domain
from tidegate.indicators.filter_predicate import FieldError, Predicate
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.text import safe
from tidegate.indicators.url import host_of

RowTest: TypeAlias = Callable[[Indicator], bool]


def match_ip(text: str) -> RowTest:
    """Match rows whose address lies in a range, or is an address.

    Raises:
        ValueError: the text is neither.
    """
    address, slash, prefix = text.strip("[]").partition("/")
    base = read_ip(address)
    if base is None or (slash and not (prefix.isascii() and prefix.isdigit())):
        raise ValueError(f"{safe(text, 60)} is none; as in 198.51.100.0/24 or 2001:db8::1")
    # Bits beyond the prefix are forgiven: 198.51.100.7/24 plainly means its network.
    network = ip_network(base + slash + prefix, strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    number = _ipv4_number if network.version == 4 else read_ipv6  # noqa: PLR2004 - IPv4

    def inside(row: Indicator) -> bool:
        if row.type is IndicatorType.IP_ADDRESS:
            value = row.value
        elif row.type is IndicatorType.URL:
            value = host_of(row.value).strip("[]")
        else:
            return False
        found = number(value)
        return found is not None and first <= found <= last

    return inside


def match_domain(text: str) -> RowTest:
    """Match a name, its subdomains, and URLs on either."""
    name = text.lower().removeprefix("*").strip(".")
    # One label such as `test`, or a name not finished, is compared as typed.
    with suppress(InvalidValue):
        name = canonical_domain(name)
    below = "." + name

    def under(row: Indicator) -> bool:
        if row.type is IndicatorType.DOMAIN_NAME:
            host = row.value
        elif row.type is IndicatorType.URL:
            host = host_of(row.value)
        else:
            return False
        return host == name or host.endswith(below)

    return under


def domain(_name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match names, their subdomains and the URLs on them."""
    tests = [match_domain(value) for value in values]
    return lambda row, _now: any(test(row) for test in tests)


def ip(name: str, _operator: str, values: tuple[str, ...]) -> Predicate:
    """Match addresses in ranges, and the URLs that have one as host."""
    try:
        tests = [match_ip(value) for value in values]
    except ValueError as wrong:
        raise FieldError(f"{name} takes addresses and ranges", f"{wrong}") from wrong
    return lambda row, _now: any(test(row) for test in tests)


def _ipv4_number(text: str) -> int | None:
    if not is_ipv4(text):
        return None
    first, second, third, fourth = map(int, text.split("."))
    return first << 24 | second << 16 | third << 8 | fourth
