"""What telemetry writes about a file or a connection, read as observables.

Owns the leniency that events need and lists do not: a list refuses what it cannot be sure of, but
an event did happen, and whoever attacks chooses its spelling. So a URL that no list would take (a
user before the host, a query without end, another scheme) still shows the host it went to, and a
name with an underscore is still below the domains above it. Refuses values that show nothing:
InvalidValue.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tidegate.engines.event import Observable, Role
from tidegate.errors import InvalidValue
from tidegate.indicators.address import canonical_ip, is_ipv4
from tidegate.indicators.domain import canonical_domain
from tidegate.indicators.hashes import canonical_hash
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.limits import VALUE_LENGTH
from tidegate.indicators.url import canonical_url, host_of

Observables = tuple[Observable, ...]

plain_host = re.compile(r"[a-z0-9._-]*\.[a-z][a-z0-9-]*").fullmatch
"""Truthy for a name in lower case that no reader takes for another: its last label is no number,
and it has no trailing dot. Lists take fewer: `_` is in."""

_WEB = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_AUTHORITY = re.compile(r"[^/?#\\]*")
_PORT = re.compile(r":[0-9]{0,5}")
_PATH_ROOM = VALUE_LENGTH - 100


def hashed(role: Role, kind: IndicatorType) -> Callable[[str], Observables]:
    """Return the reader of a column of hashes of one type."""

    def read(text: str) -> Observables:
        return (Observable(role, kind, canonical_hash(kind, text)),)

    return read


def address(text: str) -> Observables:
    """Read a remote address. Raises InvalidValue."""
    return (Observable(Role.REMOTE_IP, IndicatorType.IP_ADDRESS, canonical_ip(text)),)


def connection(text: str) -> Observables:
    """Read RemoteUrl: a URL, a host, or a host and a path, whose scheme is then either.

    A host that is an address shows the address, too. Raises InvalidValue when no host is in it.
    """
    value = text.strip()
    if _WEB.match(value):
        return _url(value)
    if _SCHEME.match(value) or not any(sign in value for sign in "/?#"):
        return _host(value)
    return tuple(dict.fromkeys(_url(f"https://{value}") + _url(f"http://{value}")))


def _url(value: str) -> Observables:
    url = _canonical(value)
    if url is None:
        return _host(value)
    seen = Observable(Role.REMOTE_URL, IndicatorType.URL, url)
    host = host_of(url)
    if is_ipv4(host) or host.startswith("["):
        return (seen, *address(host))
    return (seen,)


def _canonical(value: str) -> str | None:
    """The URL as lists write it; without its query, and then cut at a slash, where it is long."""
    bare = value.partition("#")[0].partition("?")[0]
    short = bare[:_PATH_ROOM].rpartition("/")[0] + "/"
    for form in (value, bare, short if len(bare) > _PATH_ROOM else bare):
        try:
            return canonical_url(form)
        except InvalidValue as wrong:
            if wrong.code != "over_long":
                return None
    return None


def _host(value: str) -> Observables:
    """The host alone. A name of one label is on no list, and so shows nothing."""
    before, scheme, after = value.partition("://")
    found = _AUTHORITY.match(after if scheme else before)
    host = (found[0] if found else "").rpartition("@")[2]
    if host.startswith("[") or host.count(":") > 1:
        return address(host.partition("]")[0] + "]" if host.startswith("[") else host)
    name, colon, _ = host.partition(":")
    if colon and not _PORT.fullmatch(host[len(name) :]):
        raise InvalidValue("url_host", "the host has a port that is none")
    plain = name.lower().removesuffix(".")
    if is_ipv4(plain):
        return address(plain)
    if not plain_host(plain):
        try:
            plain = canonical_domain(name)
        except InvalidValue as wrong:
            if wrong.code == "single_label":
                return ()
            raise
    return (Observable(Role.REMOTE_URL, IndicatorType.DOMAIN_NAME, plain),)
