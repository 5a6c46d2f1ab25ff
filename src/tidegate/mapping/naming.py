"""The canonical values that a pattern names, whatever becomes of its object.

Owns the reading of patterns for which no rule is asked: those of objects that are revoked, expired
or refused as a whole, which `why` finds by their values. Refuses errors: what cannot be read names
nothing.
"""

from __future__ import annotations

from tidegate.errors import InvalidValue, PatternError
from tidegate.mapping.repair import canonical_repaired
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.pattern import read_pattern


def values_named(pattern: str) -> tuple[str, ...]:
    """Return the values of a pattern's atoms, all hashes of a file among them, each once."""
    try:
        atoms = read_pattern(pattern)
    except PatternError:
        return ()
    return tuple(dict.fromkeys(value for atom in atoms for value in atom_values(atom)))


def atom_values(atom: PatternAtom) -> tuple[str, ...]:
    """Return the canonical values of one atom: its own, and the other hashes of a file."""
    found: dict[str, None] = {}
    for kind, text in ((atom.type, atom.value), *atom.aliases):
        if kind is None:
            continue
        try:
            found[canonical_repaired(kind, text)[1]] = None
        except InvalidValue:
            continue
    return tuple(found)
