"""`edit --editor`: rows as a text in the person's own editor, then one previewed step.

Refuses to lose what was typed: the file stays wherever nothing was applied.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tidegate.cli import diagnostics
from tidegate.cli.previews import always, settle
from tidegate.errors import ExitCode, TidegateError, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.service.editor import file_of, run_editor
from tidegate.service.preview import Preview
from tidegate.service.row_document import document, plan_document
from tidegate.service.workspace import Workspace


def in_editor(ws: Workspace, args: argparse.Namespace, rows: Sequence[Indicator]) -> int:
    """Open the rows, plan what was changed, show it, ask and apply. Raises TidegateError."""
    before = document(rows)
    path = file_of(before)
    try:
        preview = _edited(ws, rows, path)
        if preview is None:
            diagnostics.note("nothing to change")
            code = int(ExitCode.DONE)
        else:
            code = settle(ws, lambda: _again(ws, rows, path), args, asks=always, listed=True)
    except TidegateError:
        _keep_or_drop(path, before, keep=True)
        raise
    _keep_or_drop(path, before, keep=code != ExitCode.DONE or getattr(args, "dry_run", False))
    return code


def _edited(ws: Workspace, rows: Sequence[Indicator], path: Path) -> Preview | None:
    """Let the person edit until it can be read, or they give up."""
    while True:
        run_editor(path)
        try:
            return plan_document(ws, rows, path.read_text("utf-8"))
        except (UsageError, UnicodeDecodeError) as error:
            diagnostics.note(f"tidegate: {error}")
            if not diagnostics.interactive() or not diagnostics.ask("Open it again?"):
                raise UsageError("the text cannot be read", "nothing was changed") from error


def _again(ws: Workspace, rows: Sequence[Indicator], path: Path) -> Preview:
    preview = plan_document(ws, rows, path.read_text("utf-8"))
    if preview is None:
        raise UsageError("nothing to change", "the text is as the list")
    return preview


def _keep_or_drop(path: Path, before: str, *, keep: bool) -> None:
    if keep and path.read_bytes() != before.encode():
        diagnostics.note(f"what you typed is in {path}")
    else:
        path.unlink()
