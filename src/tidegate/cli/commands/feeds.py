"""`feeds list|show|report|add|enable|disable|check|rewind`."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from tidegate.cli import diagnostics, output
from tidegate.cli.commands import report
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode, UsageError
from tidegate.feed import FeedDefinition, TaxiiSource, Then
from tidegate.indicators.term import format_term, parse_moment
from tidegate.mapping.policy import DEFAULT_RULE
from tidegate.mapping.policy_lint import Finding
from tidegate.service import feeds
from tidegate.service.reporting import report_cards
from tidegate.service.runs import InFeed, of_feed
from tidegate.service.workspace import Workspace

_RUNS = 5
"""The runs that are told of a feed."""


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.what == "list":
            return _list(ws, args)
        if args.what == "show":
            return _show(ws, args)
        if args.what == "report":
            return report.show(ws, args)
        if args.what == "check":
            return _check(ws, args)
        ws.writable()
        if args.what == "add":
            ident = ws.catalogue.add(Path(args.folder), replace=args.replace).id
            _warn(ws, ident)
            told = f"feed {ident} added; `tidegate feeds check {ident}` tries it, `tidegate sync "
            told += f"{ident}` pulls it"
        elif args.what == "enable":
            ident = feeds.enable(ws, args.id).id
            told = f"feed {ident} is on; `tidegate sync {ident}` pulls it"
            if why := feeds.unwelcome(ws, ident):
                told += f"; {why}"
        elif args.what == "rewind":
            ident = args.id
            told = feeds.rewind(ws, ident, None if args.to is None else _moment(args.to))
        else:
            ident = feeds.disable(ws, args.id).id
            told = f"feed {ident} is off; its rows stay until they expire"
        if wants_json(args):
            output.json_line(feeds.show(ws, ident)[0].record())
        diagnostics.note(told)
    return ExitCode.DONE


def _warn(ws: Workspace, ident: str) -> tuple[Finding, ...]:
    """Say what is odd about a feed's policy, which is used as it is, and return it."""
    found = feeds.oddities(ws, ident)
    for finding in found:
        diagnostics.note(f"tidegate: warning: {finding.detail}")
    return found


