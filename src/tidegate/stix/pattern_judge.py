"""What the grammar of OASIS says of a pattern that our reader refuses: whose fault is it?

Owns the one use of `stix2-patterns` outside tests. It takes half a millisecond a pattern, so it is
asked when a person looks at a rejection, never while a feed is read. Refuses to change an answer:
a pattern that our reader cannot read stays rejected, whoever is right.
"""

from __future__ import annotations

MAX_LENGTH = 8_192
"""Longest pattern that is asked about: beyond it the library may take seconds."""


def grammar_says(pattern: str) -> str:
    """Return one sentence: that the STIX grammar refuses the pattern, too, or that it does not."""
    if len(pattern) > MAX_LENGTH:
        return f"longer than {MAX_LENGTH:,} characters: the STIX grammar was not asked"
    # The library and its parser take 0.2 s to load, which only who looks closely should pay.
    from stix2patterns.exceptions import ParseException  # noqa: PLC0415 - as said above
    from stix2patterns.v21.pattern import Pattern  # noqa: PLC0415 - as said above

    try:
        Pattern(pattern)
    except ParseException:
        return "the STIX 2.1 grammar refuses it, too: the publisher has to mend it"
    except RecursionError:
        return "too deep for the STIX grammar's own parser"
    return "the STIX 2.1 grammar accepts it: please report this as a fault of Tidegate"
