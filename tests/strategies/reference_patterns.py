"""A second reading of STIX patterns, over the tree of the reference grammar.

Shares no code with ours and is written from what a row can say, not from how our reader goes about
it: where the two differ, one of them is wrong.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TypeAlias

from strategies.pattern_tree import Said, conjunctions, read_tree

Rows: TypeAlias = set[tuple[str, str]]

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


def reference_rows(pattern: str, version: str) -> Rows | None:
    """Return type and text of every row a pattern stands for; None when it is none."""
    tree = read_tree(pattern, version)
    return None if tree is None else set(chain.from_iterable(map(rows_of, conjunctions(tree))))


def as_meant(pattern: str) -> str:
    """Write a pattern as its publisher meant it, for the repairs of text that is no pattern."""
    return re.sub(r"hashes\.([A-Z]+-\d+)", r"hashes.'\1'", pattern.replace('"', " "))


def rows_of(tests: list[Said]) -> Rows:
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
