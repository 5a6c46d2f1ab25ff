"""Canonical form of URLs: what a browser would send, without the fragment.

Parsing is WHATWG's (ada), since that is what the endpoints' browsers do. Refuses, before the
parser repairs it, whatever other programs would read differently: tabs and line breaks, a
backslash in the authority, user names before the host, missing slashes.
"""

from __future__ import annotations

import re

from tidegate.errors import InvalidValue
from tidegate.indicators.address import is_ipv4
from tidegate.indicators.domain import LABEL_LENGTH, NAME_LENGTH
from tidegate.indicators.limits import VALUE_LENGTH
from tidegate.indicators.plain import no_blanks, over_long, plain, shown

SCHEMES = ("http", "https", "ftp")

# Already canonical: lower-case name that ends in letters, no port, no escapes, and a path without
# a segment that starts with a dot. Four of five URLs in feeds; a test holds it against the parser.
_CANONICAL = re.compile(
    r"(?:https?|ftp)://(?!xn--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(?!xn--))+[a-z]{2,63}"
    r"(?:/(?![.])[A-Za-z0-9._~!$&()+,;=:@-]*)+(?:\?[A-Za-z0-9._~!$&()+,;=:@/?-]*)?"
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//)?")
_AUTHORITY = re.compile(r"[^/?#]*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical_url(text: str) -> str:
    """Return a URL in canonical form.

    Raises:
        InvalidValue: `no_scheme`, `url_scheme`, `url_userinfo`, `url_host`, `wildcard`,
            `over_long`, `control_character`.
    """
    if len(text) <= NAME_LENGTH and _CANONICAL.fullmatch(text):
        return text
    value = plain(text)
    no_blanks(value, "URL")
    _check_authority(value, _check_scheme(value))
    # Imported here because ada brings cffi, 24 ms that a list without URLs need not pay.
    import ada_url  # noqa: PLC0415 - see above

    try:
        href = ada_url.normalize_url(value)
    except ValueError as wrong:
        raise _bad_host(value, "has a host or port that no browser accepts") from wrong
    href = href.partition("#")[0]
    start = href.index("://") + 3
    end = href.index("/", start)
    authority = _check_host(value, href[start:end])
    url = href[:start] + authority + _escapes(href[end:])
    if url.endswith("/*"):
        raise _wildcard(value)
    if len(url) > VALUE_LENGTH:
        raise over_long(url)
    return url


def host_of(url: str) -> str:
    """Return the host of a canonical URL: a name, an IPv4 address, or an IPv6 one in brackets."""
    authority = url.partition("://")[2].partition("/")[0]
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0]


def _check_scheme(value: str) -> int:
    """Return where the authority starts."""
    found = _SCHEME.match(value)
    if found is None or (
        not found[2] and ("." in found[1] or value[found.end() : found.end() + 1].isdigit())
    ):
        raise InvalidValue(
            "no_scheme",
            f"{shown(value)} has no scheme",
            "write http:// or https:// before it, or add the domain",
        )
    if found[1].lower() not in SCHEMES:
        raise InvalidValue(
            "url_scheme",
            f"{shown(value)} has the scheme “{found[1].lower()[:20]}”; "
            "Defender takes http, https and ftp",
        )
    if not found[2]:
        raise _bad_host(value, "has no // after the scheme")
    return found.end()


def _check_authority(value: str, start: int) -> None:
    found = _AUTHORITY.match(value, start)
    authority = found[0] if found else ""
    if not authority:
        raise _bad_host(value, "has no host")
    if "\\" in authority:
        raise _bad_host(value, "has a backslash in its host, which programs read differently")
    if "@" in authority:
        raise InvalidValue(
            "url_userinfo",
            f"{shown(value)} names a user before the host, which disguises the real host",
            "write the URL without the part before @",
        )
    if "*" in authority:
        raise _wildcard(value)


def _check_host(value: str, authority: str) -> str:
    """Check host and port as the parser wrote them; return them without a trailing dot."""
    if authority.startswith("["):
        return authority
    host, colon, port = authority.partition(":")
    host = host.removesuffix(".")
    labels = host.split(".")
    if not host or "" in labels:
        raise _bad_host(value, "has a host with an empty label")
    if len(host) > NAME_LENGTH or any(len(label) > LABEL_LENGTH for label in labels):
        raise _bad_host(value, "has a host name longer than DNS allows")
    # localhost passes so that the guards can name it for what it is.
    if len(labels) == 1 and host != "localhost":
        raise _bad_host(value, "has a host of one label; it means another host in every network")
    if not is_ipv4(host) and not host.replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise _bad_host(value, "has a host with characters that no host name has")
    return host + colon + port


def _escapes(rest: str) -> str:
    """Write %-escapes in capitals and undo the needless ones (RFC 3986, 6.2.2).

    Beside a stray `%` nothing is undone: it could join with what comes out.
    """
    if "%" not in rest:
        return rest
    if _STRAY.search(rest):
        return _ESCAPE.sub(lambda found: found[0].upper(), rest)
    return _ESCAPE.sub(_escape, rest)


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()


def _wildcard(value: str) -> InvalidValue:
    return InvalidValue(
        "wildcard",
        f"{shown(value)} holds a wildcard",
        "name the URL itself, or add the domain to cover everything on it",
    )


def _bad_host(value: str, reason: str) -> InvalidValue:
    return InvalidValue("url_host", f"{shown(value)} {reason}")
