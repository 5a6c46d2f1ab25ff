"""`export` and `import`: indicators out to a file or a partner, and in from a file."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from tidegate.cli import delivering, diagnostics, output
from tidegate.cli.opening import outside, wants_json, workspace
from tidegate.cli.previews import settle, when_allowing_or_asked
from tidegate.errors import ExitCode, ExportError, UsageError
from tidegate.indicators.kinds import Origin
from tidegate.service import sharing
from tidegate.service.importing import plan_import
from tidegate.service.workspace import Workspace


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    with workspace(args) as ws:
        if args.verb == "export":
            return _export(ws, args) if args.partner is None else delivering.run(ws, args)
        if not args.dry_run:
            ws.writable()
        path, origin = Path(args.file), Origin(args.origin)
        return settle(
            ws,
            lambda: plan_import(ws, path, origin, replace=args.replace),
            args,
            asks=when_allowing_or_asked,
            listed=True,
        )


def _export(ws: Workspace, args: argparse.Namespace) -> int:
    delivering.only_for_partners(args)
    if args.out is None:
        raise UsageError("an export goes to a file", "name one with --out, or a --partner")
    form = args.format or sharing.format_of(Path(args.out))
    if form not in sharing.FORMATS:
        raise UsageError(f"unknown format {form!r}", "one of " + ", ".join(sharing.FORMATS))
    out = outside(ws, args.out)
    if out.is_dir():
        raise ExportError(f"--out: {out} is a folder", "name a file in it")
    rendered = sharing.render(
        ws,
        args.filter or "",
        format_name=form,
        tlp_max=(sharing.DEFAULT_CEILING if args.tlp_max is None else args.tlp_max).casefold(),
        identity="Tidegate" if args.identity is None else args.identity,
        previous=[Path(each) for each in args.previous or ()],
    )
    done = sharing.write(rendered, out)
    reasons = Counter(skip.code for skip in rendered.skipped)
    if wants_json(args):
        output.json_line(
            {
                "files": [str(path) for path in done.files],
                "written": rendered.written,
                "withheld": rendered.withheld,
                **({} if rendered.withdrawn is None else {"withdrawn": rendered.withdrawn}),
                **({"guarded": rendered.guarded} if rendered.guarded else {}),
                "skipped": [
                    {"id": s.row.id, "value": s.row.value, "code": s.code, "detail": s.detail}
                    for s in rendered.skipped
                ],
            }
        )
    for path in done.files:
        diagnostics.note(f"wrote {path}")
    diagnostics.note(f"{rendered.written:,} indicators written")
    if rendered.guarded:
        diagnostics.note(
            f"{rendered.guarded:,} have a text that a spreadsheet would run as a formula: an"
            " apostrophe stands before it, which the portal shows"
        )
    if rendered.withdrawn is not None:
        diagnostics.note(f"{rendered.withdrawn:,} to delete in the portal before the import")
    for code, count in sorted(reasons.items()):
        example = next(s for s in rendered.skipped if s.code == code)
        diagnostics.note(
            f"{count:,} left out, {code}: {example.detail} (for example {example.row.value})"
        )
    return ExitCode.DONE
