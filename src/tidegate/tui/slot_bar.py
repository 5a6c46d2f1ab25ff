"""The slots of the tenant as one bar of letters, and the letters that stand for feeds.

Pure. Whoever holds any slot has at least one cell, so that a bar never hides a holder. Refuses
colour: a letter is the sign.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence

HAND, FOREIGN, PINNED, RESERVE, FREE = "M", "F", "P", "r", "."
"""Cells of rows by hand, foreign rows, pinned rows, and of what is free."""

MANY = "*"
"""The letter of feeds for which there is none left."""

_LETTERS = string.ascii_uppercase + string.digits
_TAKEN = {HAND, FOREIGN, PINNED}


def letters(ids: Iterable[str]) -> dict[str, str]:
    """Give each feed a letter: the first of its name that is free, else any, while there are."""
    taken, found = set(_TAKEN), {}
    for ident in ids:
        wanted = (*(char for char in ident.upper() if char in _LETTERS), *_LETTERS)
        letter = next((char for char in wanted if char not in taken), MANY)
        taken.add(letter)
        found[ident] = letter
    return found


def bar(parts: Sequence[tuple[str, int]], width: int) -> str:
    """Draw parts, each a letter and a number of slots, over `width` cells in all.

    Cells are shared by largest remainder after each part that is not empty has one; where there
    are more parts than cells, the last ones are left out.
    """
    held = [(letter, slots) for letter, slots in parts if slots > 0][: max(width, 0)]
    total = sum(slots for _, slots in held)
    if not total:
        return FREE * width
    room = width - len(held)
    cells = [1 + room * slots // total for _, slots in held]
    rests = sorted(range(len(held)), key=lambda at: -(room * held[at][1] % total))
    for at in rests[: width - sum(cells)]:
        cells[at] += 1
    return "".join(letter * count for (letter, _), count in zip(held, cells, strict=True))
