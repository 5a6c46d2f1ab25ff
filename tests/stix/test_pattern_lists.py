"""The lists of a validator's and a matcher's own tests: valid is read, invalid refused.

The lists lie beside the folder of real feeds; skipped where they are not.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from strategies.pattern_tree import deep_stack
from strategies.reference_patterns import as_meant, reference_rows
from tidegate.errors import InvalidValue, PatternError
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import canonical
from tidegate.stix import atoms, repairs
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.pattern import read_pattern

SOAK = os.environ.get("TIDEGATE_SOAK") == "1"
SHORT = 2_000
"""Longest pattern to compare: the reference is slow. `TIDEGATE_SOAK=1` compares all."""

INVALID_BUT_READ = {
    "hash length": "the grammar accepts it; the digits of a hash are counted with all other values,"
    " and what has too few or too many is refused there, or repaired by name",
    "repeated qualifier": "only 2.1 forbids two of a kind, and a pattern does not say its version;"
    " no row comes of a qualifier anyhow",
    "repair": "read under the name of a repair: it can mean only one thing",
}
"""Invalid patterns that are read all the same, by what excuses them; and why."""

FAILS_ONLY_WHEN_MATCHED = (
    "the grammar accepts it; the matcher fails at the value that it is compared with, and no row"
    " comes of such a literal"
)


@pytest.fixture
def lists(real_data: Path) -> Path:
    folder = real_data.parent / "patterns"
    if not folder.is_dir():
        pytest.skip("no lists of patterns beside the real data")
    return folder


def entries(path: Path) -> list[dict[str, Any]]:
    found = json.loads(path.read_bytes())
    cases: list[dict[str, Any]] = found["cases"] if isinstance(found, dict) else found
    assert cases
    return cases


def read(pattern: str) -> tuple[PatternAtom, ...] | PatternError:
    try:
        return read_pattern(pattern)
    except PatternError as error:
        return error


LENIENT = {repairs.COMPARISON_QUOTED, repairs.HASH_KEY_UNQUOTED}
"""Repairs of text that is no pattern."""


def repaired(found: tuple[PatternAtom, ...]) -> bool:
    return all(LENIENT.intersection(atom.repairs) for atom in found)


def rows(found: tuple[PatternAtom, ...]) -> set[tuple[IndicatorType, str]]:
    return {
        (kind, value)
        for atom in found
        for kind, value in ((atom.type, atom.value), *atom.aliases)
        if kind is not None
    }


def is_whole(kind: IndicatorType, value: str) -> bool:
    try:
        canonical(kind, value)
    except InvalidValue:
        return False
    return True


def excuse(entry: dict[str, Any], found: tuple[PatternAtom, ...]) -> str:
    """Name what excuses reading an invalid pattern; empty when nothing does."""
    if reference_rows(entry["pattern"], entry["stix_version"]) is None:
        return "repair" if repaired(found) else ""
    if "Duplicate qualifier" in entry["error"]:
        refused = {atom.code for atom in found} == {atoms.QUALIFIER}
        return "repeated qualifier" if refused else ""
    values = rows(found)
    cut = not values or any(not is_whole(kind, value) for kind, value in values)
    return "hash length" if cut else ""


def test_every_valid_pattern_is_read_as_it_stands(lists: Path) -> None:
    for entry in entries(lists / "valid.json"):
        found = read(entry["pattern"])
        assert not isinstance(found, PatternError), (entry, found)
        assert not repaired(found), entry


def test_every_invalid_pattern_is_refused_or_excused(lists: Path) -> None:
    for entry in entries(lists / "invalid.json"):
        found = read(entry["pattern"])
        if not isinstance(found, PatternError):
            assert excuse(entry, found) in INVALID_BUT_READ, (entry, found)


def test_every_pattern_of_the_matcher_is_read_unless_it_must_fail(lists: Path) -> None:
    for entry in entries(lists / "match.json"):
        found = read(entry["pattern"])
        if entry["expected"] != "error":
            assert not isinstance(found, PatternError), (entry, found)
        elif not isinstance(found, PatternError):
            grammatical = reference_rows(entry["pattern"], entry["stix_version"])
            assert grammatical == set(), (FAILS_ONLY_WHEN_MATCHED, entry)
            assert not rows(found), (FAILS_ONLY_WHEN_MATCHED, entry)


@pytest.mark.parametrize("name", ["valid", "invalid", "match"])
def test_every_pattern_stands_for_the_rows_that_the_reference_sees(lists: Path, name: str) -> None:
    known = {
        (entry["pattern"], entry["stix_version"])
        for entry in entries(lists / f"{name}.json")
        if SOAK or len(entry["pattern"]) < SHORT
    }
    with deep_stack():
        for pattern, version in sorted(known):
            found = read(pattern)
            expected = reference_rows(pattern, version)
            if isinstance(found, PatternError):
                assert expected is None, (pattern, found)
            else:
                if expected is None and repaired(found):
                    expected = reference_rows(as_meant(pattern), version)
                assert rows(found) == expected, pattern
