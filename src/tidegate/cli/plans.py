"""The plan of a sync, for people and for scripts.

Refuses to ask about it: `cli.accepting` does.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from tidegate.cli import output
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import SyncPlan
from tidegate.service.moves import SIGN
from tidegate.service.sync import sizes

_SHOWN = 20
_REASONS = 8
_SCORE = re.compile(r", score [0-9.,]+$")
"""What sets apart the reasons of rows that came in by the same rule."""


def plan_sizes(plan: SyncPlan) -> str:
    """The numbers of a plan in one line: what changes, always; the rest where there is any."""
    always = ("create", "update", "remove", "keep")
    rest = ("waiting", "covered", "saved", "merged", "suppressed", "held")
    numbers = sizes(plan)
    return "  ".join(f"{n} {numbers[n]:,}" for n in (*always, *rest) if n in always or numbers[n])


def show_plan(plan: SyncPlan, limit: int = _SHOWN) -> None:
    """Print the changes of a plan: how many for which reason, and the first few of many."""
    if not plan.changes:
        return
    if len(plan.changes) > limit:
        reasons = Counter((c.op, _SCORE.sub("", c.reason)) for c in plan.changes)
        # One more has room on the line that would only count it.
        many = reasons.most_common(_REASONS + (len(reasons) == _REASONS + 1))
        output.table(
            ("", "rows", "because"),
            ((SIGN[op], f"{count:>6,}", why) for (op, why), count in many),
        )
        if rest := sum(reasons.values()) - sum(count for _, count in many):
            output.text(f"   {rest:>6,}  for {len(reasons) - len(many):,} other reasons")
        output.text()
    output.table(
        ("", "type", "value", "action", "severity", "because"),
        (
            (
                SIGN[c.op],
                SHORT_TYPE[c.row.type],
                c.row.value,
                c.row.action,
                c.row.severity,
                c.reason,
            )
            for c in plan.changes[:limit]
        ),
        spare=("type", "severity"),
    )
    if len(plan.changes) > limit:
        output.text(
            f"… and {len(plan.changes) - limit:,} more; `tidegate plan --json` has them all"
        )
    output.text()


def plan_record(plan: SyncPlan) -> dict[str, Any]:
    """A plan with all its changes under the names of the JSON contract."""
    return {
        "plan": sizes(plan),
        "lineage": plan.lineage,
        "serial": plan.serial,
        "changes": [
            {"op": c.op, "reason": c.reason, **output.row_record(c.row)} for c in plan.changes
        ],
    }
