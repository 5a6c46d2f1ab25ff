"""A sync in words: what its plan would do and why, and what it did.

Pure, from the service's plan and report to strings. Refuses widgets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Change, Op, SyncPlan
from tidegate.service.accepting import Accepted, told
from tidegate.service.moves import SIGN
from tidegate.service.sync import SyncReport
from tidegate.tui.preview import counted, done

LOOK = {Op.CREATE: "good", Op.UPDATE: "plain", Op.REMOVE: "bad"}
_SCORE = re.compile(r", score [0-9.,]+$")
"""What sets apart the reasons of rows that came in by the same rule."""
_REASONS = 12


def sizes(plan: SyncPlan) -> str:
    """`+37 ~12 -41`."""
    return " ".join(f"{SIGN[op]}{plan.count(op):,}" for op in Op)


def plan_title(plan: SyncPlan) -> str:
    """The question, with what deserves a second look in it."""
    allowed = plan.allowing
    allows = f", {allowed:,} of them become Allow" if allowed else ""
    return f"Apply this plan? {sizes(plan)}{allows}"


def part_title(part: Accepted) -> str:
    """The question about a part of a plan."""
    goes = len(part.plan.changes)
    which = plan_title(part.plan).removeprefix("Apply this plan? ")
    return f"Apply {goes:,} of {counted(goes + len(part.waiting), 'change')}? {which}"


def part_lines(part: Accepted) -> list[tuple[str, str]]:
    """What was accepted and cannot go yet, and why; then the lines of what goes."""
    lines = [("warn", f"! waits: {line}") for line in told(part.late)]
    if part.rest:
        rest = counted(len(part.rest), "change")
        lines.append(("quiet", f"not accepted, and shown again at the next plan: {rest}"))
    return lines + plan_lines(part.plan)


def reasons(changes: Iterable[Change[Indicator]]) -> list[str]:
    """Why so many rows change, the most first: `+     12  rule c2`."""
    counts = Counter((c.op, _SCORE.sub("", c.reason)) for c in changes)
    lines = [f"{SIGN[op]} {count:>6,}  {why}" for (op, why), count in counts.most_common(_REASONS)]
    if len(counts) > _REASONS:
        lines.append(f"  and {len(counts) - _REASONS:,} more reasons")
    return lines


def plan_lines(plan: SyncPlan) -> list[tuple[str, str]]:
    """Why so many rows change, what the brake holds, then every row."""
    lines = [("plain", line) for line in reasons(plan.changes)]
    if plan.held:
        lines.append(
            ("warn", f"! the brake holds {len(plan.held):,} more back: {plan.held_reason}")
        )
    counts = plan.counts
    rest = (("waiting", counts.waiting), ("suppressed", counts.suppressed), ("kept", counts.kept))
    told = ", ".join(f"{number:,} {word}" for word, number in rest if number)
    if told:
        lines.append(("quiet", f"beside them: {told}"))
    lines.append(("quiet", ""))
    lines += (
        (
            LOOK[c.op],
            (
                f"{SIGN[c.op]} {SHORT_TYPE[c.row.type]:<6} {c.row.value}  {c.row.action.value}, "
                f"{c.row.severity.value}  {c.reason}"
            ),
        )
        for c in plan.changes
    )
    return lines


def outcome(report: SyncReport) -> str:
    """What a sync came to, in one line."""
    failed = {feed.id for feed in report.failed}
    landed = sum(ident not in failed for ident in report.pulled)
    feeds = "1 feed" if landed == 1 else f"{landed:,} feeds" if landed else "no feed"
    if failed:
        feeds += f" ({len(failed):,} failed)"
    if report.applied is None:
        return f"synced {feeds}: the plan was not applied"
    applied = report.applied
    text = done(applied.created, applied.updated, applied.removed)
    undo = " · u undo" if applied.serial is not None else ""
    return f"synced {feeds}: {text}{undo}"
