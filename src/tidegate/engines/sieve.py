"""Which values of telemetry a list may name, told from their spelling alone, by the million.

Owns a quick no: where the sieve says no, reading the value and asking the matcher would find
nothing, whatever scope and time. Refuses to say yes: what it lets through is read and matched.
Nearly all events are named by nothing, and values repeat: what was found to be named by nothing is
remembered, within bounds, and costs one look-up from then on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from tidegate.engines.observing import plain_host
from tidegate.errors import InvalidValue
from tidegate.indicators.address import canonical_ip, is_ipv4
from tidegate.indicators.hashes import DIGITS
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType
from tidegate.indicators.url import host_of

REMEMBERED = 50_000
"""Values of each type that are remembered: some MiB. When there are as many, it begins anew."""

May = Callable[[str], bool]


class Sieve:
    """What some rows may name.

    `tests` has, by type, the values that are known to be named by nothing and the question for all
    others; URL stands for all that RemoteUrl may hold.
    """

    def __init__(self, rows: Iterable[Indicator]) -> None:
        named: dict[IndicatorType, set[str]] = {kind: set() for kind in IndicatorType}
        for row in rows:
            value = host_of(row.value) if row.type is IndicatorType.URL else row.value
            named[row.type].add(value)
            for alias in row.aliases:
                kind, _, digest = alias.partition(":")
                if kind in FILE_TYPES:
                    named[IndicatorType(kind)].add(digest)
        self.tests: Mapping[IndicatorType, tuple[set[str], May]] = MappingProxyType(
            {
                **{kind: _digests(kind, named[kind]) for kind in DIGITS},
                IndicatorType.IP_ADDRESS: _addresses(named[IndicatorType.IP_ADDRESS]),
                IndicatorType.URL: _connections(
                    named[IndicatorType.DOMAIN_NAME],
                    named[IndicatorType.URL] | named[IndicatorType.IP_ADDRESS],
                ),
            }
        )


def _remember(quiet: set[str], text: str) -> None:
    if len(quiet) >= REMEMBERED:
        quiet.clear()
    quiet.add(text)


def _digests(kind: IndicatorType, named: set[str]) -> tuple[set[str], May]:
    quiet: set[str] = set()
    sound = re.compile(f"[0-9a-f]{{{DIGITS[kind]}}}").fullmatch

    def may(text: str) -> bool:
        digits = text.lower()
        if digits in named or not sound(digits):
            return True
        _remember(quiet, text)
        return False

    return quiet, may


def _addresses(named: set[str]) -> tuple[set[str], May]:
    quiet: set[str] = set()

    def may(text: str) -> bool:
        if not is_ipv4(text):
            try:
                if canonical_ip(text) in named:
                    return True
            except InvalidValue:
                return True
        elif text in named:
            return True
        _remember(quiet, text)
        return False

    return quiet, may


def _ending(host: str) -> str:
    """The last two labels, which every name on a list has."""
    return host[host.rfind(".", 0, host.rfind(".")) + 1 :]


def _connections(names: set[str], hosts: set[str]) -> tuple[set[str], May]:
    quiet: set[str] = set()
    endings = {_ending(name) for name in names | hosts}

    def may(text: str) -> bool:
        parts = text.split("/", 3)
        if len(parts) == 1:
            host = text
        elif parts[0] in _WEB and not parts[1] and len(parts) > _HOST:
            host = parts[_HOST]
        else:
            return True
        if host in quiet:
            return False
        if not (plain_host(host) or is_ipv4(host)) or (
            _ending(host) in endings and _named(host, names, hosts)
        ):
            return True
        _remember(quiet, host)
        return False

    return quiet, may


_WEB = frozenset(("https:", "http:"))
_HOST = 2
"""Where the host stands in a URL that is split at its slashes."""


def _named(host: str, names: set[str], hosts: set[str]) -> bool:
    if host in hosts:
        return True
    name = host
    while name:
        if name in names:
            return True
        name = name.partition(".")[2]
    return False
