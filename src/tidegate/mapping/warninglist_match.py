"""All warninglists as one table, asked about canonical values.

Owns how an entry covers a value: `string` is the same value, a leading dot or `*.` and `hostname`
cover a name and all below it, `cidr` and single addresses cover addresses, `substring` is part of
the value, and `regex` is found in it (warninglist_regex.py runs them). Other entries are brought
into the form of our values first, so case, trailing dots, internationalised names and spellings of
IPv6 do not matter. A URL is asked as it is, and its host as the name or address that it is.
Refuses verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeVar

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import NETWORK_TYPES, IndicatorType
from tidegate.indicators.value import canonical
from tidegate.mapping.guard_names import host_of, is_address
from tidegate.mapping.guard_ranges import address_number, carried
from tidegate.mapping.warninglist import Form, Warninglist
from tidegate.mapping.warninglist_regex import Expressions

_Lists = tuple[int, ...]
_Key = TypeVar("_Key", str, int)
_BITS4, _BITS6 = 32, 128
_Found = list[tuple[_Lists, str]]
_ASKED = {IndicatorType.URL: NETWORK_TYPES}
"""The types that a list must speak of, one of them, to speak of a value of this type."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One list that holds a value: its key and name, and the entry in our canonical form."""

    key: str
    name: str
    entry: str


class Warninglists:
    """Every list at once.

    Raises ValueError for an entry of a `cidr` list that is no network, and of a `regex` list that
    cannot be run.
    """

    __slots__ = (
        "_exact",
        "_expressions",
        "_kinds",
        "_names",
        "_networks4",
        "_networks6",
        "_parts",
        "_suffixes",
    )

    def __init__(self, lists: Iterable[Warninglist] = ()) -> None:
        self._names: list[tuple[str, str]] = []
        self._kinds: list[frozenset[IndicatorType]] = []
        self._exact: dict[str, _Lists] = {}
        self._suffixes: dict[str, _Lists] = {}
        self._networks4: dict[int, dict[int, _Lists]] = {}
        self._networks6: dict[int, dict[int, _Lists]] = {}
        self._parts: list[tuple[str, int]] = []
        self._expressions: list[tuple[Expressions, int]] = []
        # Most entries are on the same few sets of lists: one tuple for each set saves memory.
        shared: dict[_Lists, _Lists] = {}
        for found in lists:
            number = len(self._names)
            self._names.append((found.key, found.name))
            self._kinds.append(found.kinds)
            if found.form is Form.REGEX:
                self._add_expressions(found, number)
                continue
            for entry in found.entries:
                self._add(found, entry, number, shared)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def keys(self) -> tuple[str, ...]:
        """What the lists are called."""
        return tuple(key for key, _ in self._names)

    def check(self, kind: IndicatorType, value: str) -> tuple[Hit, ...]:
        """Return every list that holds a canonical value, each with one entry."""
        found = self._found(kind, value)
        if not found:
            return ()
        asked = _ASKED.get(kind) or (kind,)
        hits: dict[int, str] = {}
        for lists, entry in found:
            for number in lists:
                kinds = self._kinds[number]
                if number not in hits and any(one in kinds for one in asked):
                    hits[number] = entry
        return tuple(Hit(*self._names[number], entry) for number, entry in hits.items())

    def _found(self, kind: IndicatorType, value: str) -> _Found:
        found: _Found = []
        if lists := self._exact.get(value):
            found.append((lists, value))
        if kind is IndicatorType.DOMAIN_NAME:
            self._above(value, found)
        elif kind is IndicatorType.IP_ADDRESS:
            self._around(value, found)
        elif kind is IndicatorType.URL:
            host = host_of(value)
            if is_address(host):
                self._around(host.strip("[]"), found)
            else:
                if lists := self._exact.get(host):
                    found.append((lists, host))
                self._above(host, found)
        if self._parts:
            found.extend(((number,), part) for part, number in self._parts if part in value)
        if self._expressions:
            self._searched(kind, value, found)
        return found

    def _above(self, name: str, found: _Found) -> None:
        suffixes = self._suffixes
        while name:
            if name in suffixes:
                found.append((suffixes[name], name))
            name = name.partition(".")[2]

    def _around(self, address: str, found: _Found) -> None:
        number = address_number(address)
        # A colon and no more bits than IPv4 has: a form that carries one, or `::` and `::1`, which
        # no list of ours can tell from 0.0.0.0 and 0.0.0.1, and which are refused before any list.
        bits, tables = (
            (_BITS4, self._networks4) if number >> _BITS4 == 0 else (_BITS6, self._networks6)
        )
        for length, table in tables.items():
            shift = bits - length
            if lists := table.get(number >> shift):
                found.append((lists, _shown(bits, number >> shift << shift, length)))

    def _searched(self, kind: IndicatorType, value: str, found: _Found) -> None:
        hosts = (_host(value),) if kind is IndicatorType.URL else ()
        for expressions, number in self._expressions:
            # The path of a URL is no name: only lists that speak of URLs see it.
            texts = (value, *hosts) if kind in self._kinds[number] else hosts
            entry = next((entry for text in texts if (entry := expressions.found(text))), "")
            if entry:
                found.append(((number,), entry))

    def _add_expressions(self, found: Warninglist, number: int) -> None:
        if found.entries:
            try:
                self._expressions.append((Expressions(found.entries), number))
            except ValueError as error:
                raise ValueError(f"{found.key}: {error}") from None

    def _add(
        self, found: Warninglist, entry: str, number: int, shared: dict[_Lists, _Lists]
    ) -> None:
        if found.form is Form.SUBSTRING:
            self._parts.append((entry.lower(), number))
            return
        network = _network_or_none(entry)
        if network is not None:
            bits, first, length = network
            tables = self._networks4 if bits == _BITS4 else self._networks6
            _enter(tables.setdefault(length, {}), first >> (bits - length), number, shared)
            return
        if found.form is Form.CIDR:
            raise ValueError(f"{found.key}: {entry[:60]!a} is no address or network")
        below = found.form is Form.HOSTNAME or entry.startswith((".", "*."))
        table = self._suffixes if below else self._exact
        _enter(table, _plain(entry), number, shared)


