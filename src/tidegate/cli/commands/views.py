"""`views list|save|delete`: names for a filter, an order and columns; `list --view` applies one."""

from __future__ import annotations

import argparse

from tidegate.cli import diagnostics, output
from tidegate.cli.columns import read_columns
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode
from tidegate.indicators.sorting import read_order
from tidegate.service import views
from tidegate.service.views import View, ViewEntry
from tidegate.service.workspace import Workspace


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.what == "list":
            _list(ws, args)
            return ExitCode.DONE
        if args.what == "delete":
            views.delete(ws, args.name)
            record, said = {"name": args.name, "deleted": True}, f"view {args.name} deleted"
        else:
            columns = read_columns(args.columns or "")
            view = View(args.name, " ".join(args.filter), read_order(args.sort or ""), columns)
            again = views.save(ws, view)
            record = {**_record(ViewEntry(view.name, view)), "replaced": again}
            said = f"view {view.name} {'replaced' if again else 'saved'}"
            said += f"; `tidegate list --view {view.name}` applies it"
    if wants_json(args):
        output.json_line(record)
    diagnostics.note(said)
    return ExitCode.DONE


def _record(entry: ViewEntry) -> dict[str, object]:
    view = entry.view
    return {
        "name": entry.name,
        "filter": view.filter if view else None,
        "order": str(view.order) if view else None,
        "columns": list(view.columns) if view else None,
        "error": str(entry.error) if entry.error else "",
    }


def _list(ws: Workspace, args: argparse.Namespace) -> None:
    records = [_record(entry) for entry in views.entries(ws.home)]
    if wants_json(args):
        for record in records:
            output.json_line(record)
    elif records:
        output.table(
            ("name", "order", "columns", "filter"),
            (
                (r["name"], r["order"], r["columns"] or "usual", r["error"] or r["filter"])
                for r in records
            ),
            spare=("columns",),
        )
    else:
        diagnostics.note("no views yet: `tidegate views save soon 'expires<7d' --sort expires`")
