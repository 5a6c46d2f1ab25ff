"""Taking indicators in by file, as plans.

A row that is here already keeps everything that the file does not state, and its TLP marking only
ever becomes stricter. An import of foreign rows records what others keep in the tenant: they take
slots, before any feed's row, and are never edited; importing again brings them up to date.
Refuses to touch the rows of feeds, other than to make room.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tidegate.errors import BundleError, HeldBack, IndicatorError, UsageError
from tidegate.indicators.indicator import Indicator, RowKey, kept_overrides
from tidegate.indicators.kinds import Action, Origin
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.apply import check_row
from tidegate.service.edit import (
    DEFAULT_ACTION,
    DEFAULT_SEVERITY,
    DEFAULT_TERM,
    cut,
    new_id,
    to_millisecond,
)
from tidegate.service.preview import Line, Preview
from tidegate.service.room import room_for
from tidegate.service.workspace import Workspace
from tidegate.sources.bundle_file import read_regular_file
from tidegate.sources.import_file import ImportKind, ImportReading, ImportRow, read_import
from tidegate.sources.publication import MAX_BYTES
from tidegate.stix.markings import LEVELS, strictest

_FIELDS = (
    "action", "severity", "title", "description", "expires", "confidence", "aliases", "category",
    "mitre", "recommended_actions",
)  # fmt: skip
"""What a file may state of a row, besides its identity and its marking."""

_ROOM = "makes room for rows that others made"


def plan_import(ws: Workspace, path: Path, origin: Origin, *, replace: bool = False) -> Preview:
    """Read a STIX document or portal CSV and plan its rows.

    `replace` says that the file lists every foreign row: those it lacks are removed, unless it
    holds no row at all. Raises UsageError for a file that is neither, and for `replace` of rows
    that are not foreign.
    """
    if origin is Origin.FEED:
        raise UsageError("a file is no feed", "use --origin manual or --origin foreign")
    if replace and origin is not Origin.FOREIGN:
        raise UsageError(
            "only foreign rows are replaced as a whole", "use --origin foreign with --replace"
        )
    reading = read_named(path)
    intake = _Intake(ws, origin, reading.kind, _markings(reading.rows), ws.store.by_key(ws.clock()))
    changes: list[Change[Indicator]] = []
    lines: list[Line] = []
    seen: set[RowKey] = set()
    for item in reading.rows:
        key = _key(item)
        if key in seen:
            lines.append(_line(item, "duplicate", "the same row came before"))
            continue
        seen.add(key)
        held = intake.by_key.get(key)
        row = intake.row(item, held)
        verdict, detail = intake.judge(row, held)
        if verdict in ("add", "update"):
            changes.append(Change(held, row, f"import of {path.name}"))
            if item.repairs:
                lenient = f"read leniently: {', '.join(item.repairs)}"
                detail = f"{detail}; {lenient}" if detail else lenient
        lines.append(_line(item, verdict, detail))
    lines += [
        Line(
            problem.stix_id, None, "", "refused", f"{problem.code}: {problem.detail}", problem.line
        )
        for problem in reading.problems
    ]
    leaving: list[Change[Indicator]] = []
    if replace and seen:
        gone = (row for key, row in intake.by_key.items() if key not in seen)
        reason = f"no longer in {path.name}"
        leaving += [Change(row, None, reason) for row in gone if row.origin is Origin.FOREIGN]
    if origin is Origin.FOREIGN:
        leaving += room_for(ws, [*changes, *leaving], _ROOM)
    lines.sort(key=lambda line: line.line or 0)
    lines += [Line(c.row.value, c.row.type, c.row.value, "remove", c.reason) for c in leaving]
    state = ws.store.state()
    reason = f"import of {path.name} as {origin.value}"
    plan = SyncPlan(state.lineage, state.serial, "import", reason, (*leaving, *changes))
    return Preview(plan, tuple(lines))


def read_named(path: Path) -> ImportReading:
    """Read a file that a person named. Raises UsageError for one that is neither format."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}", "name a STIX bundle or the portal's CSV")
    try:
        data, _ = read_regular_file(path, MAX_BYTES)
        return read_import(data, path.name)
    except BundleError as fault:
        # Here it is a file that a person named, not a feed that failed.
        raise UsageError(fault.message, fault.hint) from fault


def _key(item: ImportRow) -> RowKey:
    return RowKey(item.type, item.value, item.groups)


def _markings(items: Iterable[ImportRow]) -> dict[RowKey, str | None]:
    """The strictest marking of each row: a file may name the same one twice."""
    found: dict[RowKey, str | None] = {}
    for item in items:
        found[_key(item)] = strictest(found.get(_key(item)), item.tlp)
    return found


