"""The expressions of one warninglist, run so that no list can hang or bloat the process.

Owns what an entry may be and the bounds of a list; the engine is `indicators.expression`. What RE2
does not read makes its list unreadable. Refuses flags that change how an expression is written
(`x`), and the distinction of case: names, hashes and addresses have none.

Semantics: an expression is looked for anywhere in a value, as MISP does (`preg_match` in
app/Model/Warninglist.php, which is why entries wear PCRE's delimiters and flags: `/^x$/i`).
PyMISPWarningLists searched, too, when it still ran expressions. Entries without delimiters are
taken as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tidegate.indicators.expression import compiled

ENTRIES = 500
ENTRY_LENGTH = 1_000
STEPS = 10_000
"""Most expressions of a list, most characters of one, and most steps of all of them as RE2 counts.

Ordinary expressions take some 40 steps. The steps are the bound on time: the worst that was found
costs a fifth of a second for a URL of 2,000 characters, an ordinary list some microseconds.
"""

_ENTRY_MEMORY = 256 * 1024
_LIST_MEMORY = 1024 * 1024
"""Bytes that RE2 may take for one expression, and for all of a list as one."""

_DELIMITERS = "/#~@!%"
_FLAGS = frozenset("msU")
"""Flags that both engines spell alike."""
_IDLE_FLAGS = frozenset("iuD")
"""Flags that ask for what is so anyway: no case, Unicode, values of one line."""
_SHOWN = 60


class Expressions:
    """The entries of one list. Raises ValueError saying which of them cannot be run, and why."""

    __slots__ = ("_any", "_each")

    def __init__(self, entries: Sequence[str]) -> None:
        if len(entries) > ENTRIES:
            raise ValueError(f"has {len(entries)} expressions, of {ENTRIES} at most")
        # Each by itself first: `a)|(b` is one only between the parentheses of others.
        self._each = [(entry[:_SHOWN], _alone(entry)) for entry in entries]
        # Nearly every value is on no list: one expression says so at the price of one.
        together = "|".join(f"(?:{one.pattern})" for _, one in self._each)
        try:
            self._any = compiled(together, _LIST_MEMORY)
        except ValueError as error:
            raise ValueError(f"its expressions together: {error}") from None
        if self._any.programsize > STEPS:
            raise ValueError(f"its expressions take {self._any.programsize} steps of {STEPS}")

    def found(self, text: str) -> str:
        """Return the first entry that is found in a text, as it is shown; empty when none is."""
        if self._any.search(text) is None:
            return ""
        return next((shown for shown, one in self._each if one.search(text) is not None), "")


def _alone(entry: str) -> Any:  # noqa: ANN401 - re2 has no types
    shown = f"{entry[:_SHOWN]!a}"
    if len(entry) > ENTRY_LENGTH:
        raise ValueError(f"{shown} is longer than {ENTRY_LENGTH} characters")
    body, flags = _undelimited(entry)
    strange = sorted(flags - _FLAGS - _IDLE_FLAGS)
    if strange:
        raise ValueError(f"{shown}: no known flag: {strange[0]}")
    if r"\Q" in body:
        # Left open, it would quote the entries behind it, too.
        raise ValueError(rf"{shown}: \Q is not taken")
    known = "".join(sorted(flags & _FLAGS))
    try:
        found = compiled(f"(?{known}){body}" if known else body, _ENTRY_MEMORY)
    except ValueError as error:
        raise ValueError(f"{shown}: {error}") from None
    if found.search("") is not None:
        raise ValueError(f"{shown} is found where there is nothing, so in every value")
    return found


def _undelimited(entry: str) -> tuple[str, frozenset[str]]:
    sign = entry[0]
    if sign in _DELIMITERS:
        body, closing, flags = entry[1:].rpartition(sign)
        if closing and (not flags or flags.isalpha()):
            return body, frozenset(flags)
    return entry, frozenset()
