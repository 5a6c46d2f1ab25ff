"""`match`: events through the engines, a plan before it is let in, a scan, one event, cases."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import orjson

from tidegate.cli import diagnostics, foreseen, impacts, output, verdicts
from tidegate.cli.opening import outside, wants_json, workspace
from tidegate.engines.verdict import Engine
from tidegate.errors import ExitCode, UsageError
from tidegate.service import cases
from tidegate.service.alerts import AlertFile
from tidegate.service.apply import load_plan
from tidegate.service.foreseeing import Given, foresee, given
from tidegate.service.impact import preview
from tidegate.service.judging import ALL, Judged, court, event_of, record_of
from tidegate.service.matching import Asked, Counts, match
from tidegate.service.scanning import scan
from tidegate.service.trying import try_policy
from tidegate.service.workspace import Workspace

_OFTEN = 20_000
"""Events between two signs of life."""


def run(args: argparse.Namespace) -> int:
    """Run `match`. Verdicts are the answer: the exit code is 0 whatever they are."""
    _check(args)
    with workspace(args) as ws:
        if args.plan_file is not None and not args.files:
            return _foresee(ws, args)
        if args.cases:
            return _cases(ws, args)
        if args.value is not None or args.event is not None:
            _one(ws, args)
        elif args.plan_file is not None or args.policy is not None:
            _impact(ws, args)
        else:
            _events(ws, args)
    return ExitCode.DONE


def _check(args: argparse.Namespace) -> None:
    """Raise UsageError for what does not go together."""
    one = args.value is not None or args.event is not None
    ways = {
        "--value": args.value is not None,
        "--event": args.event is not None,
        "--cases": args.cases,
        "--plan": args.plan_file is not None,
        "--policy": args.policy is not None,
        "--scan": args.scan is not None,
    }
    chosen = [way for way, given in ways.items() if given]
    if chosen[1:] == ["--plan"] and not args.files and args.save is None:
        return  # one event, or the cases, under a plan
    if len(chosen) > 1:
        raise UsageError(f"{chosen[0]} and {chosen[1]} do not go together", "choose one of them")
    if args.save is not None and not one:
        raise UsageError("--save needs an event", "name it with --value or --event")
    if (one or args.cases) and args.files:
        raise UsageError(f"{chosen[0]} takes no FILE", "leave out one of them")
    if not (one or args.cases or args.files):
        raise UsageError("no events given", "name a FILE, - for stdin, or use --value")
    if args.scan is not None and args.engine not in (None, "cloud_detection"):
        raise UsageError("--scan is cloud detection", "leave out --engine")
    if args.files.count("-") > 1:
        raise UsageError("stdin can be read once", "name - once")


def _asked(args: argparse.Namespace) -> Asked:
    return Asked(tuple(args.files), _engines(args), args.finding, args.devices, args.misses)


def _engines(args: argparse.Namespace) -> tuple[Engine, ...]:
    return ALL if args.engine in (None, "all") else (Engine(args.engine),)


def _events(ws: Workspace, args: argparse.Namespace) -> None:
    """Run files, as a scan or as they are."""
    counts = Counts(beat=_Watch())
    first: list[Judged] = []
    with _alerts(ws, args) as alerts:

        def settle() -> None:
            sys.stdout.flush()
            if alerts is not None:
                alerts.flush()

        asked = _asked(args)
        if wants_json(args) and args.scan is None:
            asked = dataclasses.replace(asked, misses=True)  # scripts get an answer to each event
        found = (
            match(ws, asked, counts)
            if args.scan is None
            else scan(ws, args.scan, asked, counts, settle)
        )
        for judged in found:
            if alerts is not None:
                alerts.write(judged)
            if wants_json(args):
                verdicts.write_records(judged)
            elif len(first) < args.limit:
                first.append(judged)
    if not wants_json(args):
        verdicts.summary(counts)
        verdicts.hits(first)
    verdicts.problems(counts)
    if args.scan is not None and ws.read_only:
        diagnostics.note("read-only: what was found will be found again")


def _alerts(
    ws: Workspace, args: argparse.Namespace
) -> contextlib.AbstractContextManager[AlertFile | None]:
    if args.alerts is None:
        return contextlib.nullcontext()
    path = outside(ws, args.alerts, "--alerts")
    if any(os.path.realpath(name) == os.path.realpath(path) for name in args.files):
        raise UsageError(f"--alerts: {path} holds the events", "choose another place")
    return AlertFile(path, append=args.scan is not None)


class _Watch:
    """Shows a sign of life on a terminal, not too often."""

    def __init__(self) -> None:
        self._due = _OFTEN

    def __call__(self, events: int) -> None:
        """Hear how many events were read so far."""
        if events >= self._due:
            self._due = events + _OFTEN
            diagnostics.progress(f"{events:,} events")


def _one(ws: Workspace, args: argparse.Namespace) -> None:
    """Ask about one event, and keep it if wanted."""
    if args.save is not None:
        ws.writable()
    record = _record(args)
    event, stated, odd = event_of(ws, record)
    judge = court(ws, ws.store.active(ws.clock()), engines=_engines(args), finding=args.finding)
    judged = Judged(event, judge.judge(event, stated))
    if wants_json(args):
        verdicts.write_records(judged)
    else:
        verdicts.side_by_side(judged)
    for problem in odd:
        diagnostics.note(f"{problem.words}")
    if args.save is not None:
        again = cases.save(ws, args.save, record, args.finding)
        diagnostics.note(f"case {args.save} {'replaced' if again else 'saved'}")


def _record(args: argparse.Namespace) -> dict[str, Any]:
    if args.value is not None:
        return dict(record_of(args.value, args.group))
    try:
        record = orjson.loads(args.event)
    except orjson.JSONDecodeError as fault:
        raise UsageError(f"--event is no JSON: {fault}", "quote it for the shell: '{…}'") from None
    if not isinstance(record, dict):
        raise UsageError("--event is no JSON object", 'such as {"RemoteUrl": "c2.example.com"}')
    inner = record.get("properties")
    record = inner if isinstance(inner, dict) else record
    return {**record, **({"MachineGroup": args.group} if args.group else {})}


def _foresee(ws: Workspace, args: argparse.Namespace) -> int:
    """Tell what a plan would make of one event, or of the cases."""
    plan = load_plan(Path(args.plan_file))
    asked = given(ws) if args.cases else [Given("", _record(args), args.finding)]
    if not args.cases:
        event_of(ws, asked[0].record)  # says what is wrong with it
    found = foresee(ws, plan, asked, _engines(args))
    if wants_json(args):
        for each in found:
            foreseen.write_records(each)
    else:
        foreseen.table(found, every=not args.cases)
    changed = any(each.changed for each in found)
    return ExitCode.HELD if changed and args.strict else ExitCode.DONE


def _impact(ws: Workspace, args: argparse.Namespace) -> None:
    """Preview a plan, or what a policy that is not saved would plan."""
    counts = Counts(beat=_Watch())
    if args.policy is None:
        plan = load_plan(Path(args.plan_file))
    else:
        plan = try_policy(ws, Path(args.policy), diagnostics.progress).plan
    found = preview(ws, plan, _asked(args), counts)
    if wants_json(args):
        for impact in found:
            output.json_line(impacts.record(impact))
    else:
        impacts.table(found, counts, args.limit)
    verdicts.problems(counts)


def _cases(ws: Workspace, args: argparse.Namespace) -> int:
    """Ask the saved cases again."""
    found = cases.replay(ws)
    changed = [case for case in found if case.changed]
    if wants_json(args):
        for case in found:
            output.json_line(
                {"case": case.name, "changed": case.changed, "then": case.then, "now": case.now}
            )
    elif changed:
        output.table(
            ("case", "engine", "then", "now", "reason"),
            (
                (
                    case.name,
                    verdict.engine,
                    _word(case.then.get(verdict.engine)),
                    _word(case.now[verdict.engine]),
                    verdict.words,
                )
                for case in changed
                for verdict in case.verdicts
                if verdict.engine in case.changed
            ),
        )
    many = "1 case" if len(found) == 1 else f"{len(found):,} cases"
    diagnostics.note(f"{many} asked again, {len(changed):,} with another verdict")
    return ExitCode.HELD if changed and args.strict else ExitCode.DONE


def _word(facts: dict[str, Any] | None) -> str:
    """A verdict in a few words: what differs may be the row or the alert alone."""
    if facts is None:
        return "-"
    parts = [str(facts.get("verdict")), str(facts.get("value") or "")]
    if alert := facts.get("alert"):
        parts.append(f"{alert.get('severity')}: {alert.get('title')}")
    if facts.get("remediated"):
        parts.append("remediated")
    return " · ".join(part for part in parts if part)
