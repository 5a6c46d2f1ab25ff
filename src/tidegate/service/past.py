"""What was done to a value, as `why` tells it: the newest changes, and who set a guard aside.

Owns how far back is looked: the search ends after a few changes, since a journal may be long.
Refuses to search beyond that; `tidegate history` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from tidegate.indicators.indicator import Indicator
from tidegate.service.edit import BY_HAND
from tidegate.service.story import Story, told_time
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry

_CHANGES = 10
"""The newest changes that are told of one by one."""


def newest_of(ws: Workspace, value: str) -> list[Entry]:
    """The newest changes of a value, and one more where there is any."""
    return list(islice(ws.store.journal.naming(value), _CHANGES + 1))


def tell_past(story: Story, value: str, newest: Sequence[Entry]) -> None:
    """Tell the newest changes, the oldest of them first."""
    if len(newest) > _CHANGES:
        story.tell("note", "history", f"older changes are in `tidegate history {value}`")
    for entry in reversed(newest[:_CHANGES]):
        for change in entry.changes:
            story.tell(
                "note",
                "history",
                f"change {entry.serial}, {told_time(entry.at)}, {entry.actor}: "
                f"{change.op.value} ({change.reason})",
            )


def tell_overrides(story: Story, row: Indicator, newest: Sequence[Entry]) -> None:
    """Tell which guards a person set aside; who and when, where the newest changes say so."""
    for guard, reason in sorted(row.overrides.items()):
        by = next((e for e in newest if _overrides(e, row.id, guard, reason)), None)
        who = f" by {by.actor} on {told_time(by.at)}" if by else ""
        story.tell("note", "guard", f"{guard} was overridden{who}: {reason}")


def _overrides(entry: Entry, ident: str, guard: str, reason: str) -> bool:
    """Whether a person's own add or edit set this guard aside; a redo only brings that back."""
    return entry.door in BY_HAND and any(
        change.after is not None
        and change.after.id == ident
        and change.after.overrides.get(guard) == reason
        and (change.before is None or change.before.overrides.get(guard) != reason)
        for change in entry.changes
    )


def taken_off(value: str, newest: Sequence[Entry]) -> Entry | None:
    """Which change took the value off the list, if that is the last that was done to it."""
    for entry in newest[:1]:
        if any(each.after is None and each.row.value == value for each in entry.changes):
            return entry
    return None
