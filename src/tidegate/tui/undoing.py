"""Taking back, in words: when to ask first, what to ask, and what to say afterwards.

Pure, from the undo's plan and the journal's entry to strings. Refuses to plan; the service does.
"""

from __future__ import annotations

from collections import Counter

from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.store.journal import Entry
from tidegate.tui.preview import counted, done

ASK_FROM = 20
"""An undo that changes more rows than this is asked about: an undo cannot be undone."""

FEED_DOORS = ("sync", "held")
"""Doors that a feed's rows come through."""


def to_ask(plan: SyncPlan, entry: Entry, actor: str) -> bool:
    """Whether this is more than taking back one's own last few keystrokes."""
    return len(plan.changes) > ASK_FROM or entry.actor != actor or entry.door in FEED_DOORS


def question(plan: SyncPlan, entry: Entry) -> list[str]:
    """What the change was, what taking it back does, and what it means for the feeds."""
    ops = Counter(change.op for change in entry.changes)
    lines = [
        f"{entry.reason} ({entry.door}), by {entry.actor}, {entry.at:%Y-%m-%d %H:%M} UTC",
        f"It was: {done(ops[Op.CREATE], ops[Op.UPDATE], ops[Op.REMOVE])}",
        f"Now: {outcome(plan)}",
    ]
    away = sum(1 for change in plan.suppressions if change.after is not None)
    if away:
        lines.append(f"{counted(away, 'row')} will stay away: suppressed for every feed")
    back = [c.after for c in plan.changes if c.before is None and c.after is not None]
    pinned = sum(1 for row in back if row.pinned and row.origin is Origin.FEED)
    if pinned:
        lines.append(f"{counted(pinned, 'row')} will be pinned: every sync keeps them")
    updated = plan.count(Op.UPDATE)
    if updated and entry.door in FEED_DOORS:
        lines.append(f"{counted(updated, 'row')} will keep the fields put back at every sync")
    return lines


def outcome(plan: SyncPlan) -> str:
    """`1 row is back, 2 rows are gone, 3 rows are as before`."""
    parts = [
        f"{counted(number, 'row')} {'is' if number == 1 else 'are'} {word}"
        for number, word in (
            (plan.count(Op.CREATE), "back"),
            (plan.count(Op.UPDATE), "as before"),
            (plan.count(Op.REMOVE), "gone"),
        )
        if number
    ]
    return ", ".join(parts) or "no row changes"


def taken_back(plan: SyncPlan, entry: Entry) -> str:
    """`took back change 7 (removed by hand): 1 row is back`."""
    return f"took back change {entry.serial} ({entry.reason}): {outcome(plan)}"
