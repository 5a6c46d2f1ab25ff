"""Values in canonical form: the only spelling that rows, plans, engines and guards compare.

Owns `canonical`, `classify` and (from `text`) `refang`. Each type's rules live beside it in
hashes, address, domain and url. A disarmed value (`hxxp://`, `[.]`) is read as what it stands for,
but only when it makes no sense as written. Refuses guesses about what a broken value meant.
"""

from __future__ import annotations

import re

from tidegate.errors import InvalidValue
from tidegate.indicators.address import canonical_ip
from tidegate.indicators.domain import canonical_domain
from tidegate.indicators.hashes import canonical_hash, wrong_length
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.plain import plain, shown
from tidegate.indicators.text import refang
from tidegate.indicators.url import canonical_url

__all__ = ["canonical", "classify", "refang"]

_HASH_BY_LENGTH = {
    32: IndicatorType.FILE_MD5,
    40: IndicatorType.FILE_SHA1,
    64: IndicatorType.FILE_SHA256,
}
_HEX = re.compile(r"[0-9A-Fa-f]{28,}")
_COLON_HEX = re.compile(r"[0-9A-Fa-f]{2}(?:[: ][0-9A-Fa-f]{2}){19,}")
_ADDRESS_LIKE = re.compile(
    r"\[?(?:[0-9]+(?:\.[0-9]+){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*)"
    r"\]?(?::[0-9]+)?(?:/[0-9]{1,3})?"
)
_HOST_AND_PATH = re.compile(r"[^/?#@:]+\.[^/?#@:]+(?::[0-9]+)?[/?#].*")


def canonical(kind: IndicatorType, text: str) -> str:
    """Return the canonical form of a value of a known type. Idempotent.

    Raises:
        InvalidValue: with the code of the first thing that is wrong with the value as written.
    """
    try:
        return _canonical(kind, text)
    except InvalidValue:
        armed = refang(text)
        if armed == text:
            raise
        try:
            return _canonical(kind, armed)
        except InvalidValue as still:
            raise still from None


def _canonical(kind: IndicatorType, text: str) -> str:
    match kind:
        case IndicatorType.IP_ADDRESS:
            return canonical_ip(text)
        case IndicatorType.DOMAIN_NAME:
            return canonical_domain(text)
        case IndicatorType.URL:
            return canonical_url(text)
        case _:
            return canonical_hash(kind, text)


def classify(text: str) -> tuple[IndicatorType, str]:
    """Tell the type of one value, disarmed or not, and return it with the canonical form.

    40 hexadecimal digits are a SHA-1 of a file; in pairs (`aa:bb:…`) they are a thumbprint.

    Raises:
        InvalidValue: the code of the type it resembles, else `unrecognised`.
    """
    value = plain(text)
    kind = _resembles(refang(value))
    if kind is None:
        raise InvalidValue(
            "unrecognised",
            f"{shown(value)} is no hash, address, domain, URL or thumbprint",
            "that is an e-mail address" if "@" in value else "",
        )
    return kind, canonical(kind, value)


def _resembles(value: str) -> IndicatorType | None:
    addressed = _ADDRESS_LIKE.fullmatch(value) is not None
    if "://" in value or (not addressed and _HOST_AND_PATH.fullmatch(value)):
        return IndicatorType.URL
    if _HEX.fullmatch(value):
        kind = _HASH_BY_LENGTH.get(len(value))
        if kind is None:
            raise wrong_length(None, value)
        return kind
    if _COLON_HEX.fullmatch(value):
        return IndicatorType.CERTIFICATE
    if addressed:
        return IndicatorType.IP_ADDRESS
    if "." in value.strip(".") and not any(sign in value for sign in "@ \\,;\"'()"):
        return IndicatorType.DOMAIN_NAME
    return None
