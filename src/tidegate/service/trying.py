"""A changed policy tried out before it is saved: the plan it gives, beside the plan of today's.

Both plans come from what the feeds said last and start from the list as it is; the file only stands
in for the saved definition of the same feed. Refuses to write anything, and to pull.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tidegate.config import read_toml
from tidegate.errors import FeedDefinitionError, UsageError
from tidegate.feed import FeedDefinition, parse_feed
from tidegate.indicators.indicator import OWNABLE, Indicator, RowKey
from tidegate.indicators.plan import Change, Op, SyncPlan
from tidegate.mapping.policy_lint import Finding, lint
from tidegate.service.planning import evaluate
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.sources.catalogue import CatalogueEntry

_EFFECTS = (*OWNABLE, "tlp")
"""What a row does and whom it may be shown to; a rule that is only renamed makes no difference."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a policy would do. `plan` is the whole plan, `today` that of the saved policy.

    `differences` hold the rows that end otherwise: before under the saved policy, after under the
    tried one; the reason is the rule of the later side, or of the earlier one of a row that goes.
    Rows that the brake would keep back are among them: another policy does not lift the brake.
    """

    feed: FeedDefinition
    plan: SyncPlan
    today: SyncPlan
    differences: tuple[Change[Indicator], ...]
    source_differs: bool
    oddities: tuple[Finding, ...]

    def count(self, op: Op) -> int:
        """How many rows differ in this way."""
        return sum(1 for change in self.differences if change.op is op)

    def by_rule(self) -> tuple[tuple[Op, str, int], ...]:
        """How many rows differ by which rule, most first; rule "" are rows of other feeds."""
        counted = Counter((change.op, change.reason) for change in self.differences)
        ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple((op, rule, rows) for (op, rule), rows in ordered)


def try_policy(
    ws: Workspace, path: Path, progress: Callable[[str], None] = lambda _: None
) -> Trial:
    """Plan with the feed.toml at `path` in place of the saved one of the same id.

    Raises FeedDefinitionError when the file is not usable, and UsageError when this home has no
    feed of its id.
    """
    tried = parse_feed(read_toml(path, FeedDefinitionError), str(path))
    entry = _of_this_home(ws, tried)
    saved = active_feeds(ws)
    others = [feed for feed in saved if feed.id != tried.id]
    then = sorted([*others, *([tried] if tried.enabled else [])], key=lambda feed: feed.id)

    today = evaluate(ws, saved, progress).plan
    began = ws.ledger.go_aside()
    try:
        plan = evaluate(ws, then, progress).plan
    finally:
        if began:
            ws.ledger.come_back()
    return Trial(
        feed=tried,
        plan=plan,
        today=today,
        differences=_differences(ws, tried.id, today, plan),
        source_differs=entry.definition is not None and entry.definition.source != tried.source,
        oddities=lint(tried),
    )


def _of_this_home(ws: Workspace, tried: FeedDefinition) -> CatalogueEntry:
    entry = ws.catalogue.get(tried.id)
    if entry.shipped:
        raise UsageError(
            f"feed {tried.id} is not of this home: there is nothing to compare with",
            f"`tidegate feeds enable {tried.id}`, or add its folder",
        )
    return entry


def _differences(
    ws: Workspace, feed: str, today: SyncPlan, plan: SyncPlan
) -> tuple[Change[Indicator], ...]:
    held = {row.key: row for row in ws.store.active(ws.clock())}
    before, after = _ends(today), _ends(plan)
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key, held.get(key)), after.get(key, held.get(key))
        if not _same(old, new):
            last = new if new is not None else old
            found.append(Change(old, new, "" if last is None else _rule(last, feed)))
    return tuple(found)


def _ends(plan: SyncPlan) -> dict[RowKey, Indicator | None]:
    """How each row that a plan touches ends; None is gone."""
    return {change.row.key: change.after for change in (*plan.changes, *plan.held)}


def _same(old: Indicator | None, new: Indicator | None) -> bool:
    if old is None or new is None:
        return old is new
    return all(getattr(old, name) == getattr(new, name) for name in _EFFECTS)


def _rule(row: Indicator, feed: str) -> str:
    return ", ".join(sorted({source.rule for source in row.sources if source.feed == feed}))
