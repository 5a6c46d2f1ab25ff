"""Values as feeds write them, read for what they certainly mean.

Owns the repairs of values and their names, which travel on the candidate. Refuses guesses: a value
without a scheme may be a domain or a URL, so it stays rejected.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType
from tidegate.indicators.value import canonical, refang

HASH_LENGTH_DECIDES = "hash_length_decides"
"""A SHA-1 under `sha256`: the digits are what the file has, the key is the publisher's slip."""

IP_IN_DOMAIN = "ip_in_domain"
"""An address as `domain-name:value`."""

REFANGED = "refanged"
"""A disarmed value such as `hxxp://` or `[.]`."""

_BY_LENGTH = MappingProxyType(
    {
        32: IndicatorType.FILE_MD5,
        40: IndicatorType.FILE_SHA1,
        64: IndicatorType.FILE_SHA256,
    }
)
_HEX = re.compile(r"[0-9A-Fa-f]+")


def canonical_repaired(
    kind: IndicatorType, text: str
) -> tuple[IndicatorType, str, tuple[str, ...]]:
    """Return type, canonical value and the names of repairs; raises InvalidValue as `canonical`."""
    try:
        value = canonical(kind, text)
    except InvalidValue as error:
        if error.code == IP_IN_DOMAIN:
            address = canonical(IndicatorType.IP_ADDRESS, text)
            return IndicatorType.IP_ADDRESS, address, (IP_IN_DOMAIN,)
        trimmed = text.strip()
        other = _BY_LENGTH.get(len(trimmed))
        if kind not in FILE_TYPES or other is None or not _HEX.fullmatch(trimmed):
            raise
        return other, canonical(other, trimmed), (HASH_LENGTH_DECIDES,)
    if value != text and refang(text) != text:
        return kind, value, (REFANGED,)
    return kind, value, ()
