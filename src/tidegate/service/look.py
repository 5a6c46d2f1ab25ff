"""Looking at the list: rows in rank order, one row by id or value, and rejections.

Refuses to change anything, and to format anything: reports are values.
"""

from __future__ import annotations

from tidegate.errors import AmbiguousItem, IndicatorError, UsageError
from tidegate.indicators.filter import parse
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.value import classify
from tidegate.ledger import evaluation
from tidegate.mapping.candidate import Rejection
from tidegate.service.finding import glance, made
from tidegate.service.ranking import ranked
from tidegate.service.workspace import Workspace

ID_LENGTH = 12


def rows(ws: Workspace) -> tuple[Indicator, ...]:
    """Every row that Defender would hold now, in rank order.

    Kept until the list changes or a row expires, and then ranked from what is kept.
    """
    now = ws.clock()
    state = ws.store.state()
    known = ws.ranking
    if known is None or known.head != state.position.head or not known.since <= now < known.until:
        held = ws.store.listed(now)
        known = ws.ranking = ranked(state.position.head, now, held, known)
    return known.rows


def select(ws: Workspace, filter_text: str = "") -> tuple[Indicator, ...]:
    """The rows that a filter matches, in rank order. Raises FilterError."""
    chosen = parse(filter_text)
    now = ws.clock()
    return tuple(row for row in rows(ws) if chosen.matches(row, now))


def matching(ws: Workspace, item: str) -> tuple[Indicator, ...]:
    """Rows that an id, an id prefix or a value names; values in any spelling, hashes by alias."""
    held = glance(ws)
    listed = ws.store.state().rows
    if item in listed and listed[item].active(ws.clock()):
        return made(ws, (listed.records[item],))
    try:
        wanted = classify(item)[1]
    except IndicatorError:
        wanted = item
    return made(ws, held.named((wanted,)) or (held.starting(item) if item else ()))


def find(ws: Workspace, item: str) -> Indicator:
    """The one row that an item names. Raises AmbiguousItem, or UsageError when there is none."""
    found = matching(ws, item)
    if not found:
        raise UsageError(
            f"nothing on the list is {item!r}", f"`tidegate why {item}` tells what is known of it"
        )
    if len(found) > 1:
        raise AmbiguousItem(
            f"{item!r} names {len(found)} rows", tuple(row.id for row in found[:20])
        )
    return found[0]


def rejections(
    ws: Workspace, *, feed: str | None = None, code: str | None = None
) -> list[Rejection]:
    """What the last sync rejected, narrowed by feed or reason code."""
    return evaluation.rejections(ws.ledger, feed=feed, code=code)
