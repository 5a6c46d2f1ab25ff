"""Letting indicators out by file: exports that anybody may have, up to a TLP ceiling.

Refuses to write anywhere but where it is told; imports are `importing`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import ExportError
from tidegate.export.target import DEFAULT_CEILING, TARGETS, Rendered, Request, Skipped
from tidegate.service.look import select
from tidegate.service.terms import within_terms
from tidegate.service.workspace import Workspace
from tidegate.store.handout import is_stream, write_out

__all__ = ["DEFAULT_CEILING", "FORMATS", "Exported", "render", "write"]

__all__ = ["DEFAULT_CEILING", "FORMATS", "Exported", "render", "write"]

FORMATS = tuple(TARGETS)
"""The names of the formats that `render` writes."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: the files, and what it left out."""

    files: tuple[Path, ...]
    rendered: Rendered


def render(
    ws: Workspace,
    filter_text: str,
    *,
    format_name: str = "stix",
    tlp_max: str = DEFAULT_CEILING,
    identity: str = "Tidegate",
) -> Rendered:
    """Make an export of the rows that a filter selects. Raises FilterError and ExportError."""
    target = TARGETS[format_name]
    request = Request(ws.clock(), identity, ws.dialect, tlp_max)
    rows, skipped = select(ws, filter_text), list[Skipped]()
    if format_name == "stix":  # all else goes to the tenant's own portal
        rows, skipped = within_terms(ws, rows)
    rendered = target.render(rows, request)
    return dataclasses.replace(rendered, skipped=(*rendered.skipped, *skipped))


def write(rendered: Rendered, out: Path) -> Exported:
    """Write an export to `out`, or beside it when it takes several files.

    A file lands whole or not at all, readable by us only; a pipe or device is written into.
    Raises ExportError.
    """
    if not out.name or out.is_dir():
        raise ExportError(f"cannot write {out}: it is a folder", "name a file with --out")
    if len(rendered.files) > 1 and is_stream(out):
        raise ExportError(
            f"{out} is no file, and this export takes {len(rendered.files)} of them",
            "name a file with --out, or narrow the export to one type with --filter",
        )
    files = []
    try:
        for suffix, data in rendered.files:
            path = out.with_name(f"{out.stem}{suffix}{out.suffix}") if suffix else out
            write_out(path, data)
            files.append(path)
    except OSError as fault:
        raise ExportError(
            f"cannot write {out}: {fault.strerror}", "choose another --out"
        ) from fault
    return Exported(tuple(files), rendered)