@dataclass(frozen=True, slots=True)
class _Intake:
    """What all rows of one import share."""

    ws: Workspace
    origin: Origin
    kind: ImportKind
    markings: dict[RowKey, str | None]
    by_key: dict[RowKey, Indicator]

    def row(self, item: ImportRow, held: Indicator | None) -> Indicator:
        """The row as it would be: what is held, with what the file states in its place."""
        if held is None or held.origin is not self.origin:
            return self._new(item)
        said = self._said(item)
        if not held.title and item.title == item.value:
            # An export writes the value where there is no title.
            said.pop("title")
        if _same_moment(held.expires, item.expires, self.kind):
            said.pop("expires")
        tlp = self.markings[held.key]
        if held.tlp is not None:
            # A level that we do not know never leaves: it stays as it is.
            tlp = strictest(held.tlp, tlp) if held.tlp in LEVELS else held.tlp
        after = cut(dataclasses.replace(held, **said, tlp=tlp))  # type: ignore[arg-type] # names in _FIELDS
        after = kept_overrides(held, after)
        return held if after == held else dataclasses.replace(after, updated=self.ws.clock())

    def _said(self, item: ImportRow) -> dict[str, object]:
        """What the file states. Foreign rows follow it also where it says that there is nothing.

        A person's texts do not: an empty cell is more often a cell that nobody filled.
        """
        silent = item.stated if self.origin is Origin.FOREIGN else item.stated & {"expires"}
        given = {name: getattr(item, name) for name in _FIELDS}
        return {n: v for n, v in given.items() if n in silent or v not in (None, "", ())}

    def _new(self, item: ImportRow) -> Indicator:
        ws, key = self.ws, _key(item)
        now = ws.clock()
        # What others keep in the tenant lives as long as they say; what we take in does not live
        # for ever by accident.
        for_ever = self.origin is Origin.FOREIGN or "expires" in item.stated
        values: dict[str, object] = {
            "action": DEFAULT_ACTION,
            "severity": DEFAULT_SEVERITY,
            "title": "Imported indicator",
            "expires": None if for_ever else to_millisecond(now + DEFAULT_TERM),
            **self._said(item),
        }
        return cut(
            Indicator(
                id=new_id(ws, key),
                type=item.type,
                value=item.value,
                groups=item.groups,
                created=now,
                updated=now,
                origin=self.origin,
                tlp=self.markings[key],
                **values,  # type: ignore[arg-type] # names in _FIELDS
            )
        )

    def judge(self, row: Indicator, held: Indicator | None) -> tuple[str, str]:
        """Decide one row of an import: its verdict, and why."""
        if row == held:
            return "unchanged", "it is so already"
        if row.origin is Origin.FOREIGN and held is not None and held.origin is not row.origin:
            # A portal's export lists the whole tenant, and so what we put there ourselves.
            return "ours", f"our own row {held.id}"
        refusal = _conflict(row, held) or self._inadmissible(row)
        if refusal:
            return "refused", refusal
        details = []
        if held is not None:
            names = (*_FIELDS, "tlp")
            details = [n for n in names if getattr(row, n) != getattr(held, n)]
        # Whoever wrote the file decides what it calls Allow, and Allow switches protection off.
        if row.action is Action.ALLOW and (held is None or held.action is not Action.ALLOW):
            details.append("Allow, as the file says")
        return "add" if held is None else "update", ", ".join(details)

    def _inadmissible(self, row: Indicator) -> str:
        """Why a row may not be on the list at all; foreign rows are facts and are not judged."""
        if not row.active(self.ws.clock()):
            return "expired"
        if row.origin is Origin.FOREIGN:
            return ""
        try:
            check_row(self.ws, row)
        except (HeldBack, IndicatorError) as fault:
            return fault.message
        return ""


def _same_moment(held: datetime | None, said: datetime | None, kind: ImportKind) -> bool:
    """Whether a file states the expiry that is held, as exactly as its format can."""
    if held is None or said is None:
        return False
    if kind is ImportKind.PORTAL_CSV:
        return said == held.replace(microsecond=0)
    return said == to_millisecond(held)


def _conflict(row: Indicator, held: Indicator | None) -> str:
    """Why a held row keeps this one out; empty when it does not."""
    if held is None or held.origin is row.origin:
        return ""
    if held.origin is Origin.FOREIGN:
        return "made by others in the tenant; never edited here"
    return f"feed row {held.id} has it; `tidegate edit {held.id}` changes it"


def _line(item: ImportRow, verdict: str, detail: str) -> Line:
    return Line(item.value, item.type, item.value, verdict, detail, item.line)
