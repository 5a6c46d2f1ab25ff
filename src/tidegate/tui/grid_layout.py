"""The columns of a table: what each cell says, and which fit a given width.

Pure. Refuses colour and markup; the table adds those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)  # no slots: Python 3.11 then cannot name what it is generic in
class Column(Generic[T]):
    """One column. `width` counts cells; with 0 it takes `share` parts of what is left.

    `least` is what an elastic column needs to say anything; `tail` cells at the end of a text stay
    when it is cut.
    """

    key: str
    head: str
    width: int
    cell: Callable[[T, datetime], str]
    right: bool = False
    share: int = 1
    least: int = 8
    tail: int = 0


def fitted(
    columns: Sequence[Column[T]], width: int, spare: Sequence[str] = ()
) -> tuple[Column[T], ...]:
    """Choose and size columns for a table `width` cells wide, one space between any two.

    The `spare` columns go, the first of them first, until the elastic ones have their least.
    """
    chosen = list(columns)
    for key in spare:
        least = sum(column.least for column in chosen if not column.width)
        if _room(chosen, width) >= least:
            break
        chosen = [column for column in chosen if column.key != key]
    shares = sum(column.share for column in chosen if not column.width)
    room = max(_room(chosen, width), 0)
    sized: list[Column[T]] = []
    for column in chosen:
        if column.width:
            sized.append(column)
            continue
        part = room * column.share // shares  # the last one gets what rounding leaves
        room, shares = room - part, shares - column.share
        sized.append(replace(column, width=max(part, 1)))
    return tuple(sized)


def _room(columns: Sequence[Column[T]], width: int) -> int:
    return width - sum(column.width for column in columns) - len(columns) + 1
