"""Canonical form of file hashes and certificate thumbprints: lower-case hexadecimal.

Refuses hashes of the wrong length for their type: a SHA-1 under a SHA-256 label is a feed's
mistake that nobody can repair safely.
"""

from __future__ import annotations

import re

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.plain import no_blanks, plain, shown

DIGITS = {
    IndicatorType.FILE_SHA256: 64,
    IndicatorType.FILE_SHA1: 40,
    IndicatorType.FILE_MD5: 32,
    IndicatorType.CERTIFICATE: 40,
}
"""Hexadecimal digits per type; Defender identifies a certificate by its SHA-1 thumbprint."""

NAME = {
    IndicatorType.FILE_SHA256: "SHA-256",
    IndicatorType.FILE_SHA1: "SHA-1",
    IndicatorType.FILE_MD5: "MD5",
    IndicatorType.CERTIFICATE: "certificate thumbprint (SHA-1)",
}

_SHA256_DIGITS = 64
_LENGTH_NAME = {32: "MD5", 40: "SHA-1", 56: "SHA-224", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}
_HEX = re.compile(r"[0-9a-f]+")
_CANONICAL = {kind: re.compile(f"[0-9a-f]{{{count}}}").fullmatch for kind, count in DIGITS.items()}
_SEPARATORS = str.maketrans("", "", ": -")


def canonical_hash(kind: IndicatorType, text: str) -> str:
    """Return a hash or thumbprint as Defender stores it.

    Raises:
        InvalidValue: `hash_length`, `hash_characters`, `thumbprint_sha256`, `control_character`.
    """
    if _CANONICAL[kind](text):
        return text
    digits = plain(text).lower()
    if kind is IndicatorType.CERTIFICATE:
        digits = digits.translate(_SEPARATORS)
    else:
        no_blanks(digits, "hash")
    if _HEX.fullmatch(digits) is None:
        raise InvalidValue(
            "hash_characters",
            f"{shown(text)} is no {NAME[kind]}: it holds more than hexadecimal digits",
        )
    if len(digits) == DIGITS[kind]:
        return digits
    if kind is IndicatorType.CERTIFICATE and len(digits) == _SHA256_DIGITS:
        raise InvalidValue(
            "thumbprint_sha256",
            f"{shown(text)} is a SHA-256 thumbprint; Defender takes SHA-1 thumbprints",
            "use the 40-digit thumbprint that the certificate dialog shows",
        )
    raise wrong_length(kind, digits)


def wrong_length(kind: IndicatorType | None, digits: str) -> InvalidValue:
    """Build the error for hexadecimal text of no fitting length."""
    found = _LENGTH_NAME.get(len(digits))
    looks = f", as a {found} has" if found else ""
    if kind is None:
        wanted = "Defender takes MD5 (32), SHA-1 (40) and SHA-256 (64)"
    else:
        wanted = f"a {NAME[kind]} has {DIGITS[kind]}"
    return InvalidValue(
        "hash_length",
        f"{shown(digits)} has {len(digits)} hexadecimal digits{looks}; {wanted}",
    )
