"""Taking back and redoing, in words: what to ask first, and what to say afterwards.

Pure, from the plan and the journal entry that it turns round (a change, or an undo) to strings.
Refuses to plan, and to decide when to ask; the service does.
"""

from __future__ import annotations

from collections import Counter

from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.service.reversal import FEED_DOORS
from tidegate.store.entry import Entry
from tidegate.tui.preview import counted, done

_NAMED = 3
"""Rows that a question names."""


def question(plan: SyncPlan, entry: Entry, *, mine: bool = True) -> list[str]:
    """What the change was, what taking it back does, and what it means for the feeds.

    One that is not of this session (`mine` false) has its rows named.
    """
    ops = Counter(change.op for change in entry.changes)
    lines = [
        f"{entry.reason} ({entry.door}), by {entry.actor}, {entry.at:%Y-%m-%d %H:%M} UTC",
        f"It was: {done(ops[Op.CREATE], ops[Op.UPDATE], ops[Op.REMOVE])}",
        f"Now: {outcome(plan)}",
    ]
    if not mine:
        lines += ["It was not made in this session", *_rows_named(plan)]
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
    lifted = sum(1 for change in plan.suppressions if change.after is None)
    if lifted and plan.door == "redo":
        lines.append(f"{counted(lifted, 'suppression')} will be lifted: feeds are heard again")
    return lines


def _rows_named(plan: SyncPlan) -> list[str]:
    """The first rows that it is about, for who did not make the change here."""
    values = list(dict.fromkeys(change.row.value for change in plan.changes))
    more = f" and {len(values) - _NAMED:,} more" if len(values) > _NAMED else ""
    return [f"Rows: {', '.join(values[:_NAMED])}{more}"] if values else []


def title(plan: SyncPlan, entry: Entry) -> tuple[str, str]:
    """The question's heading and the word on its button."""
    if plan.door == "redo":
        return f"Redo change {entry.undoes}?", "Redo"
    return f"Take back change {entry.serial}?", "Take back"


def outcome(plan: SyncPlan) -> str:
    """`1 row is back, 2 rows are gone, 3 rows are as before`."""
    changed = "changed again" if plan.door == "redo" else "as before"
    parts = [
        f"{counted(number, 'row')} {'is' if number == 1 else 'are'} {word}"
        for number, word in (
            (plan.count(Op.CREATE), "back"),
            (plan.count(Op.UPDATE), changed),
            (plan.count(Op.REMOVE), "gone"),
        )
        if number
    ]
    return ", ".join(parts) or "no row changes"


def turned_round(plan: SyncPlan, entry: Entry) -> str:
    """`took back change 7 (removed by hand): 1 row is back`, or `redid change 7 …`."""
    if plan.door == "redo":
        reason = entry.reason.removeprefix(f"undo of change {entry.undoes}: ")
        return f"redid change {entry.undoes} ({reason}): {outcome(plan)}"
    return f"took back change {entry.serial} ({entry.reason}): {outcome(plan)}"
