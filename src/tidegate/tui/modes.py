"""The modes of the terminal: their names, their keys, their order. One line here is a place.

A mode is added by its place here, its actions in `actions`, its calls in `desks`, and its screen in
the module of its name under `screens`. Refuses to know screens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """One way to work; its value is also the command that leads there."""

    INDICATORS = "indicators"
    REVIEW = "review"
    QUOTA = "quota"
    CONFLICTS = "conflicts"
    BENCH = "bench"
    FEEDS = "feeds"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mode is found. `twin` is the function key, which works while typing, too."""

    mode: Mode
    key: str
    twin: str
    title: str
    short: str
    text: str


PLACES: tuple[Place, ...] = (
    Place(Mode.INDICATORS, "1", "f2", "Indicators", "List", "the list of the tenant"),
    Place(
        Mode.REVIEW,
        "2",
        "f3",
        "Sync",
        "Sync",
        "what a sync would do, row by row; reject, let through",
    ),
    Place(Mode.QUOTA, "3", "f4", "Quota", "Quota", "who holds the slots, what comes next, what if"),
    Place(Mode.CONFLICTS, "4", "f5", "Conflicts", "Confl", "where people and feeds differ"),
    Place(Mode.BENCH, "5", "f6", "Bench", "Bench", "what would Defender do with an event"),
    Place(Mode.FEEDS, "6", "f7", "Feeds", "Feeds", "feeds, their health and policy; sync"),
    Place(Mode.HISTORY, "7", "f8", "History", "Hist", "who changed what, when, why; undo"),
)
"""In the order of the header."""

BY_MODE = {place.mode: place for place in PLACES}
ALL = frozenset(Mode)
