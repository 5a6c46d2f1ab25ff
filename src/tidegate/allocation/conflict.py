"""Where people and feeds want different things of one value. Pure.

Owns what makes a row a person's, when two scopes meet, and which wishes stand against which rows.
Refuses to settle anything: a conflict is listed, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import IndicatorType, Origin

Named = tuple[IndicatorType, str]
"""A value with its type: conflicts are looked for where these are the same."""


class Keyed(Protocol):
    """Whatever would be a row."""

    @property
    def key(self) -> RowKey:
        """The row's identity."""


Wish = TypeVar("Wish", bound=Keyed)


def decided_by_person(row: Indicator) -> bool:
    """Whether a person said that this row be there, or what it does and where."""
    if row.origin is Origin.MANUAL:
        return True
    return row.origin is Origin.FEED and (
        row.pinned or "action" in row.owned or "groups" in row.owned
    )


def meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether some device is in both scopes; no groups are all devices."""
    return not one or not other or not set(one).isdisjoint(other)


def opposed(row: Indicator, wish: Indicator) -> bool:
    """Whether a feed's wish contradicts a person's row of the same value.

    In the same scope there is one row only, so its severity counts, too; where two scopes overlap,
    each alert may have its own severity, and the actions must agree.
    """
    if row.action is not wish.action:
        return meet(row.groups, wish.groups)
    return row.groups == wish.groups and row.severity is not wish.severity


def beside(held: Iterable[Indicator], wanted: Iterable[Wish]) -> list[Wish]:
    """The wishes for values that a person has a row for, in a scope that meets it.

    A row's own wish is not among them: where that differs, fields of the row are owned.
    """
    people: dict[Named, list[Indicator]] = {}
    for row in held:
        if decided_by_person(row):
            people.setdefault((row.type, row.value), []).append(row)
    if not people:
        return []
    return [
        wish
        for wish in wanted
        if any(
            meet(row.groups, wish.key.groups)
            for row in people.get((wish.key.type, wish.key.value), ())
            if row.origin is Origin.MANUAL or row.feed_key != wish.key
        )
    ]
