"""`add`, `edit`, `remove`, `pin`, `unpin`: changes by hand, each previewed as one plan."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from tidegate.cli.editing import in_editor
from tidegate.cli.fields import fields_of
from tidegate.cli.opening import workspace
from tidegate.cli.previews import always, never, settle, when_allowing
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE, parse_type
from tidegate.service import edit, look
from tidegate.service.preview import Preview
from tidegate.service.workspace import Workspace

LARGEST_PASTE = 16 * 1024 * 1024
"""Characters read from stdin; more is no mail."""


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if not getattr(args, "dry_run", False):
            ws.writable()
        if args.verb == "add":
            return _add(ws, args)
        if args.verb == "edit" and args.editor:
            return in_editor(ws, args, _chosen(ws, args))
        if args.verb == "edit":
            fields = fields_of(ws, args)
            return _bulk(ws, args, lambda: edit.plan_edit(ws, _chosen(ws, args), fields))
        if args.verb == "remove":
            return _bulk(ws, args, lambda: edit.plan_remove(ws, _chosen(ws, args), args.reason))
        pinned = args.verb == "pin"
        return settle(
            ws,
            lambda: edit.plan_pin(ws, _named(ws, args.items), pinned=pinned),
            args,
            strict=True,
        )


def _bulk(ws: Workspace, args: argparse.Namespace, plan: Callable[[], Preview]) -> int:
    """Named rows are all or nothing; rows that a filter chose are shown and asked about."""
    by_filter = bool(args.filter)
    return settle(
        ws,
        plan,
        args,
        asks=always if by_filter else never,
        strict=not by_filter,
        listed=by_filter,
    )


def _add(ws: Workspace, args: argparse.Namespace) -> int:
    fields = fields_of(ws, args)
    if args.stdin:
        if args.values:
            raise UsageError("both VALUE and --stdin were given", "use one of them")
        text = sys.stdin.buffer.read(LARGEST_PASTE + 1).decode("utf-8", "replace")
        if len(text) > LARGEST_PASTE:
            raise UsageError("more than 16 MiB on stdin", "make it a feed: `tidegate feeds --help`")
        return settle(ws, lambda: _pasted(ws, text, fields), args, asks=when_allowing, listed=True)
    if not args.values:
        raise UsageError("no VALUE given", "see `tidegate add --help`")
    kind = None
    if args.type is not None:
        kind = parse_type(args.type)
        if kind is None:
            raise UsageError(
                f"unknown type {args.type!r}", "one of " + ", ".join(SHORT_TYPE.values())
            )
    # All or nothing: a script that names its values wants them all.
    return settle(ws, lambda: edit.plan_add(ws, args.values, fields, kind), args, strict=True)


def _pasted(ws: Workspace, text: str, fields: edit.Fields) -> Preview:
    preview = edit.plan_paste(ws, text, fields)
    if not preview.lines:
        raise UsageError("no indicator found on stdin", "see `tidegate add --help`")
    return preview


def _chosen(ws: Workspace, args: argparse.Namespace) -> list[Indicator]:
    if bool(args.items) == bool(args.filter):
        raise UsageError("name either ITEMs or a --filter", f"see `tidegate {args.verb} --help`")
    if args.filter:
        return list(look.select(ws, args.filter))
    return _named(ws, args.items)


def _named(ws: Workspace, items: Sequence[str]) -> list[Indicator]:
    """Find the rows that people named, each once however often and in whatever spelling."""
    found = {row.id: row for row in (look.find(ws, item) for item in items)}
    return list(found.values())
