"""Which rows of the list need no look, since what stands behind them is as it was.

A row that a plan found to be, or made, as its feeds want it stays so until one of its objects is
judged anew, another one names it, its score moves, or somebody changes it. Owns that comparison.
Refuses rows of which a person owns a field: what feeds wish there is looked at each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidegate.allocation.diff import score_moved
from tidegate.allocation.merge import Wanted
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import SyncPlan
from tidegate.ledger.agreed import (
    agreed,
    agreed_of,
    judgement_of,
    marks_of,
    place_of,
    save_agreed,
)
from tidegate.service.workspace import Workspace


def unchanged(
    ws: Workspace, held: Iterable[Indicator], kept: Sequence[Wanted]
) -> frozenset[RowKey]:
    """The rows with a slot that are on the list as feeds want them, by the keys of their feeds."""
    known = agreed(ws.ledger, ws.tenant)
    if not known:
        return frozenset()
    ours = _ours(held)
    near = [
        (item, row)
        for item in kept
        if (row := ours.get(item.key)) is not None
        and not (row.owned or row.settled)
        and row.feeds == item.feeds
        and row.action is item.action
        and not score_moved(row, item.score)
    ]
    places = [place_of(item.key) for item, _ in near]
    if agreed_of(ws.ledger, ws.tenant) == judgement_of(ws.ledger):
        # No object was judged since, so that none has another number.
        marks = [known[place][0] if place in known else "" for place in places]
    else:
        marks = marks_of(ws.ledger, ((item.key, item.feeds) for item, _ in near))
    return frozenset(
        item.key
        for (item, row), place, mark in zip(near, places, marks, strict=True)
        if known.get(place) == (mark, row.updated.timestamp())
    )


def remember(
    ws: Workspace,
    kept: Sequence[Wanted],
    plan: SyncPlan,
    judgement: frozenset[tuple[str, bytes]],
) -> None:
    """Note how the rows with a slot are now that a plan is applied, but for those that it holds.

    Nothing is noted where a feed was judged since the plan was made, of which `judgement` tells.
    """
    rows = _ours(ws.store.active(ws.clock()))
    held = {change.row.feed_key for change in plan.held}
    near = [item for item in kept if item.key in rows and item.key not in held]
    with ws.ledger.reading():
        if judgement_of(ws.ledger) != judgement:
            return
        marks = marks_of(ws.ledger, ((item.key, item.feeds) for item in near))
    save_agreed(
        ws.ledger,
        ws.tenant,
        ((item.key, mark, rows[item.key].updated) for item, mark in zip(near, marks, strict=True)),
        judgement,
    )


def _ours(rows: Iterable[Indicator]) -> dict[RowKey, Indicator]:
    return {row.feed_key: row for row in rows if row.origin is Origin.FEED}
