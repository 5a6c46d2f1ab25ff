"""What undoing a feed's change leaves behind: a pin, fields that are the person's, a suppression.

An undo makes what it does stand against the next sync. Such a row is not quite as the step before
left it, though nobody changed it since; without this, a second undo would stop there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from types import MappingProxyType

from tidegate.indicators.indicator import EMPTY, Indicator, Suppression
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, Row, SyncPlan
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


def rows_without_it(
    entry: Entry, story: Iterable[Entry | SyncPlan], ids: Collection[str]
) -> dict[str, Indicator | None]:
    """The rows with these ids as they would be now, had the undos after `entry` left nothing.

    `story` is everything that was done, in order, then plans that are about to be done.
    """
    return _without(entry.serial, ((done, done.changes) for done in story), ids)


def notes_without_it(
    entry: Entry, story: Iterable[Entry | SyncPlan], ids: Collection[str]
) -> dict[str, Suppression | None]:
    """The same for suppressions: an undo leaves one for each feed's row that it removes."""
    return _without(entry.serial, ((done, done.suppressions) for done in story), ids)


def _without(
    since: int,
    story: Iterable[tuple[Entry | SyncPlan, Iterable[Change[Row]]]],
    ids: Collection[str],
) -> dict[str, Row | None]:
    """Play the story for these ids, where an undo gives back just what its change had found.

    What it touches that its change did not is left by it, and so not played.
    """
    now: dict[str, Row | None] = dict.fromkeys(ids)
    found: dict[int, dict[str, Row | None]] = {}
    for done, moves in story:
        touched = {change.row.id: change for change in moves if change.row.id in now}
        serial = done.serial if isinstance(done, Entry) else 0
        before = {ident: now[ident] for ident in touched}
        for ident, change in touched.items():
            if done.undoes is None or serial == since:
                now[ident] = change.after
            else:
                now[ident] = found.get(done.undoes, {}).get(ident, now[ident])
        if serial and touched:
            found[serial] = before
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
