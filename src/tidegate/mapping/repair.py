"""Values as feeds write them, read for what they certainly mean.

Owns the repairs of values; their names are those of stix/repairs.py and travel on the candidate.
Refuses guesses: a host alone in a URL's place may be meant as a domain or as a page, and a URL on
an address that ends in a number may be a range, so both stay rejected.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType
from tidegate.indicators.value import canonical, refang
from tidegate.stix.repairs import HASH_LENGTH_DECIDES, IP_IN_DOMAIN, REFANGED, SCHEME_MISSING

_BY_LENGTH = MappingProxyType(
    {
        32: IndicatorType.FILE_MD5,
        40: IndicatorType.FILE_SHA1,
        64: IndicatorType.FILE_SHA256,
    }
)
_HEX = re.compile(r"[0-9A-Fa-f]+")
_HOST_AND_PATH = re.compile(r"[^\s/?#@:\\]+\.[^\s/?#@:\\]+(?::[0-9]{1,5})?/\S*")
_RANGE_LIKE = re.compile(r"[0-9.:]+/[0-9]{1,3}")


def canonical_repaired(
    kind: IndicatorType, text: str
) -> tuple[IndicatorType, str, tuple[str, ...]]:
    """Return type, canonical value and the names of repairs; raises InvalidValue as `canonical`."""
    try:
        value = canonical(kind, text)
    except InvalidValue as error:
        return _repaired(kind, text, error)
    if value != text and refang(text) != text:
        return kind, value, (REFANGED,)
    return kind, value, ()


def _repaired(
    kind: IndicatorType, text: str, error: InvalidValue
) -> tuple[IndicatorType, str, tuple[str, ...]]:
    if error.code == "ip_in_domain":
        return IndicatorType.IP_ADDRESS, canonical(IndicatorType.IP_ADDRESS, text), (IP_IN_DOMAIN,)
    if error.code == "no_scheme":
        return _with_scheme(text, error)
    trimmed = text.strip()
    other = _BY_LENGTH.get(len(trimmed))
    if kind not in FILE_TYPES or other is None or not _HEX.fullmatch(trimmed):
        raise error
    return other, canonical(other, trimmed), (HASH_LENGTH_DECIDES,)


def _with_scheme(text: str, error: InvalidValue) -> tuple[IndicatorType, str, tuple[str, ...]]:
    """Read host and path as http://, which is how whoever types them means them.

    The narrower reading by far: Defender matches a path in every process on http only (Microsoft,
    "Create indicators for IPs and URLs/domains"), and no row for the host comes of it.
    """
    armed = refang(text).strip()
    if not _HOST_AND_PATH.fullmatch(armed) or _RANGE_LIKE.fullmatch(armed):
        raise error
    value = canonical(IndicatorType.URL, f"http://{armed}")
    notes = (SCHEME_MISSING,) if armed == text.strip() else (REFANGED, SCHEME_MISSING)
    return IndicatorType.URL, value, notes
