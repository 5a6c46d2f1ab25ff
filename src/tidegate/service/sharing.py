"""Letting indicators out and in by file: free exports, and imports as plans.

An import of foreign rows records what others keep in the tenant: they take slots and are never
edited, and importing again brings them up to date. Refuses to write anywhere but where it is told.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import BundleError, ExportError, HeldBack, IndicatorError, UsageError
from tidegate.export.target import DEFAULT_CEILING, TARGETS, Rendered, Request
from tidegate.indicators.indicator import Indicator, RowKey, row_id
from tidegate.indicators.kinds import Action, Origin
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.apply import check_row
from tidegate.service.edit import (
    DEFAULT_ACTION,
    DEFAULT_SEVERITY,
    DEFAULT_TERM,
    Line,
    Preview,
    cut,
    to_millisecond,
)
from tidegate.service.look import select
from tidegate.service.workspace import Workspace
from tidegate.sources.bundle_file import MAX_BYTES, read_regular_file
from tidegate.sources.import_file import ImportReading, ImportRow, read_import
from tidegate.store.files import replace

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
    return target.render(select(ws, filter_text), request)


def write(rendered: Rendered, out: Path) -> Exported:
    """Write an export beside or at `out`, each file whole or not at all, readable by us only."""
    files = []
    try:
        for suffix, data in rendered.files:
            path = out.with_name(f"{out.stem}{suffix}{out.suffix}") if suffix else out
            replace(path, data)
            files.append(path)
    except OSError as fault:
        raise ExportError(
            f"cannot write {fault.filename or out}: {fault.strerror}", "choose another --out"
        ) from fault
    return Exported(tuple(files), rendered)


def plan_import(ws: Workspace, path: Path, origin: Origin) -> Preview:
    """Read a STIX document or portal CSV and plan its rows. Raises UsageError for neither."""
    if origin is Origin.FEED:
        raise UsageError("a file is no feed", "use --origin manual or --origin foreign")
    reading = _reading(path)
    now = ws.clock()
    by_key = ws.store.by_key(now)
    changes: list[Change[Indicator]] = []
    lines: list[Line] = []
    seen: set[RowKey] = set()
    for item in reading.rows:
        key = RowKey(item.type, item.value, item.groups)
        if key in seen:
            lines.append(_line(item, "duplicate", "the same row came before"))
            continue
        seen.add(key)
        row = _row(ws, item, origin, key)
        held = by_key.get(key)
        verdict, detail = _judge(ws, row, held)
        if verdict in ("add", "update"):
            after = (
                row if held is None else dataclasses.replace(row, id=held.id, created=held.created)
            )
            changes.append(Change(held, after, f"import of {path.name}"))
        lines.append(_line(item, verdict, detail))
    lines += [
        Line(
            problem.stix_id, None, "", "refused", f"{problem.code}: {problem.detail}", problem.line
        )
        for problem in reading.problems
    ]
    state = ws.store.state()
    reason = f"import of {path.name} as {origin.value}"
    plan = SyncPlan(state.lineage, state.serial, "import", reason, tuple(changes))
    return Preview(plan, tuple(lines))


def _reading(path: Path) -> ImportReading:
    if not path.is_file():
        raise UsageError(f"there is no file {path}", "name a STIX bundle or the portal's CSV")
    try:
        data, _ = read_regular_file(path, MAX_BYTES)
        return read_import(data, path.name)
    except BundleError as fault:
        # Here it is a file that a person named, not a feed that failed.
        raise UsageError(fault.message, fault.hint) from fault


def _row(ws: Workspace, item: ImportRow, origin: Origin, key: RowKey) -> Indicator:
    now = ws.clock()
    taken, salt = ws.store.state().rows, 0
    while (held := taken.get(row_id(key, salt))) is not None and held.active(now):
        salt += 1
    foreign = origin is Origin.FOREIGN
    return cut(
        Indicator(
            id=row_id(key, salt),
            type=item.type,
            value=item.value,
            groups=item.groups,
            action=item.action or DEFAULT_ACTION,
            severity=item.severity or DEFAULT_SEVERITY,
            title=item.title or f"Imported by {ws.actor}",
            description=item.description,
            created=now,
            updated=now,
            origin=origin,
            # What others keep in the tenant lives as long as they say; what we take in does not
            # live for ever by accident.
            expires=item.expires
            or (None if foreign or item.action else to_millisecond(now + DEFAULT_TERM)),
            confidence=item.confidence,
            tlp=item.tlp,
            aliases=item.aliases,
            category=item.category,
            mitre=item.mitre,
            recommended_actions=item.recommended_actions,
        )
    )


_COMPARED = (
    "action", "severity", "title", "description", "expires", "confidence", "tlp", "aliases",
    "category", "mitre", "recommended_actions", "origin",
)  # fmt: skip


def _judge(ws: Workspace, row: Indicator, held: Indicator | None) -> tuple[str, str]:
    """Decide one row of an import: its verdict, and why."""
    if held is not None and all(getattr(row, n) == getattr(held, n) for n in _COMPARED):
        return "unchanged", "it is so already"
    refusal = _conflict(row, held) or _inadmissible(ws, row)
    if refusal:
        return "refused", refusal
    verdict = "add" if held is None else "update"
    # Whoever wrote the file decides what it calls Allow, and Allow switches protection off.
    return verdict, "Allow, as the file says" if row.action is Action.ALLOW else ""


def _conflict(row: Indicator, held: Indicator | None) -> str:
    """Why a held row keeps this one out; empty when it does not."""
    if held is None or held.origin is row.origin:
        return ""
    if row.origin is Origin.FOREIGN:
        return f"our own row {held.id} has this value and these groups"
    if held.origin is Origin.FOREIGN:
        return "made by others in the tenant; never edited here"
    return f"feed row {held.id} has it; `tidegate edit {held.id}` changes it"


def _inadmissible(ws: Workspace, row: Indicator) -> str:
    """Why a row may not be on the list at all; foreign rows are facts and are not judged."""
    if not row.active(ws.clock()):
        return "expired"
    if row.origin is Origin.FOREIGN:
        return ""
    try:
        check_row(ws, row)
    except (HeldBack, IndicatorError) as fault:
        return fault.message
    return ""


def _line(item: ImportRow, verdict: str, detail: str) -> Line:
    return Line(item.value, item.type, item.value, verdict, detail, item.line)
