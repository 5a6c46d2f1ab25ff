"""Showing a preview, asking where one should ask, applying, and saying what was done.

Somebody else may change the list between the plan and its application: then it is planned again,
and asked again, so that two scripts that each add a value do not fail each other.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json
from tidegate.errors import ExitCode, HeldBack, StalePlan, UsageError
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.service.apply import apply
from tidegate.service.preview import Line, Preview, claimed
from tidegate.service.workspace import Workspace

ATTEMPTS = 6
"""A plan and up to five more, when others keep being quicker; then it is exit 6."""

_PAUSE = 0.02
"""Seconds; doubled from attempt to attempt, and drawn at random so that rivals part."""

Result = TypeVar("Result")
Asks = Callable[[SyncPlan], bool]
"""Whether a plan needs somebody's yes."""


def never(_: SyncPlan) -> bool:
    """For rows that a person named one by one."""
    return False


def always(_: SyncPlan) -> bool:
    """For rows that a filter chose: nobody has seen them yet."""
    return True


def when_allowing(plan: SyncPlan) -> bool:
    """For a text that somebody pasted: Allow switches protection off, so it takes a second look."""
    return plan.allowing > 0


def when_allowing_or_asked(plan: SyncPlan) -> bool:
    """For a file that somebody named: a question costs nothing where it can be answered."""
    return diagnostics.interactive() or when_allowing(plan)


def answered(plan: SyncPlan, *, yes: bool) -> bool:
    """Whether a yes that was given beforehand answers for a plan of feeds' wishes.

    It does not where rows become Allow: that takes a person who has seen which.
    """
    return yes and not plan.allowing


def unanswered(plan: SyncPlan, what: str) -> HeldBack:
    """Why a plan of feeds' wishes is left as it is: nobody said yes, or nobody could be asked."""
    if diagnostics.interactive():
        return HeldBack("not confirmed", "nothing was changed")
    if count := plan.allowing:
        return HeldBack(
            f"{what}: {count:,} would become Allow, which --yes does not answer", "use a terminal"
        )
    return HeldBack(what, "add --yes, or use a terminal")


def allow_words(plan: SyncPlan) -> str:
    """How many rows become Allow, to end a question with; nothing where none does."""
    count = plan.allowing
    return f", {count:,} of them Allow" if count else ""


_WARNINGS = 5
"""How many warnings a person reads."""


def until_fresh(attempt: Callable[[], Result]) -> Result:
    """Plan and apply, anew when somebody else was quicker. Raises StalePlan after `ATTEMPTS`."""
    for number in range(ATTEMPTS - 1):
        try:
            return attempt()
        except StalePlan:
            time.sleep(random.uniform(0, _PAUSE * 2**number))  # noqa: S311 - nothing secret
    return attempt()


def settle(
    ws: Workspace,
    plan: Callable[[], Preview],
    args: argparse.Namespace,
    *,
    asks: Asks = never,
    strict: bool = False,
    listed: bool = False,
) -> int:
    """Make a preview, apply it and return the exit code.

    `strict` refuses everything when one line is refused. `listed` shows every line, as the person
    did not type them one by one. Without a terminal, a plan that needs a yes is shown and left.
    """
    return until_fresh(lambda: _settle(ws, plan(), args, asks, strict=strict, listed=listed))


def _settle(
    ws: Workspace,
    preview: Preview,
    args: argparse.Namespace,
    asks: Asks,
    *,
    strict: bool,
    listed: bool,
) -> int:
    plan = preview.plan
    dry = getattr(args, "dry_run", False)
    if strict and preview.refused:
        for line in preview.refused[1:]:
            diagnostics.note(f"tidegate: {_about(line)}{_reason(line)}")
        first = preview.refused[0]
        raise UsageError(f"{_about(first)}{first.detail}", first.hint or "nothing was changed")
    asking = not dry and not plan.empty and not getattr(args, "yes", False) and asks(plan)
    shown = not wants_json(args) and (listed or dry)
    if shown and asking:
        _show(preview.lines)
    withheld = _withheld(plan) if asking else None
    serial = None
    applied = False
    if not dry and not plan.empty and withheld is None:
        serial = apply(ws, plan).serial
        applied = True
    if shown and not asking:
        _show(preview.lines)
    _say(preview, args, serial, applied=applied)
    if withheld is not None:
        return diagnostics.error(withheld)
    # Lines are refused one by one only in lists; when nothing at all could be done, that is 2.
    return ExitCode.USAGE if preview.refused and plan.empty else ExitCode.DONE


def _withheld(plan: SyncPlan) -> HeldBack | None:
    """Ask about a plan; why it may not be applied, or None when somebody said yes."""
    allows = allow_words(plan)
    if not diagnostics.interactive():
        what = f"planned, nothing applied: {len(plan.changes):,} rows to {plan.door}{allows}"
        return HeldBack(what, "add --yes, or use a terminal")
    if diagnostics.ask(f"{len(plan.changes):,} rows{allows}: {plan.door} them?"):
        return None
    return HeldBack("not confirmed", "nothing was changed")


def _say(preview: Preview, args: argparse.Namespace, serial: int | None, *, applied: bool) -> None:
    plan = preview.plan
    if wants_json(args):
        output.json_line(
            {
                "plan": {op.value: plan.count(op) for op in Op},
                "lines": [line_record(line) for line in preview.lines],
                "ids": [c.after.id for c in plan.changes if c.after is not None],
                "applied": applied,
                "serial": serial,
            }
        )
        return
    kept = claimed(plan)
    counts = ", ".join(
        f"{count:,} {word}"
        for word, count in (
            ("added" if applied else "to add", plan.count(Op.CREATE)),
            ("changed" if applied else "to change", plan.count(Op.UPDATE) - kept),
            ("already so and yours from now on", kept),
            ("removed" if applied else "to remove", plan.count(Op.REMOVE)),
            ("ours already", sum(line.verdict == "ours" for line in preview.lines)),
            ("refused", len(preview.refused)),
        )
        if count
    )
    undo = " – `tidegate undo` takes it back" if applied else ""
    diagnostics.note(f"{counts or 'nothing to change'}{undo}")
    warnings = [
        text if text.startswith(line.value) else f"{line.value}: {text}"
        for line in preview.lines
        for text in line.warnings
    ]
    for warning in warnings[:_WARNINGS]:
        diagnostics.note(f"warning: {warning}")
    if (more := len(warnings) - _WARNINGS) > 0:
        diagnostics.note(f"and {more:,} more warnings; --dry-run --json lists them")


def line_record(line: Line) -> dict[str, Any]:
    """A preview line under the names of the JSON output."""
    return {
        "line": line.line,
        "text": line.text,
        "type": line.type,
        "value": line.value,
        "verdict": line.verdict,
        "detail": line.detail,
        "warnings": line.warnings,
        "hint": line.hint,
    }


def _about(line: Line) -> str:
    """Which value a reason is about, unless it says so itself."""
    return "" if line.text in line.detail else f"{line.text}: "


def _reason(line: Line) -> str:
    return f"{line.detail} ({line.hint})" if line.hint else line.detail


def _show(lines: tuple[Line, ...]) -> None:
    numbered = any(line.line is not None for line in lines)
    columns = ("line", "verdict", "type", "value", "detail")
    rows = (
        (
            line.line,
            line.verdict,
            SHORT_TYPE[line.type] if line.type else None,
            line.value or line.text,
            _reason(line),
        )
        for line in lines
    )
    start = 0 if numbered else 1
    output.table(columns[start:], (row[start:] for row in rows), spare=("line", "type")[start:])
