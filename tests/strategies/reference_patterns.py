"""A second reading of STIX patterns, over the tree of the reference grammar.

Shares no code with ours and is written from what a row can say, not from how our reader goes about
it: where the two differ, one of them is wrong.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, product
from typing import Any, NamedTuple, TypeAlias

from stix2patterns.exceptions import ParseException
from stix2patterns.v20.pattern import Pattern as Pattern20
from stix2patterns.v21.pattern import Pattern as Pattern21

Rows: TypeAlias = set[tuple[str, str]]
Tree: TypeAlias = Any  # the library has no types

GRAMMARS = {"2.0": Pattern20, "2.1": Pattern21}

_ALONE = {
    "domain-name:value": "DomainName",
    "ipv4-addr:value": "IpAddress",
    "ipv6-addr:value": "IpAddress",
    "url:value": "Url",
}
_HASH = re.compile(r"(file|x509-certificate):hashes\.'?([\w-]+)'?", re.ASCII)
_HASHES = {
    ("file", "MD5"): "FileMd5",
    ("file", "SHA1"): "FileSha1",
    ("file", "SHA256"): "FileSha256",
    ("x509-certificate", "SHA1"): "CertificateThumbprint",
}
_END = re.compile(r"network-traffic:(src|dst)_ref\.(type|value)")
_END_TYPES = {"domain-name": "DomainName", "ipv4-addr": "IpAddress", "ipv6-addr": "IpAddress"}
_DOTTED = re.compile(r"([0-9]{1,3}\.){3}[0-9]{1,3}")
_DEEPEST = 60_000


class Said(NamedTuple):
    """One test: its path, its operator with NOT before it, and its literal as written."""

    path: str
    test: str
    literal: str


@contextmanager
def deep_stack() -> Iterator[None]:
    """Give the reference room: its trees are as deep as a chain of OR is long."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(_DEEPEST)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def reference_rows(pattern: str, version: str) -> Rows | None:
    """Return type and text of every row a pattern stands for; None when it is none."""
    roots: list[Tree] = []
    keep = type("Keep", (), {"visit": staticmethod(roots.append)})()
    try:
        GRAMMARS[version](pattern).visit(keep)
    except ParseException:
        return None
    tests = chain.from_iterable(map(_conjunctions, _brackets(roots[0])))
    return set(chain.from_iterable(map(_rows, tests)))


def as_meant(pattern: str) -> str:
    """Write a pattern as its publisher meant it, for the repairs of text that is no pattern."""
    return re.sub(r"hashes\.([A-Z]+-\d+)", r"hashes.'\1'", pattern.replace('"', " "))


def _name(node: Tree) -> str:
    return type(node).__name__.removesuffix("Context")


def _inner(node: Tree) -> list[Tree]:
    """List the parts of a node that are no single words."""
    return [child for child in node.getChildren() if child.getChildCount()]


def _brackets(node: Tree) -> Iterator[Tree]:
    """Yield the comparisons of the observations of which any one, by itself, is enough."""
    inner = _inner(node)
    if _name(node) == "ObservationExpressionSimple":
        yield inner[0]
    elif len(inner) == 1 or _name(node) == "ObservationExpressionOr":
        yield from chain.from_iterable(map(_brackets, inner))


def _conjunctions(node: Tree) -> list[list[Said]]:
    """List the ways in which a comparison expression can hold, each as all of its tests."""
    inner = _inner(node)
    match _name(node):
        case "ComparisonExpression":
            return list(chain.from_iterable(map(_conjunctions, inner)))
        case "ComparisonExpressionAnd":
            return [list(chain(*each)) for each in product(*map(_conjunctions, inner))]
        case "PropTestParen":
            return _conjunctions(inner[0])
        case "PropTestExists":
            return [[Said(_path(inner[0]), "EXISTS", "")]]
    said = partial(Said, _path(inner[0]))
    words = [child.getText() for child in node.getChildren() if not child.getChildCount()]
    if words == ["IN"]:
        members = [child.getText() for child in _inner(inner[1])]
        return [[said("=", member)] for member in members] or [[said("IN", "")]]
    literal = words.pop() if len(inner) == 1 else inner[1].getText()
    return [[said(" ".join(words).replace("==", "="), literal)]]


def _path(node: Tree) -> str:
    """Return a path as written, apart from quotes that its keys would not need."""
    return re.sub(r"'(\w+)'", r"\1", node.getText(), flags=re.ASCII)


def _rows(tests: list[Said]) -> Rows:
    """Return what a row can say of tests that must all hold; several rows name one file."""
    if len(tests) == 1 and tests[0].path in _ALONE:
        return {(_ALONE[test.path], text) for test in tests if (text := _equal(test)) is not None}
    kinds = {test.path.partition(":")[0] for test in tests}
    if kinds == {"network-traffic"}:
        return _end_of_traffic(tests)
    if len(kinds) != 1 or any(test.test.startswith(("NOT", "!", "<>", "IN")) for test in tests):
        return set()
    rows: Rows = set()
    seen: dict[str, str] = {}
    for test in tests:
        text, path = _equal(test), _HASH.fullmatch(test.path)
        if text is None or path is None:
            continue
        algorithm = re.sub("[-_]", "", path[2]).upper()
        if seen.setdefault(algorithm, text).lower() != text.lower():
            return set()
        if row := _HASHES.get((path[1], algorithm)):
            rows.add((row, seen[algorithm]))
    return rows


def _end_of_traffic(tests: list[Said]) -> Rows:
    """Return the address at one end of traffic, where nothing else is asked of the traffic."""
    ends: dict[tuple[str, str], str] = {}
    for test in tests:
        text, path = _equal(test), _END.fullmatch(test.path)
        if text is None or path is None or (path[1], path[2]) in ends:
            return set()
        ends[path[1], path[2]] = text
    found = {part: text for (_, part), text in ends.items()}
    if len({end for end, _ in ends}) > 1 or "value" not in found:
        return set()
    guess = "ipv4-addr" if _DOTTED.fullmatch(found["value"]) else ""
    row = _END_TYPES.get(found.get("type", guess))
    return {(row, found["value"])} if row else set()


def _equal(test: Said) -> str | None:
    """Return the text that a test asks for; None when it asks anything else."""
    if test.test != "=" or not test.literal.startswith("'"):
        return None
    return re.sub(r"\\(.)", r"\1", test.literal[1:-1])
