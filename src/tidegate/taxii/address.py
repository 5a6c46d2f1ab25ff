"""Addresses of TAXII servers: which may be asked, which are one server, how they are shown.

Owns the comparison of origins (scheme, host and port). Refuses plain http to other machines, and
credentials and fragments in a feed's address. Contacts nobody.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import requests

from tidegate.errors import FeedRefused

Origin = tuple[str, str, int]


def origin(url: str) -> Origin:
    """Return scheme, host and port of an address; raises ValueError when it has none."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("no host")
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname.lower(), parts.port or default


def shown(url: str | None) -> str:
    """Return an address fit for a message: no credentials, no query, no fragment."""
    try:
        parts = urlsplit(url or "")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(unreadable address)"
    if not parts.hostname:
        return "(unreadable address)"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}{parts.path}"


def allowed_origin(url: str) -> Origin:
    """Return the origin of a feed's address; raises FeedRefused when it may not be used."""
    try:
        parts = urlsplit(url)
        # As requests will spell it: an international host name becomes its ASCII form.
        found = origin(str(requests.Request("GET", url).prepare().url))
    except (ValueError, requests.RequestException):
        raise FeedRefused(
            "`url` is not an address", "write it as https://taxii.example.com/api1/"
        ) from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise FeedRefused(
            f"{shown(url)}: `url` carries credentials or a fragment",
            "leave the bare address and give credentials as `auth`",
        )
    if parts.scheme == "http" and not _is_loopback(parts):
        raise FeedRefused(
            f"{shown(url)} is not encrypted", "use https://; http:// is for this machine only"
        )
    if parts.scheme not in ("http", "https"):
        raise FeedRefused(f"{shown(url)} is not a web address", "use https://")
    return found


def _is_loopback(parts: SplitResult) -> bool:
    host = (parts.hostname or "").lower()
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin_text(found: Origin) -> str:
    """Return an origin as an address."""
    scheme, host, port = found
    bracketed = f"[{host}]" if ":" in host else host
    return f"{scheme}://{bracketed}:{port}"
