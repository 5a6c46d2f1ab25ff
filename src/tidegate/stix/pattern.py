"""What a STIX pattern says that Defender can say too: one atom for each of its alternatives.

Owns the rules by which alternatives become atoms, and the fast path for a single equality, which is
93 of 100 patterns in public feeds. Refuses to flatten: an alternative that a row cannot say whole
becomes an atom with a code, never a wider row. The one exception is deliberate: a hash names one
file, so the other properties of that file may go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from math import prod
from typing import TypeAlias

from tidegate.errors import PatternError
from tidegate.indicators.kinds import FILE_TYPES
from tidegate.stix import atoms
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.pattern_branches import (
    REPAIRED_KEY,
    atom_of,
    refused,
    strongest_first,
    without_bystanders,
)
from tidegate.stix.pattern_paths import PLAIN_PATHS
from tidegate.stix.pattern_repair import parse_repaired
from tidegate.stix.pattern_syntax import (
    AllOf,
    AnyOf,
    Bracket,
    Comparison,
    Followed,
    Node,
    Qualified,
)

MAX_LENGTH = 65_536
"""Longest pattern in characters; the longest seen in public feeds has 57,120."""

MAX_PRODUCT = 256
"""Most alternatives that AND over several ORs may multiply to; a plain OR has no such limit."""

_PLAIN = re.compile(
    r"[ \t\r\n]*+\[[ \t]*+([a-z0-9-]+:[a-z]+(?:\.[A-Za-z0-9]+|\.'[A-Za-z0-9-]+')?)"
    r"[ \t]*+=[ \t]*+'([^'\\]*+)'[ \t]*+\][ \t\r\n]*+"
)

_Branch: TypeAlias = tuple[Comparison, ...]


def read_pattern(pattern: str) -> tuple[PatternAtom, ...]:
    """Read a pattern into atoms, one for each alternative; at least one.

    Raises PatternError, and nothing else, for text that neither the grammar accepts nor a repair
    makes certain.
    """
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"longer than {MAX_LENGTH:,} characters", MAX_LENGTH)
    plain = _PLAIN.fullmatch(pattern)
    if plain is not None:
        known = PLAIN_PATHS.get(plain[1])
        if known is not None:
            kind, spelled = known
            return (
                PatternAtom(
                    kind,
                    plain[2],
                    position=plain.start(1),
                    repairs=() if spelled else REPAIRED_KEY,
                ),
            )
    tree, repairs = parse_repaired(pattern)
    found: list[PatternAtom] = []
    for node in _alternatives(tree):
        found.extend(_observed(node))
    joined = _one_file(found)
    if repairs:
        joined = [atom._replace(repairs=(*atom.repairs, *repairs)) for atom in joined]
    return tuple(joined)


def _alternatives(node: Node) -> Iterable[Node]:
    """Yield the terms of OR, however deeply bracketed, in the order of the pattern."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, AnyOf):
            waiting.extend(reversed(node.terms))
        else:
            yield node


def _observed(node: Node) -> list[PatternAtom]:
    """Turn one alternative among observations into atoms."""
    if isinstance(node, Bracket):
        return [atom for term in _alternatives(node.expression) for atom in _held(term)]
    if isinstance(node, Qualified):
        detail = f"{node.qualifier} asks when or how often, which a row cannot say"
        return [refused(atoms.QUALIFIER, detail, node.position)]
    if isinstance(node, Followed):
        return [refused(atoms.FOLLOWED_BY, "an order of events", node.position)]
    return [refused(atoms.OBSERVATION_AND, "several observations together", _start(node))]


def _held(node: Node) -> list[PatternAtom]:
    """Turn one alternative inside an observation into atoms."""
    try:
        branches = list(_branches(node))
    except OverflowError:
        detail = f"AND over OR makes more than {MAX_PRODUCT} alternatives"
        return [refused(atoms.AND_ACROSS, detail, _start(node))]
    return [atom_of(branch) for branch in branches]


def _start(node: Node) -> int:
    while isinstance(node, (AllOf, AnyOf)):
        node = node.terms[0]
    return node.position


def _branches(node: Node) -> Iterable[_Branch]:
    """Multiply comparisons out into alternatives; raises OverflowError above the cap."""
    if isinstance(node, Comparison):
        if node.operator == "IN" and node.literals and not node.negated:
            for literal in node.literals:
                yield (node._replace(operator="=", literals=(literal,)),)
        else:
            yield (node,)
    elif isinstance(node, AnyOf):
        for term in node.terms:
            yield from _branches(term)
    elif isinstance(node, AllOf):
        factors = without_bystanders([tuple(_branches(term)) for term in node.terms])
        sizes = [len(factor) for factor in factors]
        if prod(sizes) > max(MAX_PRODUCT, *sizes):
            raise OverflowError
        for parts in product(*factors):
            yield tuple(comparison for part in parts for comparison in part)


def _one_file(found: list[PatternAtom]) -> list[PatternAtom]:
    """Join alternatives that are one value for each of several algorithms: the hashes of one file.

    Publishers write `[SHA-256] OR [SHA-1] OR [MD5]` for one sample. Two values of one algorithm,
    anything but file hashes in the pattern, or hashes with other things beside them, and every
    alternative stays by itself.
    """
    mapped = [atom for atom in found if not atom.code]
    types = {atom.type for atom in mapped}
    if len(types) < 2 or len(types) != len(mapped):  # noqa: PLR2004 - one hash is no group
        return found
    others = [atom for atom in found if atom.code]
    if not types.issubset(FILE_TYPES) or any(atom.code != atoms.UNMAPPED_HASH for atom in others):
        return found
    if any(atom.aliases or atom.beside != mapped[0].beside for atom in mapped):
        return found
    joined = strongest_first(mapped)
    return found if joined is None else [joined, *others]