def _moment(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError as fault:
        what, _, way = str(fault).rpartition(": ")
        raise UsageError(f"--to: {what}", way) from fault


def _list(ws: Workspace, args: argparse.Namespace) -> int:
    views = feeds.overview(ws)
    if wants_json(args):
        for view in views:
            output.json_line(view.record())
    else:
        output.table(
            (
                *("id", "state", "health", "age", "next", "unique", "objects", "rejected"),
                *("last success", "every", "trust", "kind", "title"),
            ),
            (_line(ws, view) for view in views),
            spare=(
                *("kind", "trust", "every", "last success", "rejected", "objects"),
                *("unique", "next"),
            ),
        )
        if not any(view.state == "on" for view in views):
            diagnostics.note(
                "no feed is on: try `tidegate feeds enable ID` or `tidegate feeds add DIR`"
            )
    return ExitCode.DONE


def _line(ws: Workspace, view: feeds.FeedView) -> tuple[object, ...]:
    """The cells of a feed, in the order of the columns."""
    seen, fresh = view.health, view.freshness
    return (
        view.id,
        view.state,
        fresh.word,
        None if fresh.age is None else _short(fresh.age),
        None if fresh.next_run is None else _short(fresh.next_run - ws.clock()),
        None if fresh.unique is None else f"{fresh.unique:.0%}",
        seen.objects,
        seen.rejected,
        seen.last_success,
        view.every or "on demand",
        view.trust,
        view.kind,
        view.error or seen.error or view.title,
    )


def _short(span: timedelta) -> str:
    """A span in its largest unit, rounded down; what is over is `now`."""
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h")):
        if span >= unit:
            return f"{span // unit}{name}"
    return f"{span // timedelta(minutes=1)}m" if span > timedelta() else "now"


def _show(ws: Workspace, args: argparse.Namespace) -> int:
    view, entry = feeds.show(ws, args.id)
    record = view.record()
    definition = entry.definition
    found, decided = _warn(ws, args.id), feeds.decided(ws, args.id)
    last = of_feed(ws, args.id, _RUNS)
    pulls = feeds.pulls(ws, args.id)
    cards = report_cards(ws, args.id)
    if wants_json(args):
        record["runs"] = [_run_record(each) for each in last]
        record["pulls"] = [pull.record() for pull in pulls]
        record["report"] = cards[0].record() if cards else None
        if definition is not None:
            record["warnings"] = [finding.record() for finding in found]
            record["decided"] = decided
            record["definition"] = definition.model_dump(mode="json", by_alias=True)
        output.json_line(record)
        return ExitCode.DONE
    record |= _for_people(view)
    if definition is not None:
        record |= _bounds(definition)
        if pulls:
            record["last pull"] = _pulled(pulls[0].record(), definition)
    for card in cards:
        record |= report.words(card, ws.clock())
    output.pairs(record.items())
    if definition is not None:
        output.text()
        otherwise = definition.default
        lines = [(f"rule {n}: {r.name}", r.name, r.then) for n, r in enumerate(definition.rules, 1)]
        for start, name, then in (*lines, ("otherwise", DEFAULT_RULE, otherwise)):
            output.text(f"{start} → {_outcome(then)}, {decided[name]:,} in the last sync")
    if last:
        output.text()
        output.table(
            ("last runs", "fetched", "pages", "objects", "grew", "and"),
            (
                (
                    run.began,
                    feed.fetched,
                    feed.pages,
                    feed.objects,
                    f"{feed.grew:+,}",
                    feed.error or feed.note,
                )
                for run, feed in last
            ),
            spare=("pages", "objects"),
        )
    return ExitCode.DONE


def _for_people(view: feeds.FeedView) -> dict[str, object]:
    """What people read in other words than scripts."""
    seen, fresh = view.health, view.freshness
    return {
        "last_success": seen.last_success,
        "last_attempt": seen.last_attempt,
        "next_run": fresh.next_run,
        "age": None if fresh.age is None else _short(fresh.age),
        "unique_share": None if fresh.unique is None else f"{fresh.unique:.0%}",
        "repairs": output.counted(view.repairs) or None,
        "error": view.error or seen.error or None,
    }


def _pulled(pull: Mapping[str, object], definition: FeedDefinition) -> str:
    """Where the last pull began and how far it came; --json has those before it."""
    told = f"{pull['objects']:,} object{'' if pull['objects'] == 1 else 's'}"
    if isinstance(definition.source, TaxiiSource):
        if pull["cursor"]:
            told += f", {pull['start'] or 'the beginning'} to {pull['cursor']}"
        told += " (a sweep)" if pull["sweep"] else ""
    return told if pull["ended"] else f"{told}, where it broke off"


def _run_record(each: InFeed) -> dict[str, object]:
    told = dataclasses.asdict(each.feed)
    del told["id"]
    return {"run": each.run.id, "began": each.run.began, **told}


def _outcome(then: Then) -> str:
    return "skip" if then.action is None else f"{then.action.value}, {then.severity.value}"


def _bounds(definition: FeedDefinition) -> dict[str, object]:
    """Where a feed comes from and what holds whatever its rules say, in words."""
    source, expiry = definition.source, definition.expiry
    terms = [f"{kind.value} {format_term(term)} at most" for kind, term in expiry.max.items()]
    if expiry.decay is not None:
        terms.append(f"decay until {expiry.decay.until}")
    return {
        "source": getattr(source, "path", "") or getattr(source, "url", ""),
        "tlp_default": definition.tlp_default,
        "expiry": terms,
        "not repaired": sorted(definition.unrepaired),
    }


def _check(ws: Workspace, args: argparse.Namespace) -> int:
    failed = False
    _warn(ws, args.id)
    for step in feeds.check(ws, args.id):
        failed = failed or not step.ok
        if wants_json(args):
            output.json_line({"step": step.step, "ok": step.ok, "detail": step.detail})
        else:
            output.text(f"{'+' if step.ok else 'x'} {step.step:<12} {step.detail}", hang=15)
    return ExitCode.FEED_FAILED if failed else ExitCode.DONE
