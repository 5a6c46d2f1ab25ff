"""Read rows from the portal's CSV, of either dialect and with every header spelling in use.

Owns cells → fields, line by line: one bad line is a problem, the others land. Takes the apostrophe
off that `export.portal_csv` puts before would-be formulas. Refuses files without the three columns
that make a row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from tidegate.errors import BundleError, IndicatorError
from tidegate.indicators.indicator import scope
from tidegate.indicators.kinds import Action, IndicatorType, Severity, parse_severity, parse_type
from tidegate.indicators.term import parse_moment
from tidegate.indicators.value import canonical
from tidegate.indicators.wire import (
    CSV_REQUIRED,
    NO_DESCRIPTION,
    csv_column,
    from_wire,
    unguarded,
)
from tidegate.sources.import_row import ImportKind, ImportProblem, ImportReading, ImportRow
from tidegate.stix.objects import parse_time

_RESTARTS = 100
"""Broken lines after which the rest is given up: each makes the rest be read once more."""

_STATED = {
    "ExpirationTime": "expires",
    "Description": "description",
    "Category": "category",
    "MitreTechniques": "mitre",
    "RecommendedActions": "recommended_actions",
}
"""Columns whose empty cells say something: there is none."""

_YES_NO = {"": None, "true": True, "false": False}


class _BadCell(IndicatorError):
    """A cell that cannot be read; `code` says which."""


def read_portal_csv(text: str, name: str) -> ImportReading:
    """Read a whole CSV; `text` without byte order mark, with its own line ends.

    Raises:
        BundleError: the first line is not the portal's header; the message names the file `name`.
    """
    first = text.split("\n", 1)[0]
    # Spreadsheets of half of Europe save CSV with semicolons.
    delimiter = ";" if ";" in first and "," not in first else ","
    records = _records(text, delimiter)
    _, header = next(records, (1, []))
    columns = _columns(header, name)
    problems = [
        ImportProblem(1, "column_ignored", f"the portal has no column {cell.strip()!a}")
        for cell, column in zip(header, columns, strict=True)
        if column is None and cell.strip()
    ]
    rows: list[ImportRow] = []
    for line, cells in records:
        if isinstance(cells, str):
            problems.append(ImportProblem(line, "line_unreadable", cells))
        elif any(cell.strip() for cell in cells):
            try:
                rows.append(_row(line, _fields(cells, columns)))
            except IndicatorError as error:
                problems.append(ImportProblem(line, error.code, error.message))
    return ImportReading(ImportKind.PORTAL_CSV, tuple(rows), tuple(problems))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Every record with the line it starts in; a text instead of cells says why there are none.

    A quote that is never closed would swallow the rest of the file: reading starts anew in the
    line after the one that opened it.
    """
    lines = list(io.StringIO(text, newline=""))
    at = 0
    for _ in range(_RESTARTS):
        base = at
        reader = csv.reader(islice(lines, base, None), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                yield at + 1, cells
                at = base + reader.line_num
        except csv.Error as error:
            yield at + 1, str(error)
            at += 1
        else:
            return
    yield at + 1, f"more than {_RESTARTS} broken lines: {len(lines) - at} lines were not read"


def _columns(header: list[str] | str, name: str) -> list[str | None]:
    """Name the columns as the portal does; None is a column that it does not know."""
    columns = [] if isinstance(header, str) else [csv_column(cell) for cell in header]
    known = [column for column in columns if column is not None]
    missing = [column for column in CSV_REQUIRED if column not in known]
    if len(missing) == len(CSV_REQUIRED):
        raise BundleError(
            f"{name} is neither JSON nor the portal's CSV",
            "expected a STIX 2.x bundle, or a first line with " + ", ".join(CSV_REQUIRED),
        )
    if missing:
        raise BundleError(
            f"{name} lacks the column {missing[0]}", "its first line must name the columns"
        )
    twice = next((column for column in known if known.count(column) > 1), None)
    if twice is not None:
        raise BundleError(f"{name} names the column {twice} twice", "remove one of them")
    return columns


def _fields(cells: list[str], columns: list[str | None]) -> dict[str, str]:
    """Cells by column. Missing cells at the end are empty: spreadsheets leave them out."""
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise _BadCell("too_many_cells", f"{len(cells)} cells under {len(columns)} columns")
    fields = dict.fromkeys((column for column in columns if column is not None), "")
    for column, cell in zip(columns, cells, strict=False):
        if column is not None:
            fields[column] = unguarded(cell)
    return fields


def _row(line: int, fields: dict[str, str]) -> ImportRow:
    kind = _type(fields["IndicatorType"])
    description = fields.get("Description", "")
    return ImportRow(
        line=line,
        type=kind,
        value=canonical(kind, fields["IndicatorValue"]),
        action=_action(fields["Action"], fields.get("GenerateAlert", "")),
        severity=_severity(fields.get("Severity", "")),
        title=fields.get("Title", ""),
        description="" if description == NO_DESCRIPTION else description,
        groups=scope(fields.get("RbacGroups", "").split(",")),
        expires=_expires(fields.get("ExpirationTime", "")),
        category=fields.get("Category", ""),
        mitre=_names(fields.get("MitreTechniques", "")),
        recommended_actions=fields.get("RecommendedActions", ""),
        stated=frozenset(name for column, name in _STATED.items() if column in fields),
    )


def _type(cell: str) -> IndicatorType:
    kind = parse_type(cell)
    if kind is None:
        raise _BadCell("unknown_type", f"{cell[:80]!a} is no indicator type")
    return kind


def _action(cell: str, alert: str) -> Action:
    folded = alert.strip().casefold()
    if folded not in _YES_NO:
        raise _BadCell("bad_generate_alert", f"GenerateAlert is {alert[:80]!a}, not True or False")
    action = from_wire(cell, generate_alert=_YES_NO[folded])
    if action is None:
        raise _BadCell("unknown_action", f"{cell[:80]!a} is no action")
    return action


def _severity(cell: str) -> Severity | None:
    if not cell.strip():
        return None
    severity = parse_severity(cell)
    if severity is None:
        raise _BadCell("unknown_severity", f"{cell[:80]!a} is no severity")
    return severity


def _expires(cell: str) -> datetime | None:
    if not cell.strip():
        return None
    try:
        return parse_time(cell.strip())
    except ValueError:
        pass
    try:
        return parse_moment(cell)
    except ValueError as error:
        detail = f"{cell[:80]!a} is no time like 2027-01-31T12:00:00.0Z"
        raise _BadCell("bad_expiry", detail) from error


def _names(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in cell.split(",") if name.strip()))
