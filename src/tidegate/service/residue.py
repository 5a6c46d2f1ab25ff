"""What undoing a feed's change leaves on a row: a pin, or fields that are the person's now.

An undo makes what it puts back stand against the next sync. Such a row is not quite as the step
before left it, though nobody changed it since; without this, a second undo would stop there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from types import MappingProxyType

from tidegate.indicators.indicator import EMPTY, Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.store.entry import Entry


def may_differ_by_it(held: Indicator | None, left: Indicator | None) -> bool:
    """Whether a row could be what a step left, but for a pin or owned fields."""
    return (
        held is not None
        and left is not None
        and held.origin is Origin.FEED
        and _bare(held) == _bare(left)
    )


def _bare(row: Indicator) -> Indicator:
    return dataclasses.replace(row, pinned=False, owned=EMPTY)


def without_it(
    entry: Entry, later: Iterable[Entry | SyncPlan], ids: Collection[str]
) -> dict[str, Indicator | None]:
    """The rows with these ids as they would be now had the undos since left nothing behind.

    `later` is what was done after `entry`, in order: entries, and plans that are about to be done.
    An undo then gives back exactly what was there before the change that it took back.
    """
    rows = {c.after.id: c.after for c in entry.changes if c.after is not None and c.after.id in ids}
    now: dict[str, Indicator | None] = {ident: rows.get(ident) for ident in ids}
    before: dict[int, dict[str, Indicator | None]] = {}
    for done in later:
        touched = {change.row.id: change for change in done.changes if change.row.id in now}
        if not touched:
            continue
        known = before.get(done.undoes, {}) if done.undoes is not None else {}
        if isinstance(done, Entry):
            before[done.serial] = {ident: now[ident] for ident in touched}
        for ident, change in touched.items():
            now[ident] = known.get(ident, change.after)
    return now


def carried(change: Change[Indicator], held: Indicator) -> Change[Indicator]:
    """The same change, from the row as it is; what an undo left on it stays on what is put back."""
    before, after = change.before, change.after
    if before is None or after is None:
        return Change(held, after, change.reason)
    left = {name: value for name, value in held.owned.items() if name not in before.owned}
    after = dataclasses.replace(
        after,
        pinned=after.pinned or (held.pinned and not before.pinned),
        owned=MappingProxyType({**after.owned, **left}),
    )
    return Change(held, after, change.reason)
