"""The brake: what a sync may not do by itself, kept back while everything else goes on.

Held are removals that are too many at once (an emptied feed, a wrong policy), and rows that a feed
wants allowed, since Allow switches protection off and a feed's word is not enough for that.
Never held are removals that bring an overfull list down to its limit. Refuses to be answered by
`--yes`: `held approve` is a person's word for exactly what was shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Action, Origin
from tidegate.indicators.plan import Change, Op

Changes = tuple[Change[Indicator], ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A sync that would remove more than `count` rows or `percent` of the feeds' rows is braked.

    A single removal always passes, so that a short list can lose a revoked row.
    """

    count: int = 200
    percent: int = 10

    def most(self, rows: int) -> int:
        """The most removals that pass on a list with that many feed rows."""
        return min(self.count, max(1, rows * self.percent // 100))


@dataclass(frozen=True, slots=True)
class Braked:
    """Changes that go on, changes that are held back, and why."""

    go: Changes
    held: Changes
    reason: str


def brake(
    held: Sequence[Indicator],
    changes: Changes,
    waiting: Collection[RowKey],
    limit: int,
    thresholds: Thresholds,
) -> Braked:
    """Part the changes of a sync. `waiting` names rows that leave for want of a slot."""
    allowing = tuple(change for change in changes if _allows(change))
    rest = tuple(change for change in changes if not _allows(change))
    forced = _forced(rest, waiting, max(len(held) - limit, 0))
    removals = tuple(c for c in rest if c.op is Op.REMOVE and c.row.id not in forced)
    own = sum(row.origin is Origin.FEED for row in held)
    most = thresholds.most(own)
    reasons = []
    if allowing:
        reasons.append(f"{len(allowing):,} rows that a feed wants allowed need a person's word")
    if len(removals) <= most:
        return Braked(rest, allowing, "; ".join(reasons))
    reasons.append(
        f"{len(removals):,} of {own:,} feed rows would go, more than the {most:,} that pass "
        f"({thresholds.percent} %, at most {thresholds.count:,})"
    )
    # With the removals held there may be no room for all that is new.
    room = max(limit - len(held) + len(forced), 0)
    stopped = {change.row.id for change in removals}
    stopped |= {c.row.id for c in [c for c in rest if c.op is Op.CREATE][room:]}
    return Braked(
        tuple(change for change in rest if change.row.id not in stopped),
        (*allowing, *(change for change in rest if change.row.id in stopped)),
        "; ".join(reasons),
    )


def _allows(change: Change[Indicator]) -> bool:
    """Whether a change makes a row Allow that was not."""
    after, before = change.after, change.before
    return (
        after is not None
        and after.action is Action.ALLOW
        and (before is None or before.action is not Action.ALLOW)
    )


def _forced(changes: Changes, waiting: Collection[RowKey], over: int) -> set[str]:
    """Ids of the rows that must go for the list to be within its limit, the weakest first."""
    displaced = [c.row for c in changes if c.op is Op.REMOVE and c.row.feed_key in waiting]
    displaced.sort(key=lambda row: (row.score or 0.0, row.key))
    return {row.id for row in displaced[:over]}
