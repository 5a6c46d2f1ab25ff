"""Text that is no pattern and still means one thing: read, under its name, at its own positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import PatternError
from tidegate.indicators.kinds import IndicatorType
from tidegate.stix import atoms, repairs
from tidegate.stix.pattern import read_pattern
from tidegate.stix.pattern_repair import parse_repaired
from tidegate.stix.pattern_syntax import parse_pattern

SHA256 = IndicatorType.FILE_SHA256


@pytest.mark.parametrize(
    ("pattern", "kind", "value"),
    [
        ("""["url:value = 'http://a.example/'"]""", IndicatorType.URL, "http://a.example/"),
        ("""[ "file:hashes.'SHA-256' = 'x' " ]""", SHA256, "x"),
        ("""["url:value = 'a[1]'"]""", IndicatorType.URL, "a[1]"),
    ],
)
def test_a_comparison_quoted_as_a_whole(pattern: str, kind: IndicatorType, value: str) -> None:
    (atom,) = read_pattern(pattern)
    assert (atom.type, atom.value, atom.repairs) == (kind, value, (repairs.COMPARISON_QUOTED,))
    assert atom.position == pattern.index('"') + 1


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("file:hashes.SHA-256", (repairs.HASH_KEY_UNQUOTED,)),
        ("file : hashes . SHA-256", (repairs.HASH_KEY_UNQUOTED,)),
        ("file:hashes.sha-256", (repairs.HASH_KEY_SPELLING, repairs.HASH_KEY_UNQUOTED)),
    ],
)
def test_a_hash_key_without_its_quotes(path: str, named: tuple[str, ...]) -> None:
    pattern = f"[file:name = 'file:hashes.SHA-1' AND {path}= 'x']"
    (atom,) = read_pattern(pattern)
    assert (atom.type, atom.value, atom.repairs) == (SHA256, "x", named)
    assert atom.position == pattern.index(path)


def test_both_at_once() -> None:
    (atom,) = read_pattern("""["file:hashes.SHA-256 = 'x'"]""")
    assert atom.repairs == (repairs.COMPARISON_QUOTED, repairs.HASH_KEY_UNQUOTED)


def test_what_maps_nowhere_tells_its_repair_too() -> None:
    first, second = read_pattern("""["mutex:name = 'x' OR url:value LIKE 'y'"]""")
    assert (first.code, second.code) == (atoms.UNMAPPED_PATH, atoms.LIKE)
    assert first.repairs == second.repairs == (repairs.COMPARISON_QUOTED,)


@pytest.mark.parametrize(
    "pattern",
    [
        """["url:value = 'x'] OR [url:value = 'y'"]""",
        """["url:value = 'x'"] OR [url:value = 'y']""",
        """["url:value = 'x"]""",
        """["url:value = 'say "x"'"]""",
        """['url:value = "x"']""",
        """[""]""",
        """[file:hashes."SHA-256" = 'x']""",
        "[mutex:x.SHA-256 = 'x']",
        "[file:SHA-256 = 'x']",
        "[file:hashes[0].SHA-256 = 'x']",
        "[file:hashes.SHA-256.x-y = 'x']",
        "[file:name = 'file:hashes.SHA-256 = x]",
    ],
)
def test_what_may_mean_something_else_stays_refused(pattern: str) -> None:
    with pytest.raises(PatternError) as plain:
        parse_pattern(pattern)
    with pytest.raises(PatternError) as caught:
        read_pattern(pattern)
    found, expected = caught.value, plain.value
    assert (found.position, found.message) == (expected.position, expected.message)


@given(st.text("""["']=:. abfile:hashes.SHA-256""", max_size=60))
def test_what_needs_no_repair_gets_none(text: str) -> None:
    try:
        expected = parse_pattern(text)
    except PatternError:
        return
    assert parse_repaired(text) == (expected, ())
