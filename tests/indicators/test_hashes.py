"""Hashes and thumbprints."""

from __future__ import annotations

import pytest

from tidegate.errors import InvalidValue
from tidegate.indicators.hashes import DIGITS, canonical_hash
from tidegate.indicators.kinds import IndicatorType

CERT = IndicatorType.CERTIFICATE


@pytest.mark.parametrize("kind", DIGITS)
def test_capitals_and_blanks_around_go(kind: IndicatorType) -> None:
    digits = "aB" * (DIGITS[kind] // 2)
    assert canonical_hash(kind, f" {digits}\r\n") == digits.lower()


def test_a_thumbprint_may_be_written_in_pairs() -> None:
    assert canonical_hash(CERT, " ".join(["AB"] * 20)) == "ab" * 20
    assert canonical_hash(CERT, ":".join(["ab"] * 20)) == "ab" * 20


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (IndicatorType.FILE_SHA256, "ab" * 20, "hash_length"),
        (IndicatorType.FILE_MD5, "ab" * 15, "hash_length"),
        (IndicatorType.FILE_MD5, "zz" * 16, "hash_characters"),
        (IndicatorType.FILE_MD5, "１" * 32, "hash_characters"),
        (IndicatorType.FILE_SHA1, "ab " * 20, "control_character"),
        (CERT, "ab" * 32, "thumbprint_sha256"),
        (CERT, "ab" * 16, "hash_length"),
        # The Windows certificate dialog copies this invisible mark along.
        (CERT, "\u200e" + "ab" * 20, "control_character"),
    ],
)
def test_others_are_refused(kind: IndicatorType, text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        canonical_hash(kind, text)
    assert refused.value.code == code


def test_the_message_names_the_likely_algorithm() -> None:
    with pytest.raises(InvalidValue, match="as a SHA-1 has; a SHA-256 has 64"):
        canonical_hash(IndicatorType.FILE_SHA256, "ab" * 20)
