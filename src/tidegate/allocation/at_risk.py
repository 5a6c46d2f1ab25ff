"""Files that the list knows by one hash only, and what that leaves open.

Defender computes every hash of a file, so the strongest one names it as well as all together. An
event that shows only a weaker hash is another matter: no row has it, and only who knows that both
are of one file finds the row. Owns the count of those. Refuses remedies: `aliases = "all"` in a
feed's definition gives each hash a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tidegate.allocation.places import Row
from tidegate.indicators.kinds import FILE_TYPES

_STRENGTH = {kind.value: rank for rank, kind in enumerate(FILE_TYPES)}


class AtRisk(NamedTuple):
    """Rows of files of which weaker hashes have no row, and how many such hashes there are."""

    rows: int
    hashes: int


def at_risk(rows: Iterable[Row]) -> AtRisk:
    """Count over the rows of a list. A hash counts once, however many rows say that it is theirs.

    Whether the row of a weaker hash says the same is not asked: `coverage` minds that.
    """
    files = [row for row in rows if row.type.value in _STRENGTH]
    listed = {f"{row.type.value}:{row.value}" for row in files}
    count = 0
    found: set[str] = set()
    for row in files:
        own = _STRENGTH[row.type.value]
        missing = [
            alias
            for alias in row.aliases
            if _STRENGTH.get(alias.partition(":")[0], own) > own and alias not in listed
        ]
        count += bool(missing)
        found.update(missing)
    return AtRisk(count, len(found))
