"""What our reader makes of every pattern is what a second reading of the reference grammar makes.

Real feeds: a seeded slice; all of them with TIDEGATE_SOAK=1. Skipped where there are none.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from strategies.pattern_tree import deep_stack
from strategies.patterns import patterns
from strategies.reference_patterns import as_meant, reference_rows
from tidegate.errors import PatternError
from tidegate.stix import repairs
from tidegate.stix.container import objects_in
from tidegate.stix.lenient_json import BrokenJson, decode
from tidegate.stix.objects import Defect, read_indicator
from tidegate.stix.pattern import read_pattern

SOAK = os.environ.get("TIDEGATE_SOAK") == "1"
SLICE = 2_500
SHORT = 2_000
"""The slice leaves out the longest; the reference needs a fifth of a second for each of them."""

REPAIRED = {
    repairs.COMPARISON_QUOTED: "the reference refuses the quotes; without them it agrees",
    repairs.HASH_KEY_UNQUOTED: "the reference refuses the key; in quotes it agrees",
}
"""Where the two readings may differ, by the name of the repair; and why."""


def documents(folder: Path) -> Iterator[object]:
    for path in sorted(path for path in folder.glob("*/*") if path.is_file()):
        try:
            yield decode(path.read_bytes())
        except BrokenJson:
            with pytest.raises(ValueError, match="line"):  # nothing else excuses a file
                json.loads(path.read_bytes())


def indicators(document: object) -> Iterator[dict[str, object]]:
    """Yield whatever has a pattern and calls itself an indicator, wherever it stands."""
    waiting = [document]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, dict):
            named = thing.get("type") == "indicator" or str(thing.get("id"))[:9] == "indicator"
            if named and isinstance(thing.get("pattern"), str):
                yield thing
            waiting.extend(thing.values())
        elif isinstance(thing, list):
            waiting.extend(thing)


def ours(pattern: str) -> tuple[set[tuple[str, str]] | None, set[str]]:
    """Return type and value of all that maps, None for no pattern; and the names of repairs."""
    try:
        found = read_pattern(pattern)
    except PatternError:
        return None, set()
    rows = {
        (kind.value, value)
        for atom in found
        for kind, value in ((atom.type, atom.value), *atom.aliases)
        if kind is not None
    }
    return rows, {repair for atom in found for repair in atom.repairs}


def test_every_indicator_of_every_bundle_is_found(real_data: Path) -> None:
    seen = 0
    for document in documents(real_data):
        found: Counter[tuple[object, object]] = Counter()
        for thing in objects_in(document)[0]:
            read = read_indicator(thing)
            if not isinstance(read, Defect):
                found[read.id, read.pattern] += 1
            elif read.code.startswith("pattern_type_"):
                found[thing.get("id"), thing.get("pattern")] += 1
        expected = Counter((each.get("id"), each.get("pattern")) for each in indicators(document))
        assert found == expected
        seen += found.total()
    assert seen > 5_000


@pytest.mark.timeout(900)
def test_every_pattern_of_every_bundle_stands_for_the_rows_the_reference_sees(
    real_data: Path,
) -> None:
    known = {
        (str(thing["pattern"]), "2.1" if thing.get("spec_version") == "2.1" else "2.0")
        for document in documents(real_data)
        for thing in indicators(document)
        if thing.get("pattern_type", "stix") in ("stix", "stix2")
    }
    chosen = sorted(known)
    if not SOAK:
        short = [each for each in chosen if len(each[0]) < SHORT]
        chosen = random.Random(11).sample(short, min(SLICE, len(short)))  # noqa: S311 - a seeded slice
    with deep_stack():
        for pattern, version in chosen:
            rows, named = ours(pattern)
            expected = reference_rows(pattern, version)
            if not named.isdisjoint(REPAIRED):
                assert expected is None, (pattern[:500], version)
                expected = reference_rows(as_meant(pattern), version)
            assert rows == expected, (pattern[:500], version)


@settings(max_examples=4_000 if SOAK else 150)
@given(patterns)
def test_any_pattern_stands_for_the_rows_the_reference_sees(pattern: str) -> None:
    rows, _ = ours(pattern)
    assert rows is not None
    assert rows == reference_rows(pattern, "2.1")
