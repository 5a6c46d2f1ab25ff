"""Orders of the list: by which field, and which way round.

One table for the command line, the terminal and saved views. Pure. Refuses orders by text that
nobody reads in order, such as descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tidegate.errors import UsageError
from tidegate.indicators.filter_order import TLP_LEVELS
from tidegate.indicators.filter_predicate import nearest
from tidegate.indicators.flags import letters
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import safe

_LAST = 1 << 60


def _feed(row: Indicator) -> str:
    return row.feeds[0] if row.feeds else row.origin.value


SORTS: dict[str, tuple[str, Callable[[Indicator], object]]] = {
    "rank": ("rank", lambda row: _LAST if row.rank is None else row.rank),
    "value": ("value", lambda row: row.value),
    "type": ("type", lambda row: row.type.value),
    "action": ("action", lambda row: row.action.value),
    "severity": ("severity", lambda row: row.severity.level),
    "expires": (
        "expiry",
        lambda row: (row.expires is None, row.expires.timestamp() if row.expires else 0.0),
    ),
    "scope": ("scope", lambda row: row.groups),
    "feed": ("feed", _feed),
    "title": ("title", lambda row: row.title.casefold()),
    "confidence": ("confidence", lambda row: -1 if row.confidence is None else row.confidence),
    "updated": ("last change", lambda row: row.updated),
    "created": ("first day", lambda row: row.created),
    "tlp": ("TLP", lambda row: TLP_LEVELS.index(row.tlp) if row.tlp in TLP_LEVELS else -1),
    "category": ("category", lambda row: row.category.casefold()),
    "origin": ("origin", lambda row: row.origin.value),
    "flags": ("flags", lambda row: (not (said := letters(row)), said)),
    "note": ("note", lambda row: row.note.casefold()),
    "id": ("id", lambda row: row.id),
}
"""Orders a person can choose: key, name for people, sort key."""


@dataclass(frozen=True, slots=True)
class Order:
    """A chosen order; `rank` ascending is how the service delivers rows."""

    key: str = "rank"
    down: bool = False

    @property
    def arrow(self) -> str:
        """The direction as one character."""
        return "↓" if self.down else "↑"

    def __str__(self) -> str:
        """As people write it: `expires`, or `-expires` from the end."""
        return f"-{self.key}" if self.down else self.key

    def chosen(self, key: str) -> Order:
        """The order after choosing a key; the present one again turns it round."""
        return Order(key, down=self.key == key and not self.down)

    def sorted(self, rows: Iterable[Indicator]) -> list[Indicator]:
        """The rows, which come in rank order, in this one; equal ones keep theirs."""
        if self == BY_RANK:
            return list(rows)
        return sorted(rows, key=SORTS[self.key][1], reverse=self.down)  # type: ignore[arg-type]  # each key yields one comparable type


BY_RANK = Order()
"""The order in which the service delivers rows."""


def read_order(text: str) -> Order:
    """Read `expires` or `-expires`; nothing is the rank. Raises UsageError with the nearest key."""
    key = text.strip().removeprefix("-").casefold()
    if not key:
        return BY_RANK
    if key not in SORTS:
        hint = nearest(key, SORTS) or "one of " + ", ".join(SORTS)
        raise UsageError(f"no order is called {safe(key, 40)}", hint)
    return Order(key, down=text.strip().startswith("-"))
