"""What stands against what, by group: lines under headings, the sides of each beside each other.

Pure, from the service's disputes to strings; a conflict's own words are in `differing`. Refuses
widgets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from textual.content import Content

from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.service.conflicts import Standing, words
from tidegate.service.disputes import Dispute, Group, Side, against
from tidegate.tui import differing
from tidegate.tui.columns import ACTION_CODE, scope_text
from tidegate.tui.ends import age
from tidegate.tui.grid_layout import Column
from tidegate.tui.safe import content, fit, stacked
from tidegate.tui.signs import HEADING

KEPT = "✓"
"""Before what was settled, and before the side that decides."""


@dataclass(frozen=True, slots=True)
class Item:
    """A dispute, or the heading over those of a group."""

    id: str
    group: Group
    members: tuple[Dispute, ...]
    heading: bool

    @property
    def dispute(self) -> Dispute:
        """The dispute; of a heading the first under it."""
        return self.members[0]


def items(found: Iterable[Dispute]) -> list[Item]:
    """The disputes, which come by group, under their headings."""
    lines = []
    for group, members in groupby(found, key=lambda it: it.group):
        together = tuple(members)
        lines.append(Item(f"group {group}", group, together, heading=True))
        lines += (Item(it.id, group, (it,), heading=False) for it in together)
    return lines


def _mark(it: Item, _now: datetime) -> str:
    if it.heading:
        return HEADING
    return "" if it.dispute.standing is Standing.OPEN else KEPT


def _type(it: Item, _now: datetime) -> str:
    return "" if it.heading else SHORT_TYPE[it.dispute.about.type]


def _value(it: Item, _now: datetime) -> str:
    return str(it.group) if it.heading else it.dispute.about.value


def _field(it: Item, _now: datetime) -> str:
    return f"{len(it.members):,}" if it.heading else field_of(it.dispute)


def field_of(it: Dispute) -> str:
    """What they differ about: a field's name, or rows."""
    return "rows" if it.conflict is None else it.conflict.field


def _decides(it: Item, _now: datetime) -> str:
    return "" if it.heading else both(it.dispute)[0]


def _against(it: Item, _now: datetime) -> str:
    return "" if it.heading else both(it.dispute)[1]


def both(it: Dispute) -> tuple[str, str]:
    """What decides and what stands against it, each in a few words."""
    if it.conflict is not None and it.conflict.wish is None:
        return words(it.conflict.mine), words(it.conflict.theirs)
    return _brief(it.sides[0]), _brief(against(it))


def _brief(side: Side) -> str:
    return f"{ACTION_CODE[side.row.action]} {side.source}"


def _feeds(it: Item, _now: datetime) -> str:
    if it.heading:
        return ""
    rows = (side.row for side in it.dispute.sides)
    return ", ".join(dict.fromkeys(feed for row in rows for feed in row.feeds))


COLUMNS: tuple[Column[Item], ...] = (
    Column("kept", "", 1, _mark),
    Column("type", "TYPE", 6, _type),
    Column("value", "VALUE", 0, _value, share=3, least=16),
    Column("field", "FIELD", 9, _field),
    Column("decides", "DECIDES", 0, _decides, share=2, least=12),
    Column("against", "AGAINST", 0, _against, share=2, least=12),
    Column("feeds", "FEEDS", 10, _feeds),
    Column("rule", "BY THE RULE", 0, lambda it, _: "" if it.heading else it.dispute.rule, share=3,
           least=24),
    Column("standing", "STATE", 7, lambda it, _: "" if it.heading else it.dispute.standing.value),
)  # fmt: skip
SPARE = ("rule", "standing", "type", "feeds")
"""Columns that a narrow table goes without; what was settled has its mark in the first one."""


def one_line(it: Item) -> Content:
    """Both sides in one line, or what a heading is over."""
    if it.heading:
        return content(" ", (it.group, "bold"), f"  {len(it.members):,} here: verbs mean them all")
    found = it.dispute
    if found.conflict is not None and found.conflict.wish is None:
        return differing.one_line(found.conflict)
    first, other = both(found)
    return content(" ", (first, "bold"), f" decides over {other}: {found.rule}")


def few_lines(it: Item) -> Content:
    """Both sides in three lines."""
    if it.heading:
        return one_line(it)
    found, (first, other) = it.dispute, both(it.dispute)
    return stacked(
        (
            content(" ", (found.about.value, "bold"), f"  {what(found)}"),
            content(" decides  ", first, f"  {found.rule}"),
            content(" against  ", other),
        )
    )


def what(it: Dispute) -> str:
    """What kind of dispute it is, in words."""
    if it.conflict is not None:
        return differing.what(it.conflict)
    return f"{len(it.sides):,} rows name it, and would do different things"


def whole(it: Item, now: datetime) -> Content:
    """Every side, and what each answer would mean; of a heading the values under it."""
    if it.heading:
        lines = [content((it.group, "bold")), content("")]
        return stacked([*lines, *(content(other.about.value) for other in it.members[:_SHOWN])])
    found = it.dispute
    told = stacked((*sides(found, now), content("")))
    if found.conflict is not None:
        return stacked((told, differing.whole(found.conflict, now)))
    lines = [content((found.about.value, "bold")), content(what(found))]
    if found.standing is Standing.SETTLED:
        lines.append(content("this is settled: you kept it so"))
    answers = (
        ("m", "it stays as it is decided; listed again when one of them changes"),
        ("p", "another side decides: the rows before it leave the list"),
    )
    keys = [content((f"{key}  ", "bold"), text) for key, text in answers]
    return stacked([*lines, content(""), told, *keys])


_SHOWN = 40
"""Values of a group that are named."""


def sides(it: Dispute, now: datetime) -> list[Content]:
    """The sides under each other, their properties beside each other; then the rule."""
    lines = [content((_line("", "SOURCE", "ACT", "SCOPE", "CONF", "AGE"), "dim"))]
    for number, side in enumerate(it.sides, 1):
        lines.append(side_line(number, side, now))
        if side.row.value != it.about.value:
            lines.append(content(f"    {side.row.value}"))
    return [*lines, content(("rule ", "dim"), it.rule)]


def side_line(number: int, side: Side, now: datetime) -> Content:
    """One side: its number, a mark where it decides, and what it is."""
    row = side.row
    mark = f"{number} {KEPT}" if number == 1 else f"{number}"
    conf = "" if row.confidence is None else str(row.confidence)
    since = age(row.created, now) if side.listed else "wish"
    text = _line(mark, side.source, ACTION_CODE[row.action], scope_text(row), conf, since)
    return content((text, "bold" if number == 1 else ""))


def _line(mark: str, source: str, action: str, scope: str, conf: str, since: str) -> str:
    told = (fit(mark, 3), fit(source, 12), fit(action, 3), fit(scope, 9))
    return " ".join((*told, fit(conf, 4, right=True), fit(since, 4, right=True)))
