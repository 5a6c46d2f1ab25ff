"""The codes of widening, the presumption of one file, and what a pattern says of a file."""

from __future__ import annotations

import re

import pytest

from tidegate.indicators.kinds import IndicatorType
from tidegate.mapping.widening import WIDENING, beside_context, one_file, widening
from tidegate.stix.atoms import BESIDE_PAIRS, PatternAtom
from tidegate.stix.pattern import read_pattern

MD5 = f"file:hashes.MD5 = '{'a' * 32}'"
SHA1 = f"file:hashes.'SHA-1' = '{'b' * 40}'"


def atom_of(pattern: str) -> PatternAtom:
    (atom,) = read_pattern(pattern)
    assert not atom.code
    return atom


def codes(pattern: str) -> tuple[str, ...]:
    atom = atom_of(pattern)
    assert atom.type is not None
    return widening(atom.type, atom)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ipv4-addr:value = '192.0.2.1']", ()),
        ("[domain-name:value = 'example.com']", ("subdomains",)),
        ("[url:value = 'http://example.com/a']", ("beneath_url",)),
        (f"[{MD5}]", ()),
        (f"[{MD5} AND file:name = 'a']", ("other_names",)),
        (f"[{MD5} AND {SHA1}]", ("other_names",)),
        (f"[{MD5} OR {SHA1}]", ()),
        (f"[{MD5} AND (file:name = 'a' OR file:name = 'b')]", ("other_names",)),
        ("[network-traffic:dst_ref.value = '192.0.2.1']", ("either_direction",)),
        (
            "[network-traffic:src_ref.value = 'example.com'"  # noqa: ISC004 - one pattern
            " AND network-traffic:src_ref.type = 'domain-name']",
            ("subdomains", "either_direction"),
        ),
    ],
)
def test_how_a_row_matches_more(pattern: str, expected: tuple[str, ...]) -> None:
    assert codes(pattern) == expected


def test_the_type_of_the_row_counts() -> None:
    atom = atom_of("[domain-name:value = '192.0.2.1']")
    assert widening(IndicatorType.IP_ADDRESS, atom) == ()


def test_every_code_is_a_stable_word_with_a_sentence() -> None:
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in WIDENING)
    assert all(WIDENING.values())


@pytest.mark.parametrize(
    ("pattern", "presumed"),
    [
        (f"[{MD5}]", False),
        (f"[{MD5} AND {SHA1}]", False),
        (f"[{MD5} OR {SHA1}]", True),
        (f"[{MD5}] OR [{SHA1}]", True),
        (f"[{MD5} AND file:name = 'a'] OR [{SHA1} AND file:name = 'a']", True),
    ],
)
def test_alternatives_are_presumed_to_be_one_file(pattern: str, presumed: bool) -> None:  # noqa: FBT001 - a column
    assert one_file(atom_of(pattern)) is presumed


def test_what_a_pattern_says_of_a_file() -> None:
    atom = atom_of(
        f"[{MD5} AND (file:name = 'a.pdf' OR file:name = 'b.pdf') AND file:name LIKE 'c%'"
        " AND file:size = 5 AND file:mime_type = 'application/pdf']"
    )
    assert beside_context(atom) == {
        "file_name": ("a.pdf", "b.pdf"),
        "mime_type": ("application/pdf",),
    }
    assert beside_context(atom_of(f"[{MD5}]")) == {}


def test_a_list_that_may_have_lost_a_name_says_nothing() -> None:
    some = " OR ".join(f"file:name = '{n}.pdf'" for n in range(BESIDE_PAIRS))
    assert beside_context(atom_of(f"[{MD5} AND ({some})]")) == {}
    assert beside_context(atom_of(f"[{MD5} AND file:name = '{'n' * 300}.pdf']")) == {}
