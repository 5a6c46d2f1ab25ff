"""Paths to types, and hash keys by whatever spelling."""

from __future__ import annotations

import pytest

from tidegate.indicators.kinds import IndicatorType
from tidegate.stix.pattern_paths import PLAIN_PATHS, SPEC_KEYS, is_hash, is_reference, type_of
from tidegate.stix.pattern_syntax import Bracket, Comparison, Path, parse_pattern


@pytest.mark.parametrize(
    ("object_type", "steps", "kind"),
    [
        ("ipv4-addr", ("value",), IndicatorType.IP_ADDRESS),
        ("ipv6-addr", ("value",), IndicatorType.IP_ADDRESS),
        ("domain-name", ("value",), IndicatorType.DOMAIN_NAME),
        ("url", ("value",), IndicatorType.URL),
        ("file", ("hashes", "SHA-256"), IndicatorType.FILE_SHA256),
        ("file", ("hashes", "sha_1"), IndicatorType.FILE_SHA1),
        ("file", ("hashes", "Md5"), IndicatorType.FILE_MD5),
        ("file", ("hashes", "SHA3-256"), None),
        ("file", ("hashes", "SSDEEP"), None),
        ("file", ("hashes", "[0]"), None),
        ("file", ("value",), None),
        ("file", ("extensions", "hashes", "MD5"), None),
        ("x509-certificate", ("hashes", "SHA-1"), IndicatorType.CERTIFICATE),
        ("x509-certificate", ("hashes", "SHA-256"), None),
        ("artifact", ("hashes", "MD5"), None),
        ("domain-name", ("resolves_to_refs", "[*]", "value"), None),
    ],
)
def test_type_of(object_type: str, steps: tuple[str, ...], kind: IndicatorType | None) -> None:
    assert type_of(Path(object_type, steps)) is kind


def test_plain_paths_agree_with_the_grammar() -> None:
    for text, (kind, spelled) in PLAIN_PATHS.items():
        node = parse_pattern(f"[{text} = 'x']")
        assert isinstance(node, Bracket)
        assert isinstance(node.expression, Comparison)
        path = node.expression.path
        assert type_of(path) is kind
        assert spelled == (path.steps[-1] in SPEC_KEYS or not is_hash(path))


def test_ends_of_traffic() -> None:
    assert is_reference(Path("network-traffic", ("dst_ref", "value")))
    assert not is_reference(Path("network-traffic", ("dst_ref", "type")))
    assert not is_reference(Path("file", ("dst_ref", "value")))
