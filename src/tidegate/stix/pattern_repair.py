"""Patterns that the grammar refuses and that can still mean only one thing.

Owns which texts are read so, and under which names. Refuses guesses, and moves no character: a
position in what is read is the same position in the feed's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidegate.errors import PatternError
from tidegate.stix.pattern_syntax import Bracket, Node, parse_pattern
from tidegate.stix.repairs import COMPARISON_QUOTED, HASH_KEY_UNQUOTED

_QUOTED = re.compile(r'(\s*+\[\s*+)"([^"]*+)"(\s*+\]\s*+)')


def parse_repaired(pattern: str) -> tuple[Node, tuple[str, ...]]:
    """Read a pattern, repaired where it needs it; return its tree and the names of repairs.

    Raises PatternError as `parse_pattern` does for the text as it came.
    """
    try:
        return parse_pattern(pattern), ()
    except PatternError as error:
        for tree, repairs in _readings(pattern):
            return tree, repairs
        raise error from None


def _readings(pattern: str) -> Iterator[tuple[Node, tuple[str, ...]]]:
    quoted = _QUOTED.fullmatch(pattern)
    text = f"{quoted[1]} {quoted[2]} {quoted[3]}" if quoted else pattern
    named = (COMPARISON_QUOTED,) if quoted else ()
    for bare_keys in (False, True):
        try:
            tree = parse_pattern(text, bare_keys=bare_keys)
        except PatternError:
            continue
        # Quotes that hold brackets of their own enclose more than a comparison.
        if not quoted or isinstance(tree, Bracket):
            yield tree, (*named, HASH_KEY_UNQUOTED) if bare_keys else named
