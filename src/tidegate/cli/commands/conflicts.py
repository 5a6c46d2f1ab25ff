"""`conflicts list|resolve`: where people and feeds differ or rows overlap, and what decides."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import groupby

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.cli.previews import allow_words, answered, unanswered, until_fresh
from tidegate.errors import ExitCode, HeldBack, UsageError
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Op
from tidegate.service import disputes
from tidegate.service.apply import Applied, apply
from tidegate.service.conflicts import Conflict, chosen, conflicts, record, words
from tidegate.service.disputes import Dispute
from tidegate.service.resolving import Choice, Resolution, carry_out, plan_resolve
from tidegate.service.workspace import Workspace

_NONE = "no conflicts: what people set is what feeds want, or was kept knowingly"
_NONE_MATCHES = "no conflict matches; `tidegate conflicts list` shows all"


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.what == "list":
            return _list(ws, args)
        if not args.dry_run:
            ws.writable()
        return until_fresh(lambda: (_resolve if args.pick is None else _pick)(ws, args))


def _list(ws: Workspace, args: argparse.Namespace) -> int:
    filter_text = " ".join(args.filter)
    found = disputes.disputes(ws, filter_text, settled=args.settled)
    if wants_json(args):
        for it in found:
            output.json_line(disputes.record(it))
    elif found:
        for group, members in groupby(found, key=lambda it: it.group):
            output.text(f"{group}:")
            _table(tuple(members))
        diagnostics.note(
            f"{len(found):,} listed; settle with `tidegate conflicts resolve ID "
            "--mine | --theirs | --rule`, or --pick 1 | 2 … for the side that is to decide"
        )
        if more := disputes.shortened(found):
            diagnostics.note(more)
    else:
        diagnostics.note(_NONE_MATCHES if filter_text else _NONE)
    return ExitCode.DONE


def _table(found: Sequence[Dispute]) -> None:
    """One group: of rows that overlap the one that decides is told as mine, and by which rule."""
    output.table(
        ("id", "type", "value", "field", "mine", "theirs", "feeds", "rule"),
        (
            (
                it.id,
                SHORT_TYPE[it.about.type],
                it.about.value,
                "overlap" if it.conflict is None else it.conflict.field,
                *disputes.words(it),
                it.sides[0].row.feeds if it.conflict is None else it.conflict.feeds,
                it.rule,
            )
            for it in found
        ),
        spare=("type", "feeds", "rule"),
    )


def _pick(ws: Workspace, args: argparse.Namespace) -> int:
    """Let one side decide: of a conflict yours or theirs, of rows that overlap any of them."""
    if len(args.ids) != 1:
        raise UsageError("--pick takes one ID", "`tidegate conflicts list` shows them")
    ident = args.ids[0]
    if not disputes.is_overlap(ident):
        found = chosen(ws, args.ids)
        if len(found) > 1:
            raise UsageError(f"{ident} has several conflicts", "name one by its own id")
        args.choice = disputes.choice_of(disputes.of_conflict(ws, found[0]), args.pick)
        return _resolve(ws, args)
    plan = disputes.plan_pick(ws, disputes.overlapping(ws, ident), args.pick)
    # A row that leaves may let an Allow decide: whoever named the side has seen which.
    done = None if args.dry_run or plan.empty else apply(ws, plan)
    if wants_json(args):
        output.json_line(
            {
                "choice": f"pick {args.pick}",
                "plan": {op.value: plan.count(op) for op in Op},
                "suppressions": len(plan.suppressions),
                "applied": done is not None,
                "serial": None if done is None else done.serial,
            }
        )
        return ExitCode.DONE
    for change in plan.changes:
        does = "leaves the list" if change.after is None else "is kept as it is"
        output.text(f"{change.row.value}: {words(change.row.action)} {does}")
    if done is not None:
        diagnostics.note(f"{plan.reason} – `tidegate undo` takes it back")
    else:
        diagnostics.note("it is so already" if plan.empty else f"to be done: {plan.reason}")
    return ExitCode.DONE


def _named(ws: Workspace, args: argparse.Namespace) -> tuple[Conflict, ...]:
    if [bool(args.ids), args.filter is not None, args.all].count(True) != 1:
        raise UsageError("name IDs, a --filter or --all", "see `tidegate conflicts resolve --help`")
    for ident in filter(disputes.is_overlap, args.ids):
        raise UsageError(
            f"{ident} is of rows that overlap, with no yours and theirs",
            "`--pick 1` keeps what decides, `--pick 2` lets the next one",
        )
    return chosen(ws, args.ids) if args.ids else conflicts(ws, args.filter or "")


def _resolve(ws: Workspace, args: argparse.Namespace) -> int:
    choice = Choice(args.choice)
    found = _named(ws, args)
    resolution = plan_resolve(ws, found, choice)
    # All or nothing, where somebody named them one by one.
    if args.ids and resolution.refused:
        for line in resolution.refused[1:]:
            diagnostics.note(f"tidegate: {line.conflict.id}: {line.detail}")
        first = resolution.refused[0]
        raise UsageError(f"{first.conflict.id}: {first.detail}", "nothing was changed")
    # Who names conflicts one by one has seen them; a row that a feed wants allowed takes more.
    unasked = answered(resolution.plan, yes=args.yes or bool(args.ids))
    asking = not (args.dry_run or resolution.empty or unasked)
    if not wants_json(args) and (asking or args.dry_run or resolution.refused):
        _show(resolution)
    withheld = _withheld(resolution) if asking else None
    done = None
    if not args.dry_run and not resolution.empty and withheld is None:
        done = carry_out(ws, resolution)
    if wants_json(args):
        output.json_line(_record(resolution, choice, done))
    else:
        _say(resolution, done, found)
    if withheld is not None:
        return diagnostics.error(withheld)
    return ExitCode.USAGE if resolution.refused and resolution.empty else ExitCode.DONE


def _withheld(resolution: Resolution) -> HeldBack | None:
    """Ask about a decision; why it may not be carried out, or None when somebody said yes."""
    count = len(resolution.lines) - len(resolution.refused)
    allows = allow_words(resolution.plan)
    if diagnostics.interactive() and diagnostics.ask(
        f"{count:,} conflicts{allows}: resolve them so?"
    ):
        return None
    return unanswered(resolution.plan, f"planned, nothing applied: {count:,} conflicts")


def _show(resolution: Resolution) -> None:
    output.table(
        ("id", "value", "mine", "theirs", "verdict", "detail"),
        (
            (
                line.conflict.id,
                line.conflict.value,
                words(line.conflict.mine),
                words(line.conflict.theirs),
                line.verdict,
                line.detail,
            )
            for line in resolution.lines
        ),
        spare=("theirs", "mine"),
    )


def _say(resolution: Resolution, done: Applied | None, found: Sequence[Conflict]) -> None:
    if not found:
        diagnostics.note(_NONE_MATCHES)
        return
    count = sum(line.verdict in list(Choice) for line in resolution.lines)
    would = "" if done is not None else "to be "
    parts = [f"{count:,} {would}resolved"]
    if resolution.refused:
        parts.append(f"{len(resolution.refused):,} refused")
    undo = " – `tidegate undo` takes it back" if done is not None and done.serial else ""
    diagnostics.note(", ".join(parts) + undo)
    for feed, outcomes in resolution.rulings.by_feed.items():
        values = sum(len(values) for values, _ in outcomes)
        stays = ", and stays there when the change is undone" if done is not None else ""
        what = "a value" if values == 1 else f"{values:,} values"
        diagnostics.note(f"feed {feed}: a rule for {what} in its feed.toml{stays}")


def _record(resolution: Resolution, choice: Choice, done: Applied | None) -> dict[str, object]:
    plan = resolution.plan
    return {
        "choice": choice,
        "plan": {op.value: plan.count(op) for op in Op},
        "suppressions": len(plan.suppressions),
        "rules": [
            {"feed": feed, "action": then.action, "severity": then.severity, "values": values}
            for feed, outcomes in resolution.rulings.by_feed.items()
            for values, then in outcomes
        ],
        "lines": [
            {**record(line.conflict), "verdict": line.verdict, "detail": line.detail}
            for line in resolution.lines
        ],
        "applied": done is not None,
        "serial": None if done is None else done.serial,
    }
