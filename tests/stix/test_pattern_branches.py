"""One alternative: what a row can say of it, and the code of what it cannot."""

from __future__ import annotations

import pytest

from tidegate.indicators.kinds import IndicatorType
from tidegate.stix import atoms, repairs
from tidegate.stix.pattern import read_pattern

MD5, SHA1, SHA256 = (
    IndicatorType.FILE_MD5,
    IndicatorType.FILE_SHA1,
    IndicatorType.FILE_SHA256,
)


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("url:value != 'x'", atoms.NEGATION),
        ("url:value <> 'x'", atoms.NEGATION),
        ("url:value NOT = 'x'", atoms.NEGATION),
        ("url:value NOT IN ('x')", atoms.NEGATION),
        ("url:value NOT LIKE 'x'", atoms.NEGATION),
        ("url:value LIKE 'x%'", atoms.LIKE),
        ("url:value MATCHES 'x.*'", atoms.MATCHES),
        ("ipv4-addr:value ISSUBSET '198.51.100.0/24'", atoms.ISSUBSET),
        ("ipv4-addr:value ISSUPERSET '198.51.100.1'", atoms.ISSUPERSET),
        ("file:size > 5", atoms.COMPARISON),
        ("url:value IN ()", atoms.COMPARISON),
        ("EXISTS url:value", atoms.EXISTS),
        ("mutex:name = 'x'", atoms.UNMAPPED_PATH),
        ("file:name = 'x'", atoms.UNMAPPED_PATH),
        ("file:hashes.SSDEEP = 'x'", atoms.UNMAPPED_HASH),
        ("file:hashes.'SHA-512' = 'x'", atoms.UNMAPPED_HASH),
        ("x509-certificate:hashes.'SHA-256' = 'x'", atoms.UNMAPPED_HASH),
        ("ipv4-addr:value = 5", atoms.VALUE_NOT_TEXT),
        ("domain-name:value = 'x' AND url:value = 'y'", atoms.AND_ACROSS),
        (
            "domain-name:value = 'x' AND domain-name:resolves_to_refs[*].value = 'y'",
            atoms.AND_ACROSS,
        ),
        ("ipv4-addr:value = 'x' AND ipv4-addr:value = 'y'", atoms.AND_ACROSS),
        ("file:hashes.MD5 = 'x' AND process:name = 'y'", atoms.AND_ACROSS),
        ("file:hashes.MD5 = 'x' AND file:hashes.MD5 = 'y'", atoms.AND_ACROSS),
        (
            "file:hashes.MD5 = 'x' AND file:hashes.SSDEEP = 'y' AND file:hashes.ssdeep = 'z'",
            atoms.AND_ACROSS,
        ),
        ("file:hashes.MD5 = 'x' AND file:name != 'y'", atoms.AND_ACROSS),
        ("file:hashes.MD5 LIKE 'x' AND file:name = 'y'", atoms.AND_ACROSS),
        ("file:hashes.SSDEEP = 'x' AND file:name = 'y'", atoms.UNMAPPED_HASH),
        ("network-traffic:dst_ref.value = 'x'", atoms.NETWORK_TRAFFIC_REF),
        ("network-traffic:dst_ref.value = '00:00:5e:00:53:01'", atoms.NETWORK_TRAFFIC_REF),
        (
            "network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 80",
            atoms.NETWORK_TRAFFIC_REF,
        ),
        (
            "network-traffic:dst_ref.value = 'x' AND network-traffic:src_ref.value = 'y'",
            atoms.NETWORK_TRAFFIC_REF,
        ),
        (
            "network-traffic:dst_ref.value = 'x' AND network-traffic:src_ref.type = 'ipv4-addr'",
            atoms.NETWORK_TRAFFIC_REF,
        ),
        (
            "network-traffic:dst_port = 80 AND network-traffic:protocols[*] = 'tcp'",
            atoms.AND_ACROSS,
        ),
    ],
)
def test_what_no_row_can_say(expression: str, code: str) -> None:
    (atom,) = read_pattern(f"[{expression}]")
    assert (atom.code, atom.type, atom.value) == (code, None, "")
    assert atom.detail
    assert atom.position == 1


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("file:hashes.MD5 = 'x' AND file:name = 'y'", MD5, "x"),
        ("file:name LIKE 'y%' AND file:size > 5 AND file:hashes.sha256 = 'x'", SHA256, "x"),
        ("file:hashes.MD5 = 'x' AND file:hashes.MD5 == 'X'", MD5, "x"),
        ("file:hashes.MD5 = 'x' AND file:hashes.IMPHASH = 'y'", MD5, "x"),
        (
            "x509-certificate:hashes.'SHA-1' = 'x' AND x509-certificate:issuer = 'CN=y'",
            IndicatorType.CERTIFICATE,
            "x",
        ),
        ("network-traffic:dst_ref.value = '192.0.2.1'", IndicatorType.IP_ADDRESS, "192.0.2.1"),
        (
            "network-traffic:src_ref.type = 'domain-name' AND network-traffic:src_ref.value = 'x'",
            IndicatorType.DOMAIN_NAME,
            "x",
        ),
        (
            "network-traffic:dst_ref.value = 'x' AND network-traffic:dst_ref.type = 'ipv6-addr'",
            IndicatorType.IP_ADDRESS,
            "x",
        ),
    ],
)
def test_what_a_row_can_say(expression: str, kind: IndicatorType, value: str) -> None:
    (atom,) = read_pattern(f"[{expression}]")
    assert (atom.code, atom.type, atom.value, atom.aliases) == ("", kind, value, ())


