"""Names that must never be blocked, or never can be: protected, special-use, sample, resolvers.

Owns the lists, the test "equal to, below or above one of these names", and the host of a URL.
Refuses public suffixes (guard.py asks the Public Suffix List) and names of the operator's own (from
config.toml).
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

PROTECTED = (
    "apple.com",
    "bing.com",
    "github.com",
    "google.com",
    "live.com",
    "microsoft.com",
    "microsoftonline.com",
    "office.com",
    "office.net",
    "office365.com",
    "windows.com",
    "windowsupdate.com",
    "azure.com",
)
"""A block on one of these, or on a name above or below it, breaks devices rather than attacks."""

SPECIAL_USE = ("localhost", "local", "internal", "onion", "arpa", "alt")
"""Names that no public DNS answers (RFC 6761, 6762, 7686, 9476; `internal` by ICANN, 2024), and
`arpa`, which is infrastructure (RFC 3172)."""

SAMPLE_NAMES = ("example", "test", "invalid", "example.com", "example.net", "example.org")
"""Names reserved for documentation and tests (RFC 2606, RFC 6761)."""


RESOLVERS = MappingProxyType(
    {
        "8.8.8.8": "Google",
        "8.8.4.4": "Google",
        "2001:4860:4860::8888": "Google",
        "2001:4860:4860::8844": "Google",
        "1.1.1.1": "Cloudflare",
        "1.0.0.1": "Cloudflare",
        "2606:4700:4700::1111": "Cloudflare",
        "2606:4700:4700::1001": "Cloudflare",
        "9.9.9.9": "Quad9",
        "149.112.112.112": "Quad9",
        "2620:fe::fe": "Quad9",
        "2620:fe::9": "Quad9",
        "208.67.222.222": "OpenDNS",
        "208.67.220.220": "OpenDNS",
        "2620:119:35::35": "OpenDNS",
        "2620:119:53::53": "OpenDNS",
    }
)
"""Public DNS resolvers by address, and who runs them: half the world asks these."""


class NameSet:
    """A set of names that covers everything below them, and knows what lies above them."""

    __slots__ = ("_above", "_names")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._above = {parent: name for name in sorted(self._names) for parent in _parents(name)}

    def over(self, name: str) -> str:
        """Return the member that `name` equals or lies under; empty when there is none."""
        names = self._names
        while name:
            if name in names:
                return name
            name = name.partition(".")[2]
        return ""

    def under(self, name: str) -> str:
        """Return a member that lies under `name`; empty when there is none."""
        return self._above.get(name, "")


def _parents(name: str) -> Iterable[str]:
    parent = name.partition(".")[2]
    while parent:
        yield parent
        parent = parent.partition(".")[2]


def host_of(url: str) -> str:
    """Return the host of a canonical URL: lower case, IPv6 in brackets, no port."""
    authority = url.partition("://")[2].partition("/")[0].partition("?")[0]
    authority = authority.rpartition("@")[2]
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0]


def is_address(host: str) -> bool:
    """Say whether a URL's host is an address; IPv6 stands in brackets.

    The URL standard makes an IPv4 address of every host whose last label is a number.
    """
    return host.startswith("[") or host.rpartition(".")[2].isdigit()
