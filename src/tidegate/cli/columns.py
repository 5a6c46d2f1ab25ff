"""The columns that `list` can show, by the keys that the terminal and saved views know, too.

Refuses widths: a terminal shares its width out, a pipe cuts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tidegate.errors import UsageError
from tidegate.indicators.filter_predicate import nearest
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.text import safe

USUAL = ("rank", "type", "value", "action", "severity", "expires", "feed", "title")

CELLS: dict[str, Callable[[Indicator], object]] = {
    "type": lambda row: SHORT_TYPE[row.type],
    "value": lambda row: row.value,
    "title": lambda row: row.title,
    "action": lambda row: row.action,
    "severity": lambda row: row.severity,
    "expires": lambda row: f"{row.expires:%Y-%m-%d}" if row.expires else "never",
    "scope": lambda row: row.groups or "all",
    "feed": lambda row: row.feeds or row.origin,
    "confidence": lambda row: row.confidence,
    "rank": lambda row: row.rank,
    "flags": lambda row: ", ".join(_flags(row)) or "-",
    "tlp": lambda row: row.tlp,
    "category": lambda row: row.category or "-",
    "origin": lambda row: row.origin,
    "created": lambda row: row.created,
    "updated": lambda row: row.updated,
    "note": lambda row: row.note or "-",
    "id": lambda row: row.id,
}
"""What stands in each column."""

_SPARE = ("type", "rank", "feed", "severity")


def _flags(row: Indicator) -> Iterable[str]:
    told = (("pinned", row.pinned), ("owned", row.owned), ("conflict", row.contested))
    return (word for word, said in told if said)


def read_columns(text: str) -> tuple[str, ...]:
    """Read `value,action` or `value,title:30`. Raises UsageError with the nearest name."""
    found = tuple(part.strip().casefold() for part in text.split(",") if part.strip())
    for part in found:
        key, colon, width = part.partition(":")
        if key not in CELLS:
            hint = nearest(key, CELLS) or "one of " + ", ".join(CELLS)
            raise UsageError(f"no column is called {safe(key, 40)}", hint)
        if colon and not (width.isascii() and width.isdigit()):
            raise UsageError(f"{safe(part, 40)}: the width is no number", f"as in {key}:30")
    return found


def keys_of(columns: Sequence[str]) -> tuple[str, ...]:
    """The keys of columns, those that this version knows; the usual ones for none."""
    keys = tuple(dict.fromkeys(text.partition(":")[0] for text in columns))
    return tuple(key for key in keys if key in CELLS) or USUAL


def spare_of(keys: Sequence[str]) -> tuple[str, ...]:
    """Those that a narrow terminal goes without; none of what somebody asked for by name."""
    return _SPARE if tuple(keys) == USUAL else ()
