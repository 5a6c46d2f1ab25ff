"""The values that a pattern names: all, in canonical form, and none of what is broken."""

from __future__ import annotations

import pytest

from tidegate.mapping.naming import atom_values, values_named
from tidegate.stix.pattern import read_pattern

SHA256, SHA1 = "a" * 64, "b" * 40


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        (
            (
                f"[file:hashes.'SHA-256' = '{SHA256.upper()}' OR file:hashes.'SHA-1' = '{SHA1}']"
                " OR [domain-name:value = 'H1.Example.com']"
            ),
            (SHA256, SHA1, "h1.example.com"),
        ),
        (
            "[ipv4-addr:value = '203.0.113.30'] OR [domain-name:value LIKE '%.example.com']",
            ("203.0.113.30",),
        ),
        (
            "[domain-name:value = 'a.example.com' OR domain-name:value = 'A.example.com']",
            ("a.example.com",),
        ),
        ("[domain-name:value = 'no name']", ()),
        ("[oops", ()),
        ("", ()),
    ],
)
def test_a_pattern_names_exactly_its_values(pattern: str, values: tuple[str, ...]) -> None:
    assert values_named(pattern) == values


def test_an_atom_names_its_value_and_the_other_hashes() -> None:
    (atom,) = read_pattern(f"[file:hashes.MD5 = '{'A' * 32}' AND file:hashes.'SHA-1' = 'x']")
    assert atom_values(atom) == ("a" * 32,)
