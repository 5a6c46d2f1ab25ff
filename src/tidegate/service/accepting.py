"""Some of a plan: what people accept of it is applied, the rest waits for the next plan.

Owns how a part is chosen (by row, operation and filter) and the bounds that it has to keep: the
limit with rows of others counted, and the feeds' ceilings. A part is applied only to the very list
that it was chosen for. Refuses to forget the rest: nothing is remembered of it, so that the next
plan brings it again.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from tidegate.allocation.part import Bounds, Late, part
from tidegate.errors import IndicatorError, UsageError
from tidegate.indicators.filter import parse
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, Op, SyncPlan
from tidegate.indicators.value import classify
from tidegate.service.quota import charged, trusted
from tidegate.service.workspace import Workspace, active_feeds

Changes = tuple[Change[Indicator], ...]

_CAUSES = 5


@dataclass(frozen=True, slots=True)
class Only:
    """The answer to a plan that accepts some of its changes, named by `Change.name`."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A part of a plan. `plan` is what goes; `late` was accepted and cannot go yet; `rest` was not.

    The numbers of candidates in `plan` are still those of the whole one.
    """

    plan: SyncPlan
    late: tuple[Late, ...]
    rest: Changes

    @property
    def waiting(self) -> Changes:
        """All that does not go."""
        return (*(each.change for each in self.late), *self.rest)

    def count(self) -> dict[str, int]:
        """Its sizes under the names of the JSON contract."""
        return {
            **{op.value: self.plan.count(op) for op in Op},
            "late": len(self.late),
            "rest": len(self.rest),
        }


def accept(ws: Workspace, plan: SyncPlan, names: Collection[str]) -> Accepted:
    """Part a plan by what is accepted of it, as the list and the feeds are now.

    Raises UsageError for a plan that lifts or sets suppressions: such a plan is one step.
    """
    if plan.suppressions:
        raise UsageError("this plan is not one of a sync", "apply it whole")
    feeds = active_feeds(ws)
    trust = trusted(feeds)
    held = tuple(ws.store.active(ws.clock()))
    own = (row.feeds for row in held if row.origin is Origin.FEED and row.feeds)
    bounds = Bounds(
        ws.settings.for_feeds - len(held),
        {f.id: f.share.ceiling for f in feeds if f.share.ceiling is not None},
        Counter(charged(each, trust) for each in own),
        partial(charged, trust=trust),
    )
    found = part(plan.changes, names, bounds)
    reason = plan.reason
    if len(found.go) < len(plan.changes):
        reason += f" ({len(found.go):,} of {len(plan.changes):,} changes accepted)"
    go = dataclasses.replace(plan, changes=found.go, reason=reason)
    return Accepted(go, found.late, found.rest)


def chosen(
    ws: Workspace, plan: SyncPlan, wanted: Sequence[str], ops: Collection[Op] = ()
) -> frozenset[str]:
    """Name the changes that are meant: of any of `wanted`, and of any of `ops`; all for none.

    Each of `wanted` is the id or the value of a changed row, or else a filter, which sees the row
    as it will be, or as it was when it leaves. Raises FilterError.
    """
    found = list(plan.changes) if not wanted else []
    for text in wanted:
        found += _named(plan.changes, text) or _filtered(ws, plan.changes, text)
    return frozenset(change.name for change in found if not ops or change.op in ops)


def _named(changes: Iterable[Change[Indicator]], text: str) -> list[Change[Indicator]]:
    try:
        value = classify(text)[1]
    except IndicatorError:
        value = text
    return [change for change in changes if text == change.row.id or value == change.row.value]


def _filtered(
    ws: Workspace, changes: Iterable[Change[Indicator]], text: str
) -> list[Change[Indicator]]:
    wanted, now = parse(text), ws.clock()
    return [change for change in changes if wanted.matches(change.row, now)]


def told(late: Iterable[Late]) -> list[str]:
    """What waits though it was accepted, a line for each cause: which, how many more, what for."""
    causes: dict[str, list[Late]] = {}
    for each in late:
        causes.setdefault(each.reason, []).append(each)
    lines = [
        f"{_first([each.change for each in found])}: {reason}{_needed(found)}"
        for reason, found in list(causes.items())[:_CAUSES]
    ]
    if len(causes) > _CAUSES:
        lines.append(f"and {len(causes) - _CAUSES:,} more rows wait for others")
    return lines


def _needed(found: Sequence[Late]) -> str:
    """Which removals make room; what else a row waits for is in its reason."""
    needs = [change for each in found for change in each.needs]
    if found[0].change.op is not Op.CREATE or not needs:
        return ""
    return f"; accept the removal of {_first(needs)} for that"


def _first(changes: Sequence[Change[Indicator]]) -> str:
    more = f" and {len(changes) - 1:,} more" if len(changes) > 1 else ""
    return f"{changes[0].row.value}{more}"
