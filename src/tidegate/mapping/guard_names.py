"""Names that must never be blocked, or never can be: protected, special-use, sample names.

Owns the lists and the test "equal to, below or above one of these names". Refuses public suffixes
(guard.py asks the Public Suffix List) and names of the operator's own (from config.toml).
"""

from __future__ import annotations

from collections.abc import Iterable

PROTECTED = (
    "apple.com",
    "bing.com",
    "github.com",
    "google.com",
    "live.com",
    "microsoft.com",
    "microsoftonline.com",
    "office.com",
    "office.net",
    "office365.com",
    "windows.com",
    "windowsupdate.com",
    "azure.com",
)
"""A block on one of these, or on a name above or below it, breaks devices rather than attacks."""

SPECIAL_USE = ("localhost", "local", "internal", "onion", "arpa", "alt")
"""Names that no public DNS answers (RFC 6761, 6762, 7686, 9476; `internal` by ICANN, 2024), and
`arpa`, which is infrastructure (RFC 3172)."""

SAMPLE_NAMES = ("example", "test", "invalid", "example.com", "example.net", "example.org")
"""Names reserved for documentation and tests (RFC 2606, RFC 6761)."""


class NameSet:
    """A set of names that covers everything below them, and knows what lies above them."""

    __slots__ = ("_above", "_names")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._above = {parent: name for name in sorted(self._names) for parent in _parents(name)}

    def over(self, name: str) -> str:
        """Return the member that `name` equals or lies under; empty when there is none."""
        names = self._names
        while name:
            if name in names:
                return name
            name = name.partition(".")[2]
        return ""

    def under(self, name: str) -> str:
        """Return a member that lies under `name`; empty when there is none."""
        return self._above.get(name, "")


def _parents(name: str) -> Iterable[str]:
    parent = name.partition(".")[2]
    while parent:
        yield parent
        parent = parent.partition(".")[2]
