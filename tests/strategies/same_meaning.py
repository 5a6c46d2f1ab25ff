"""The check that rows mean what their pattern means, and nothing more than `widening` names.

A row is what `mapping` would list: an atom whose value has a canonical form. Two readings are not
held to the words of the pattern, since they are named where they happen: a value that a repair
reads as another type, and alternatives that are presumed to be one file. For the latter an
observation either keeps to the presumption, and then shows the whole file as a device would see
it, or it says nothing about that row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from strategies.pattern_meaning import World, hash_kind, matches, observed, spelled
from strategies.pattern_tree import All, Expression, Said, conjunctions
from strategies.reference_patterns import rows_of
from strategies.row_meaning import reasons, row_matches
from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import canonical
from tidegate.mapping.repair import canonical_repaired
from tidegate.mapping.widening import one_file, widening
from tidegate.stix.atoms import PatternAtom

Reader = Callable[[str], Sequence[PatternAtom]]
Names = Sequence[tuple[IndicatorType, str]]


class Row(NamedTuple):
    """A row, the ways to match the pattern that it stands for, and how it may match more."""

    kind: IndicatorType
    value: str
    ways: Sequence[Sequence[Said]]
    codes: tuple[str, ...]
    file: Names
    """All hashes of a file that alternatives are presumed to be; else empty."""


class Findings(NamedTuple):
    """How often rows matched as their pattern does, and by which codes they matched more."""

    alike: int
    wider: list[str]


def rows_of_pattern(pattern: str, tree: Expression, read: Reader) -> list[Row]:
    """Return the rows of a pattern that are held to its words."""
    ways = list(conjunctions(tree))
    return [row for atom in read(pattern) if (row := _row(atom, ways)) is not None]


def check(pattern: str, tree: Expression, worlds: Sequence[World], read: Reader) -> Findings:
    """Fail where a row matches less than its pattern, or more than its codes allow."""
    rows = rows_of_pattern(pattern, tree, read)
    ways = list(conjunctions(tree))
    alike, wider = 0, []
    for world in worlds:
        for way in ways:
            if holds(way, world):
                assert matches(tree, [world]), (pattern, world)
                assert not _sayable(way) or _stands(rows, way), (pattern, "no row for", way)
        for row in rows:
            seen = _as_on_a_device(world, row)
            if seen is None:
                continue
            hit = row_matches(row.kind, row.value, seen)
            if any(holds(way, seen) for way in row.ways):
                assert hit, (pattern, row, seen)
                alike += 1
            elif hit:
                why = set().union(*(reasons(row.kind, way, seen) for way in row.ways))
                assert why, (pattern, row, seen)
                assert why <= set(row.codes), (pattern, row, seen)
                wider += sorted(why)
    return Findings(alike, wider)


def holds(way: Sequence[Said], world: World) -> bool:
    """Say whether one object of an observation passes all tests."""
    return observed(All(tuple(way)), world)


def _row(atom: PatternAtom, ways: Sequence[Sequence[Said]]) -> Row | None:
    named: list[tuple[IndicatorType, str]] = []
    for kind, text in ((atom.type, atom.value), *atom.aliases):
        if kind is not None and not atom.code:
            try:
                named.append(canonical_repaired(kind, text)[:2])
            except InvalidValue:
                continue
            if not _canonical(kind, text):
                return None
    if not named:
        return None
    kind, value = named[0]
    presumed = one_file(atom)
    texts = {atom.value} | ({text for _, text in atom.aliases} if presumed else set())
    placed = [way for way in ways if any(said.position == atom.position for said in way)]
    if presumed:
        placed = list(ways)
    own = [way for way in placed if any(texts & {*map(str, said.meant)} for said in way)]
    return Row(kind, value, own or placed, widening(kind, atom), named if presumed else ())


def _canonical(kind: IndicatorType, text: str) -> bool:
    try:
        canonical(kind, text)
    except InvalidValue:
        return False
    return True


def _sayable(way: Sequence[Said]) -> bool:
    """Say whether the second reading has a row of a valid value for tests that must all hold."""
    return any(_canonical(IndicatorType(kind), text) for kind, text in rows_of(list(way)))


def _stands(rows: Sequence[Row], way: Sequence[Said]) -> bool:
    """Say whether a row stands for these tests; the values are compared, not the objects."""
    places = {said.position for said in way}
    return any(
        places & {said.position for said in other} and _same(way, other)
        for row in rows
        for other in row.ways
    )


def _same(one: Sequence[Said], other: Sequence[Said]) -> bool:
    return [(s.position, s.literals) for s in one] == [(s.position, s.literals) for s in other]


def _as_on_a_device(world: World, row: Row) -> World | None:
    """Return an observation with all hashes of a presumed file; None where it denies them."""
    if not row.file:
        return world
    seen = dict(world)
    for ident, thing in world.items():
        hashes = thing.get("hashes")
        if thing["type"] != "file" or not isinstance(hashes, Mapping):
            continue
        known = {
            kind: spelled(kind, v) for k, v in hashes.items() if (kind := hash_kind("file", k))
        }
        agree = {known[kind] == value for kind, value in row.file if kind in known}
        if agree == {True, False}:
            return None
        if True in agree:
            named = {kind.value.removeprefix("File"): value for kind, value in row.file}
            seen[ident] = {**thing, "hashes": {**hashes, **named}}
    return seen
