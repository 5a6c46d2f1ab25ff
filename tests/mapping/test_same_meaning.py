"""A row matches whatever its pattern matches, and more only as its codes of widening say.

Generated patterns with observations near them: a seeded slice; many more with TIDEGATE_SOAK=1.
Readers that are wrong on purpose show that the check would notice. The recorded verdicts of a
matcher hold the meaning itself; they lie beside the folder of real feeds.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from strategies.near_patterns import near_patterns
from strategies.observations import made_for, worlds_near
from strategies.pattern_meaning import World, matches
from strategies.pattern_tree import Expression, read_tree
from strategies.row_meaning import reasons, row_matches
from strategies.same_meaning import Reader, check, holds, rows_of_pattern
from strategies.witnesses import witness
from strategies.wrong_readers import WRONG
from tidegate.errors import PatternError
from tidegate.stix.pattern import read_pattern

SOAK = os.environ.get("TIDEGATE_SOAK") == "1"
SHORT = 2_000
"""Longest pattern of the lists that is looked at; the reference is slow."""

OUT_OF_SCOPE = re.compile(r"\b[thb]'|binary_test|WITHIN|REPEATS|START|FOLLOWEDBY")
"""Times, bytes, qualifiers and order: what has them never maps, and the meaning leaves them out."""


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Expression, list[World]]:
    pattern = draw(near_patterns)
    tree = read_tree(pattern, "2.1")
    assert tree is not None
    return pattern, tree, draw(st.lists(worlds_near(tree), min_size=1, max_size=4))


@settings(max_examples=20_000 if SOAK else 250)
@given(cases())
def test_rows_mean_what_their_pattern_means(case: tuple[str, Expression, list[World]]) -> None:
    check(*case, read_pattern)


@settings(max_examples=10_000 if SOAK else 150)
@given(near_patterns)
def test_every_code_has_something_that_only_the_row_matches(pattern: str) -> None:
    tree = read_tree(pattern, "2.1")
    assert tree is not None
    check_codes(pattern, tree)


def check_codes(pattern: str, tree: Expression) -> None:
    """Fail where a code is listed that no observation bears out."""
    for row in rows_of_pattern(pattern, tree, read_pattern):
        for code in row.codes:
            world = witness(code, row.kind, row.value)
            assert row_matches(row.kind, row.value, world), (pattern, row)
            if any(holds(way, world) for way in row.ways):
                # What stands beside a hash may be true of every file that has it.
                assert code == "other_names", (pattern, row)
                assert any("hashes" in str(said.path) for way in row.ways for said in way[1:])
                continue
            why = [reasons(row.kind, way, world) for way in row.ways]
            assert all(each <= {code} for each in why), (pattern, row, why)
            assert {code} in why, (pattern, row, why)


@pytest.mark.parametrize("read", WRONG, ids=lambda read: read.__name__)
def test_a_reader_that_changes_the_meaning_is_caught(read: Reader) -> None:
    @settings(
        max_examples=5_000,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def fails(case: tuple[str, Expression, list[World]]) -> None:
        check(*case, read)

    with pytest.raises(AssertionError):
        fails()


@pytest.fixture
def lists(real_data: Path) -> Path:
    folder = real_data.parent / "patterns"
    if not folder.is_dir():
        pytest.skip("no lists of patterns beside the real data")
    return folder


def test_the_meaning_is_that_of_a_recorded_matcher(lists: Path) -> None:
    document = json.loads((lists / "match.json").read_bytes())
    compared = 0
    for entry in document["cases"]:
        if entry["expected"] == "error" or OUT_OF_SCOPE.search(entry["pattern"]):
            continue
        tree = read_tree(entry["pattern"], entry["stix_version"])
        worlds = list(observations(document["observation_sets"][entry["observations"]]))
        assert tree is not None
        assert matches(tree, worlds) is entry["expected"], entry
        if entry["expected"]:
            check(entry["pattern"], tree, worlds, read_pattern)
        compared += 1
    assert compared > 200


def observations(documents: list[dict[str, Any]]) -> Iterator[World]:
    """Yield observations, with their objects inside (2.0) or beside them in a bundle (2.1)."""
    for document in documents:
        objects = document["objects"]
        if isinstance(objects, dict):
            yield objects
            continue
        known = {thing["id"]: thing for thing in objects}
        for thing in objects:
            if thing["type"] == "observed-data":
                yield {ident: known[ident] for ident in thing["object_refs"] if ident in known}


def test_rows_of_listed_patterns_mean_the_same(lists: Path) -> None:
    agreed = 0
    for entry in json.loads((lists / "valid.json").read_bytes()):
        pattern = entry["pattern"]
        if len(pattern) > SHORT:
            continue
        try:
            read_pattern(pattern)
        except PatternError:
            continue
        tree = read_tree(pattern, entry["stix_version"])
        assert tree is not None
        agreed += check(pattern, tree, made_for(tree, 20), read_pattern).alike
        check_codes(pattern, tree)
    assert agreed > 100
