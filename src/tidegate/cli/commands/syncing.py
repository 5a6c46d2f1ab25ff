"""`sync`, `plan`, `apply`: from feeds to the list."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tidegate.cli import diagnostics, output
from tidegate.cli.accepting import Question, waits_on
from tidegate.cli.opening import outside, wants_json, workspace
from tidegate.cli.plans import plan_record, plan_sizes, show_plan
from tidegate.cli.previews import unanswered
from tidegate.cli.summary import summary
from tidegate.errors import ExitCode, UsageError
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.service.accepting import Accepted, Only, accept
from tidegate.service.apply import Applied, apply, check_base, load_plan, save_plan
from tidegate.service.due import due_among, next_of
from tidegate.service.held import remember
from tidegate.service.moves import SIGN
from tidegate.service.planning import Evaluation, evaluate
from tidegate.service.pulling import chosen_feeds
from tidegate.service.sync import SyncReport, keep, settle, settle_part, sizes, sync
from tidegate.service.trying import Trial, try_policy
from tidegate.service.workspace import Workspace, active_feeds


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.verb == "sync":
            return _sync(ws, args)
        if args.verb == "plan":
            return _plan(ws, args)
        return _apply(ws, args)


def _sync(ws: Workspace, args: argparse.Namespace) -> int:
    if args.due:
        ws.writable()
        if not due_among(ws, chosen_feeds(ws, args.feeds)):
            return _nothing_due(ws, args)
    question = Question(ws, args)
    report = sync(
        ws,
        args.feeds,
        due=args.due,
        dry_run=args.dry_run,
        confirm=question,
        progress=diagnostics.progress,
    )
    if wants_json(args):
        output.json_line(report_record(report))
    else:
        if args.dry_run:
            show_plan(report.plan)
        show_report(report)
        if report.run is not None:
            output.text(summary(report.run))
    for feed in report.feeds:
        if feed.note:
            diagnostics.note(f"tidegate: feed {feed.id}: {feed.note}")
    for feed in report.failed:
        diagnostics.note(f"tidegate: feed {feed.id} failed: {feed.error}")
    if report.part is not None:
        diagnostics.note(waits_on(report.part))
    _note(report.notes)
    return _code(
        report.plan,
        failed=bool(report.failed),
        unconfirmed=question.refused,
        held_id=report.held_id,
        part=report.part,
    )


def _note(notes: Iterable[str]) -> None:
    for each in notes:
        diagnostics.note(f"tidegate: {each}")


def _nothing_due(ws: Workspace, args: argparse.Namespace) -> int:
    """Say when there will be something; on stdout, as cron would mail it from stderr."""
    turn = next_of(ws)
    if wants_json(args):
        output.json_line({**nothing_record(), "next": turn and turn.at})
    elif turn is None:
        output.text("nothing is due: no feed that is on says how often (`every` in its feed.toml)")
    else:
        output.text(f"nothing is due; next is {turn.feed} at {turn.at:%Y-%m-%d %H:%M}Z")
    return ExitCode.DONE


def _code(
    plan: SyncPlan,
    *,
    failed: bool,
    unconfirmed: bool,
    held_id: str = "",
    part: Accepted | None = None,
) -> int:
    if plan.held:
        diagnostics.note(
            f"tidegate: the brake holds {len(plan.held):,} changes: {plan.held_reason}"
        )
    if held_id:
        diagnostics.note(
            f"tidegate: look with `tidegate held list`, approve with "
            f"`tidegate held approve {held_id}`"
        )
    if unconfirmed:
        return diagnostics.error(unanswered(plan, "planned, nothing applied"))
    if failed:
        return ExitCode.FEED_FAILED
    return ExitCode.HELD if plan.held or (part is not None and part.late) else ExitCode.DONE


def report_record(report: SyncReport) -> dict[str, Any]:
    """A sync under the names of the JSON contract."""
    return {
        "pulled": report.pulled,
        "feeds": [dataclasses.asdict(feed) for feed in report.feeds],
        "plan": sizes(report.plan),
        **({} if report.part is None else {"accepted": report.part.count()}),
        "applied": report.applied is not None,
        "serial": report.applied.serial if report.applied else None,
        "held_id": report.held_id or None,
        "run": report.run.id if report.run else None,
    }


def nothing_record() -> dict[str, Any]:
    """The record of a sync that did not come to a plan."""
    return report_record(SyncReport((), SyncPlan("", 0, "sync", "nothing"), None))


def show_report(report: SyncReport) -> None:
    """Print the feeds of a sync, those whose turn it was or that failed, and what it did."""
    told = [feed for feed in report.feeds if feed.id in report.pulled or feed.error]
    output.table(
        ("feed", "fetched", "indicators", "mapped", "rejected", "ended", "candidates"),
        (
            (f.id, f.fetched, f.indicators, f.mapped, f.rejected, f.ended, f.candidates)
            for f in told
        ),
    )
    output.text()
    if others := len(report.feeds) - len(told):
        output.text(f"planned with what {others:,} more said last: `tidegate feeds list`")
    for feed in told:
        if feed.repairs:
            output.text(f"{feed.id} read leniently: {output.counted(feed.repairs)}", hang=2)
    output.text(plan_sizes(report.plan))
    if report.applied is not None and report.applied.serial is not None:
        output.text(f"applied as change {report.applied.serial}; `tidegate undo` takes it back")
    elif report.applied is not None:
        output.text("nothing to change")


def _plan(ws: Workspace, args: argparse.Namespace) -> int:
    if args.policy is not None:
        return _try(ws, args)
    out = None if args.out is None else _writable(outside(ws, args.out))
    evaluation = evaluate(ws, active_feeds(ws), diagnostics.progress)
    plan = evaluation.plan
    if out is not None:
        try:
            save_plan(out, plan)
        except OSError as fault:
            what = fault.strerror or str(fault)
            raise UsageError(f"--out: cannot write {out}: {what}", "choose another") from fault
    if wants_json(args):
        output.json_line(plan_record(plan))
    else:
        show_plan(plan)
        output.text(plan_sizes(plan))
    if out is not None:
        diagnostics.note(f"written to {out}; `tidegate apply {out}` applies it")
    _note(evaluation.notes)
    return _code(plan, failed=False, unconfirmed=False)


def _try(ws: Workspace, args: argparse.Namespace) -> int:
    """Plan with a policy that is not saved; no file of it, for the next sync would take it back."""
    if args.out is not None:
        raise UsageError(
            "--policy only shows; it writes no plan", "save the policy, then `tidegate plan --out`"
        )
    trial = try_policy(ws, Path(args.policy), diagnostics.progress)
    if wants_json(args):
        output.json_line({**plan_record(trial.plan), "policy": _trial_record(trial)})
    else:
        show_plan(trial.plan)
        output.text(plan_sizes(trial.plan))
        output.text()
        _show_trial(trial)
    for finding in trial.oddities:
        diagnostics.note(f"tidegate: warning: {finding.detail}")
    if trial.source_differs:
        diagnostics.note(
            f"tidegate: {args.policy} names another source: "
            f"this is planned from what the saved one said last"
        )
    return _code(trial.plan, failed=False, unconfirmed=False)


def _trial_record(trial: Trial) -> dict[str, Any]:
    """What a policy would change, under the names of the JSON contract."""
    return {
        "feed": trial.feed.id,
        "today": sizes(trial.today),
        "warnings": [finding.record() for finding in trial.oddities],
        "differs": {op.value: trial.count(op) for op in Op},
        "by_rule": [
            {"op": op, "rule": rule or None, "rows": rows} for op, rule, rows in trial.by_rule()
        ],
    }


def _show_trial(trial: Trial) -> None:
    """Print how the list would end otherwise than under the saved policy."""
    if not trial.differences:
        output.text(f"beside today's policy of {trial.feed.id}: no row differs")
        return
    counted = "  ".join(f"{op.value} {trial.count(op):,}" for op in Op)
    output.text(f"beside today's policy of {trial.feed.id}: {counted}")
    output.table(
        ("", "rows", "by rule"),
        (
            (SIGN[op], f"{rows:>6,}", rule or "(rows of other feeds)")
            for op, rule, rows in trial.by_rule()
        ),
    )


def _writable(out: Path) -> Path:
    """Refuse, before the work is done, a name that no plan can be written to."""
    if out.is_dir():
        raise UsageError(f"--out: {out} is a folder", "name a file in it")
    if not out.parent.is_dir():
        raise UsageError(f"--out: there is no folder {out.parent}", "make it first")
    return out


def _apply(ws: Workspace, args: argparse.Namespace) -> int:
    ws.writable()
    evaluation, held_id = None, ""
    if args.file:
        plan = load_plan(Path(args.file))
        check_base(ws, plan, rebase=args.rebase)
    else:
        evaluation = evaluate(ws, active_feeds(ws), diagnostics.progress)
        plan = evaluation.plan
        # Before the question, as a sync does: what is withheld stays so whatever the answer is.
        held_id = remember(ws, plan)
    question = Question(ws, args)
    done: Applied | None = None
    part: Accepted | None = None
    answer = plan.empty or question(plan)
    if isinstance(answer, Only):
        part = accept(ws, plan, answer.names)
    if answer:
        done = _carried_out(ws, args, plan, evaluation, part)
        if evaluation is None and plan.held:
            # An old file may not displace what a later plan withheld: it counts once it was
            # applied, and one that withholds nothing says nothing about that.
            held_id = remember(ws, plan)
    if wants_json(args):
        output.json_line(
            {
                "plan": sizes(plan),
                **({} if part is None else {"accepted": part.count()}),
                "applied": done is not None,
                "serial": done.serial if done else None,
                "held_id": held_id or None,
            }
        )
    elif done is not None:
        output.text(f"added {done.created:,}, changed {done.updated:,}, removed {done.removed:,}")
    if part is not None:
        diagnostics.note(waits_on(part))
    _note(() if evaluation is None else evaluation.notes)
    return _code(plan, failed=False, unconfirmed=question.refused, held_id=held_id, part=part)


def _carried_out(
    ws: Workspace,
    args: argparse.Namespace,
    plan: SyncPlan,
    evaluation: Evaluation | None,
    part: Accepted | None,
) -> Applied:
    """Apply a plan, or what was accepted of it."""
    if evaluation is None:
        return apply(ws, plan if part is None else part.plan, rebase=args.rebase)
    done = settle(ws, evaluation) if part is None else settle_part(ws, evaluation, part)
    keep(ws, evaluation)
    return done
