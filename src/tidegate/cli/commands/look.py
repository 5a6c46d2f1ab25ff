"""`list`, `show`, `why`: looking, changing nothing."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from datetime import datetime

from tidegate.cli import diagnostics, output
from tidegate.cli.columns import CELLS, keys_of, read_columns, spare_of
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode
from tidegate.indicators.enforceability import notes_of
from tidegate.indicators.facets import facets, tally
from tidegate.indicators.filter import parse
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.sorting import read_order
from tidegate.service import look, views
from tidegate.service.views import View
from tidegate.service.why import explain
from tidegate.service.workspace import Workspace

_MARKS = {"ok": "+", "no": "x", "note": "·"}


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    verbs = {
        "list": _list,
        "show": _show,
        "why": _why,
    }
    with workspace(args) as ws:
        verbs[args.verb](ws, args)
    return ExitCode.DONE


def _list(ws: Workspace, args: argparse.Namespace) -> None:
    view = views.find(ws.home, args.view) if args.view else View("")
    order = view.order if args.sort is None else read_order(args.sort)
    keys = keys_of(view.columns if args.columns is None else read_columns(args.columns))
    narrowed = parse(" ".join(args.filter))
    now = ws.clock()
    found = order.sorted(row for row in look.select(ws, view.filter) if narrowed.matches(row, now))
    if args.facets:
        _facets(found, now, args)
        return
    shown = found if args.limit is None else found[: max(args.limit, 0)]
    if wants_json(args):
        for row in shown:
            output.json_line(output.row_record(row))
    elif shown:
        rows = (tuple(CELLS[key](row) for key in keys) for row in shown)
        output.table(keys, rows, spare=spare_of(keys))
    if len(shown) < len(found):
        diagnostics.note(f"{len(shown):,} of {len(found):,} shown")
    elif not found and (args.filter or view.filter):
        diagnostics.note("no indicator matches; leave out a part of the filter")
    elif not found:
        diagnostics.note(
            "the list is empty: `tidegate demo` shows one, `tidegate feeds list` what can fill it, "
            "`tidegate add VALUE` begins by hand"
        )


def _facets(found: Sequence[Indicator], now: datetime, args: argparse.Namespace) -> None:
    counted = tally(found, now)
    records = [
        {"field": facet.field, "word": facet.word, "rows": facet.count, "filter": facet.term}
        for facet in facets(counted, counted)
    ]
    if wants_json(args):
        for record in records:
            output.json_line(record)
    else:
        keys = ("field", "word", "rows", "filter")
        output.table(keys, (tuple(record[key] for key in keys) for record in records))


def _show(ws: Workspace, args: argparse.Namespace) -> None:
    row = look.find(ws, args.item)
    record = output.row_record(row)
    if wants_json(args):
        output.json_line(record)
        return
    record["sources"] = [f"{s.feed} {s.stix_id} ({s.rule})" for s in row.sources]
    record["owned"] = [f"{name} (feed: {value})" for name, value in sorted(row.owned.items())]
    record["overrides"] = [f"{guard}: {why}" for guard, why in sorted(row.overrides.items())]
    record["expires"] = row.expires or "never"
    record["groups"] = row.groups or "all devices"
    del record["context"]
    record |= {name.replace("_", " "): "; ".join(texts) for name, texts in row.context.items()}
    record["note"] = row.note or None
    record["notes"] = [f"{note.code}: {note.text}" for note in notes_of(row)]
    output.pairs(record.items())


def _why(ws: Workspace, args: argparse.Namespace) -> None:
    trace = explain(ws, args.value)
    if wants_json(args):
        output.json_line(dataclasses.asdict(trace))
        return
    output.text(f"{trace.value}  {trace.headline}")
    for step in trace.steps:
        output.text(f"  {_MARKS[step.mark]} {step.stage:<12} {step.text}", hang=17)