def test_hashes_of_one_file_are_one_atom_strongest_first() -> None:
    (atom,) = read_pattern(
        "[file:hashes.MD5 = 'm' AND file:hashes.sha1 = 's' AND file:hashes.'SHA-256' = 'l'"
        " AND file:name = 'n']"
    )
    assert (atom.type, atom.value) == (SHA256, "l")
    assert atom.aliases == ((SHA1, "s"), (MD5, "m"))
    assert atom.repairs == (repairs.HASH_KEY_SPELLING,)


@pytest.mark.parametrize("length", [32, 40, 64])
def test_two_digests_of_one_length_are_two_files_under_whatever_name(length: int) -> None:
    one, other = "a" * length, "b" * length
    names = f"file:hashes.MD5 = '{one}'", f"file:hashes.'SHA-256' = '{other}'"
    assert [atom.value for atom in read_pattern(f"[{names[0]}] OR [{names[1]}]")] == [one, other]
    (both,) = read_pattern(f"[{names[0]} AND {names[1]}]")
    assert both.code == atoms.AND_ACROSS
    (same,) = read_pattern(f"[{names[0]} AND file:hashes.'SHA-1' = '{one.upper()}']")
    assert same.code == ""


@pytest.mark.parametrize(
    ("expression", "beside"),
    [
        ("file:hashes.MD5 = 'x'", ()),
        ("file:hashes.MD5 = 'x' AND file:hashes.MD5 == 'X'", ()),
        (
            "file:size > 5 AND file:hashes.MD5 = 'x' AND file:name = 'n' AND file:name LIKE 'n%'",
            (("file:size", ""), ("file:name", "n"), ("file:name", "")),
        ),
        (
            "file:name = 'n' AND file:hashes.MD5 = 'm' AND file:hashes.'SHA-1' = 's'",
            (("file:hashes.MD5", "m"), ("file:name", "n")),
        ),
        (
            "file:hashes.MD5 = 'x' AND file:name IN ('n', 'o') AND file:size = 5",
            (("file:name", "n"), ("file:name", "o"), ("file:size", "")),
        ),
        (
            "x509-certificate:hashes.'SHA-1' = 'x' AND x509-certificate:issuer = 'CN=y'",
            (("x509-certificate:issuer", "CN=y"),),
        ),
        ("ipv4-addr:value = '192.0.2.1'", ()),
        ("network-traffic:dst_ref.value = '192.0.2.1'", (("network-traffic:dst_ref.type", ""),)),
        (
            "network-traffic:src_ref.value = 'x' AND network-traffic:src_ref.type = 'ipv6-addr'",
            (("network-traffic:src_ref.type", "ipv6-addr"),),
        ),
        ("file:hashes.SSDEEP = 'x' AND file:name = 'y'", ()),
    ],
)
def test_what_stood_beside_the_value(expression: str, beside: tuple[tuple[str, str], ...]) -> None:
    (atom,) = read_pattern(f"[{expression}]")
    assert atom.beside == beside


def test_what_stood_beside_the_value_has_bounds() -> None:
    names = [f"file:name = '{n:03}{'n' * 300}'" for n in range(60)]
    hashed = "file:hashes.MD5 = 'x'"
    for joined in (" AND ".join(names), f"({' OR '.join(names)})"):
        (atom,) = read_pattern(f"[{joined} AND {hashed} AND file:hashes.SSDEEP = 'z']")
        assert len(atom.beside) == atoms.BESIDE_PAIRS
        assert {len(text) for path, text in atom.beside if path == "file:name"} == {
            atoms.BESIDE_LENGTH
        }


def test_two_types_of_one_end_are_no_address() -> None:
    (atom,) = read_pattern(
        "[network-traffic:dst_ref.type = 'mac-addr' AND network-traffic:dst_ref.type = 'ipv4-addr'"
        " AND network-traffic:dst_ref.value = '192.0.2.1']"
    )
    assert atom.code == atoms.NETWORK_TRAFFIC_REF


def test_a_path_without_an_indicator_is_said_in_a_sentence() -> None:
    (atom,) = read_pattern("[process:command_line = 'x']")
    assert atom.detail == "Defender has no indicator for process:command_line"
