"""Letting indicators out by file: exports that anybody may have, up to a TLP ceiling.

Refuses to write anywhere but where it is told; imports are `importing`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import ExportError, UsageError
from tidegate.export import delete_list
from tidegate.export.target import DEFAULT_CEILING, TARGETS, Rendered, Request, Skipped
from tidegate.indicators.indicator import RowKey
from tidegate.indicators.text import safe
from tidegate.service.importing import read_named
from tidegate.service.look import select
from tidegate.service.terms import within_terms
from tidegate.service.workspace import Workspace
from tidegate.sources.import_file import ImportKind
from tidegate.store.handout import is_stream, write_out

__all__ = ["DEFAULT_CEILING", "FORMATS", "Exported", "Rendered", "format_of", "render", "write"]

FORMATS = tuple(TARGETS)
"""The names of the formats that `render` writes."""

_WITH_PREVIOUS = "--previous names CSV files of an earlier export, with --format portal-csv"


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
    previous: Sequence[Path] = (),
) -> Rendered:
    """Make an export of the rows that a filter selects. Raises FilterError and ExportError.

    `previous` are the files of an earlier export to the portal: then a list of what has to be
    deleted there goes along. Raises UsageError where they are something else.
    """
    target = TARGETS[format_name]
    if previous and not target.portal:
        raise UsageError("only what the portal holds is deleted by list", _WITH_PREVIOUS)
    listed = [each for path in previous for each in _listed(path)]
    request = Request(ws.clock(), identity, ws.dialect, tlp_max)
    rows, skipped = select(ws, filter_text), list[Skipped]()
    if not target.portal:  # which is the tenant's own
        rows, skipped = within_terms(ws, rows)
    rendered = target.render(rows, request)
    if not previous:
        return dataclasses.replace(rendered, skipped=(*rendered.skipped, *skipped))
    left_out = {skip.row.key: skip.code for skip in rendered.skipped}
    written = [row for row in rows if row.key not in left_out]
    data, count = delete_list.render(listed, written, left_out, request.now, ws.dialect)
    files = (*rendered.files, (delete_list.SUFFIX, data))
    return dataclasses.replace(rendered, files=files, withdrawn=count)


def format_of(out: Path) -> str:
    """The format that a file's name asks for: the portal's for `.csv`, else STIX."""
    return "portal-csv" if out.suffix.casefold() == ".csv" else FORMATS[0]


def _listed(path: Path) -> Iterator[delete_list.Listed]:
    """Read what an earlier export put into the portal: every line of it, or none."""
    reading = read_named(path)
    if reading.kind is not ImportKind.PORTAL_CSV:
        raise UsageError(f"{path.name} is no CSV of the portal", _WITH_PREVIOUS)
    for problem in reading.problems:
        if problem.code != "column_ignored":
            raise UsageError(
                f"{path.name}, line {problem.line}: {safe(problem.detail)}",
                "what cannot be read might be missing from the list; mend the file",
            )
    for row in reading.rows:
        if row.action is not None:  # a line of a CSV always says it
            key = RowKey(row.type, row.value, row.groups)
            yield delete_list.Listed(key, row.action, row.title, row.expires)


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
