"""The part of a pattern that names a value, as a person finds it again in the object.

Owns how a pattern is quoted: the one comparison, where it begins, and which of how many
alternatives it belongs to. Refuses patterns that take long to read, and to judge what they say.
"""

from __future__ import annotations

import re

from tidegate.errors import PatternError
from tidegate.mapping.naming import atom_values
from tidegate.stix.pattern import read_pattern

LONGEST = 8_192
"""Characters of a pattern that is read again for the sake of a quotation: 10 ms at worst."""

_SHOWN = 100
"""Characters of a comparison that are shown."""

_COMPARISON = re.compile(
    r"(?:[^']*'(?:[^'\\]|\\.)*')+?(?!\s*(?:[.\[=!<>]|LIKE|MATCHES|IN\b|ISS|NOT))"
)
"""Up to the end of a text that is no part of the path, as the name of a hash is."""


def quoted(pattern: object, position: int | None) -> str:
    """The comparison at this place, counted from 0; empty for what is no place in a text."""
    if not isinstance(pattern, str) or position is None or not pattern:
        return ""
    if position >= len(pattern):
        return f"{pattern[-_SHOWN:].strip()} (and there it ends, after {len(pattern):,} characters)"
    rest = pattern[position : position + 4 * _SHOWN]
    found = _COMPARISON.match(rest)
    shown = (found[0] if found else rest).strip()
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return f"{shown} (character {position + 1:,} of {len(pattern):,})"


def named_by(pattern: object, value: str) -> tuple[str, str]:
    """Where a pattern names a canonical value, in words, and the value as the feed wrote it.

    Both are empty where that cannot be told.
    """
    if not isinstance(pattern, str):
        return "", ""
    if len(pattern) > LONGEST:
        return f"it is named in a pattern of {len(pattern):,} characters", ""
    try:
        atoms = read_pattern(pattern)
    except PatternError:
        return "", ""
    for number, atom in enumerate(atoms, 1):
        if value in atom_values(atom):
            part = f"alternative {number:,} of {len(atoms):,}: " if len(atoms) > 1 else ""
            return part + quoted(pattern, atom.position), atom.value
    return "", ""
