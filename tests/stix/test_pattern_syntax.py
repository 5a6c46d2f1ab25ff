"""The reader of the grammar agrees with the reference implementation, stix2-patterns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path as FilePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stix2patterns.exceptions import ParseException
from stix2patterns.inspector import INDEX_STAR
from stix2patterns.v20.pattern import Pattern as Pattern20
from stix2patterns.v21.pattern import Pattern

from tidegate.errors import PatternError
from tidegate.stix.pattern_syntax import (
    MAX_NESTING,
    AllOf,
    AnyOf,
    Bracket,
    Comparison,
    Followed,
    Node,
    Path,
    Qualified,
    parse_pattern,
)

GRAMMAR_FAULT = "Error found at line"
"""How the reference validator words a fault of grammar. Its other faults are hash lengths, and a
kind of qualifier twice, which STIX 2.0 allows."""


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8).map(quoted)
words = st.sampled_from(["value", "name", "x_1", "size"])
keys = words | st.sampled_from(["'SHA-256'", "'it\\'s'", "MD5"])
types = st.sampled_from(["file", "ipv4-addr", "x-own", "process"])
indexes = st.sampled_from(["[*]", "[0]", "[12]"])
steps = keys.map(lambda key: f".{key}") | indexes
paths = st.builds(
    lambda kind, first, rest: f"{kind}:{first}{''.join(rest)}",
    types,
    words,
    st.lists(steps, max_size=3),
)
literals = texts | st.sampled_from(
    ["1", "-2", "+3", "0.5", "-1.25", "true", "h'00ff'", "b'YWI='", "t'2026-01-02T03:04:05.6Z'"]
)
orderable = literals.filter(lambda text: text != "true")
sets = st.lists(literals, max_size=3).map(lambda found: f"({', '.join(found)})")
maybe_not = st.sampled_from(["", " NOT"])
comparisons = (
    st.builds(
        "{}{} {} {}".format, paths, maybe_not, st.sampled_from(["=", "==", "!=", "<>"]), literals
    )
    | st.builds("{}{} {}{}".format, paths, maybe_not, st.sampled_from("<>"), orderable)
    | st.builds("{}{} IN {}".format, paths, maybe_not, sets)
    | st.builds(
        "{}{} {} {}".format,
        paths,
        maybe_not,
        st.sampled_from(["LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"]),
        texts,
    )
    | paths.map("EXISTS {}".format)
)


def joined(inner: st.SearchStrategy[str], operators: list[str]) -> st.SearchStrategy[str]:
    return st.builds("{} {} {}".format, inner, st.sampled_from(operators), inner) | inner.map(
        "({})".format
    )


expressions = st.recursive(comparisons, lambda inner: joined(inner, ["AND", "OR"]), max_leaves=4)
qualifiers = st.sampled_from(
    [
        "WITHIN 5 SECONDS",
        "WITHIN 1.5 SECONDS",
        "REPEATS 2 TIMES",
        "START t'2026-01-02T03:04:05Z' STOP t'2026-01-03T03:04:05Z'",
    ]
)
observations = expressions.map("[{}]".format)
patterns = st.recursive(
    observations,
    lambda inner: (
        joined(inner, ["AND", "OR", "FOLLOWEDBY"]) | st.builds("({}) {}".format, inner, qualifiers)
    ),
    max_leaves=3,
)


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, (AllOf, AnyOf, Followed)):
        for term in node.terms:
            yield from walk(term)
    elif isinstance(node, Bracket):
        yield from walk(node.expression)
    elif isinstance(node, Qualified):
        yield from walk(node.inner)


def ours(pattern: str) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for node in walk(parse_pattern(pattern)):
        # The reference inspector leaves EXISTS out.
        if isinstance(node, Comparison) and node.operator != "EXISTS":
            values = [literal.text for literal in node.literals]
            value = f"({','.join(values)})" if node.operator == "IN" else "".join(values)
            operator = f"NOT {node.operator}" if node.negated else node.operator
            found[str(node.path), operator, value] += 1
    return found


def theirs(pattern: str) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for object_type, tests in Pattern(pattern).inspect().comparisons.items():
        for path, operator, value in tests:
            steps = tuple(
                "[*]" if step is INDEX_STAR else f"[{step}]" if isinstance(step, int) else step
                for step in path
            )
            found[str(Path(object_type, steps)), operator, value or ""] += 1
    return found


@settings(max_examples=150)
@given(patterns)
def test_comparisons_agree_with_the_reference(pattern: str) -> None:
    assert ours(pattern) == theirs(pattern)


@settings(max_examples=150)
@given(patterns, st.data())
def test_damage_is_refused_exactly_where_the_reference_refuses_it(
    pattern: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(pattern) - 1))
    damage = data.draw(
        st.sampled_from(["", "]", "'", "AND", " OR ", "(", "\\", ".", "//", "=", "-"])
    )
    damaged = pattern[:at] + damage + pattern[at + 1 :]
    try:
        Pattern(damaged)
    except ParseException:
        with pytest.raises(PatternError):
            parse_pattern(damaged)
    else:
        parse_pattern(damaged)


def test_precedence() -> None:
    tree = parse_pattern("[a:b = 1] AND [a:b = 2] OR [a:b = 3] FOLLOWEDBY [a:b = 4]")
    assert isinstance(tree, Followed)
    first, second = tree.terms
    assert isinstance(first, AnyOf)
    assert [type(term) for term in first.terms] == [AllOf, Bracket]
    assert isinstance(second, Bracket)
    inside = parse_pattern("[a:b = 1 AND a:c = 2 OR a:d = 3]")
    assert isinstance(inside, Bracket)
    assert isinstance(inside.expression, AnyOf)


def test_nesting_is_bounded() -> None:
    def nested(depth: int) -> str:
        return f"[{'(' * depth}a:b = 1{')' * depth}]"

    assert isinstance(parse_pattern(nested(MAX_NESTING)), Bracket)
    with pytest.raises(PatternError, match="nested deeper"):
        parse_pattern(nested(MAX_NESTING + 1))


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        ("", 0),
        ("error", 0),
        ("[file:size = ]", 13),
        ("[file:size 5]", 11),
        ("[file.size = 5]", 5),
        ("[file:hashes.SHA-256 = 'x']", 13),
        ("[file:name LIKE 5]", 16),
        ("[file:size > true]", 13),
        ("[file:name = 'x'] WITHIN -1 SECONDS", 25),
        ("[file:name = 'x'] within 1 SECONDS", 18),
        ("[file:name = 'x'", 16),
        ("[file:name = 'x']]", 17),
        ("[url:value = 'a' FOLLOWEDBY url:value = 'b']", 17),
    ],
)
def test_errors_say_where(pattern: str, position: int) -> None:
    with pytest.raises(PatternError) as caught:
        parse_pattern(pattern)
    assert caught.value.position == position
    with pytest.raises(ParseException):
        Pattern(pattern)
    with pytest.raises(ParseException):
        Pattern20(pattern)


@pytest.mark.parametrize("name", ["valid", "invalid"])
def test_the_collected_patterns(real_data: FilePath, name: str) -> None:
    file = real_data / ".." / "patterns" / f"{name}.json"
    if not file.exists():
        pytest.skip("no pattern lists beside the real data")
    for case in json.loads(file.read_text(encoding="utf-8")):
        if name == "valid" or GRAMMAR_FAULT not in case["error"]:
            parse_pattern(case["pattern"])
        else:
            with pytest.raises(PatternError):
                parse_pattern(case["pattern"])
