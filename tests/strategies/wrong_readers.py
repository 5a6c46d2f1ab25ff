"""Readers that change what a pattern means, as careless ones do: no check may pass them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from strategies.pattern_tree import conjunctions, read_tree
from tidegate.indicators.kinds import IndicatorType
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.pattern import read_pattern


def and_is_or(pattern: str) -> Sequence[PatternAtom]:
    """Make a row of each test, whatever else must hold."""
    tree = read_tree(pattern, "2.1")
    if tree is None:
        return read_pattern(pattern)
    return [
        atom._replace(position=said.position)
        for way in conjunctions(tree)
        for said in way
        if said.test == "=" and said.meant[0] is not None
        for atom in read_pattern(f"[{said.path} = {said.literal}]")
    ]


def first_only(pattern: str) -> Sequence[PatternAtom]:
    """Leave out every alternative but the first."""
    return read_pattern(pattern)[:1]


def host_for_url(pattern: str) -> Sequence[PatternAtom]:
    """List all of a host for one URL on it."""
    return [_host(atom) for atom in read_pattern(pattern)]


def names_are_nothing(pattern: str) -> Sequence[PatternAtom]:
    """Forget what stood beside a hash or an address."""
    return [atom._replace(beside=()) for atom in read_pattern(pattern)]


def negation_is_nothing(pattern: str) -> Sequence[PatternAtom]:
    """Read NOT and != as if they were not there; no character moves."""
    return read_pattern(re.sub("!=|<>", " =", pattern.replace(" NOT ", "     ")))


def parent_for_domain(pattern: str) -> Sequence[PatternAtom]:
    """List the domain above a name."""
    return [_parent(atom) for atom in read_pattern(pattern)]


def part_is_whole(pattern: str) -> Sequence[PatternAtom]:
    """Read LIKE as equality."""
    return read_pattern(pattern.replace(" LIKE ", "    = "))


WRONG: Sequence[Callable[[str], Sequence[PatternAtom]]] = (
    and_is_or,
    first_only,
    host_for_url,
    names_are_nothing,
    negation_is_nothing,
    parent_for_domain,
    part_is_whole,
)


def _host(atom: PatternAtom) -> PatternAtom:
    if atom.type is not IndicatorType.URL:
        return atom
    return atom._replace(value=urlsplit(atom.value)._replace(path="/", query="").geturl())


def _parent(atom: PatternAtom) -> PatternAtom:
    if atom.type is not IndicatorType.DOMAIN_NAME or atom.value.count(".") < 2:
        return atom
    return atom._replace(value=atom.value.partition(".")[2])