def _host(url: str) -> str:
    """Return the host of a canonical URL as the value it would be by itself."""
    host = host_of(url)
    if host.startswith("["):
        return canonical(IndicatorType.IP_ADDRESS, host.strip("[]"))
    return host


def _enter(table: dict[_Key, _Lists], key: _Key, number: int, shared: dict[_Lists, _Lists]) -> None:
    before: _Lists = table.get(key, ())
    if number not in before:
        after = (*before, number)
        table[key] = shared.setdefault(after, after)


def _plain(entry: str) -> str:
    """Return a name, URL or hash in the form of our values, as far as it has one."""
    kind = IndicatorType.URL if "://" in entry else IndicatorType.DOMAIN_NAME
    if kind is IndicatorType.URL or not entry.isascii():
        try:
            return canonical(kind, entry.removeprefix("*.").strip("."))
        except InvalidValue:
            return entry
    return entry.removeprefix("*.").strip(".").lower()


def _network_or_none(text: str) -> tuple[int, int, int] | None:
    # The last sign tells most names from addresses at no cost.
    if ":" not in text and not text[-1:].isdigit():
        return None
    try:
        return _network(text)
    except ValueError:
        return None


def _network(text: str) -> tuple[int, int, int]:
    """Return bits, first address and prefix length; IPv6 that carries IPv4 becomes that."""
    address, slash, length = text.partition("/")
    if ":" not in text:
        try:
            # Tens of thousands of entries: the class for networks takes four times as long.
            prefix = int(length) if slash else _BITS4
            if not 0 <= prefix <= _BITS4:
                raise ValueError(f"no prefix length: {length[:9]!a}")
            return _BITS4, int(IPv4Address(address)), prefix
        except AddressValueError as error:
            raise ValueError("no address") from error
    found = IPv6Network(text, strict=False)
    inner = carried(found)
    if inner is not None:
        return _BITS4, int(inner.network_address), inner.prefixlen
    return _BITS6, int(found.network_address), found.prefixlen


def _shown(bits: int, first: int, length: int) -> str:
    if length == bits:
        return str(IPv4Address(first) if bits == _BITS4 else IPv6Address(first))
    return str(IPv4Network((first, length)) if bits == _BITS4 else IPv6Network((first, length)))
