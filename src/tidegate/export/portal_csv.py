"""The CSV that the Defender portal imports, in files of at most 500 rows.

Owns the mapping of a row to the portal's columns and the split: each tab of the portal imports its
own entity type, so hashes, addresses, and URLs with domains go to different files. Refuses what
the CSV cannot say (MD5, certificates, actions of the other dialect): such rows are listed.

No cell is a formula when a spreadsheet opens the file, which people do before they import it; the
texts in it are strangers'. Yet the portal takes every character for what it is, and knows no way to
mark one as not meant. So what decides what a row does is never touched: a value, time, action or
severity cannot begin a formula, and a row whose group, category or technique does is refused. Texts
for people (title, description, what to do) get an apostrophe in front (`guarded`), which shows in
the portal: such rows are counted in `Rendered.guarded`, and `sources.import_csv` takes it off.

Source: "Manage indicators", section "Import a list of IoCs"; OWASP ASVS 1.2.10.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from tidegate.errors import ActionNotSupported
from tidegate.export.rendered import DEFAULT_CEILING, Rendered, Skipped, may_leave
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, Dialect, IndicatorType
from tidegate.indicators.limits import PORTAL_CSV_ROWS
from tidegate.indicators.wire import (
    CSV_COLUMNS,
    CSV_TYPES,
    NO_DESCRIPTION,
    WireAction,
    guarded,
    to_wire,
)

_TABS = (
    ("files", frozenset(FILE_TYPES)),
    ("ips", frozenset({IndicatorType.IP_ADDRESS})),
    ("urls-domains", frozenset({IndicatorType.URL, IndicatorType.DOMAIN_NAME})),
)


def render(
    rows: Sequence[Indicator], now: datetime, dialect: Dialect, tlp_max: str = DEFAULT_CEILING
) -> Rendered:
    """Write the rows that may leave and that the CSV can say, in the order given.

    One file has no suffix; several are named by tab and number: `-files-001`, `-ips-001`,
    `-urls-domains-001`, `-urls-domains-002`. With nothing to write there is one file, a header.

    Raises:
        UsageError: `tlp_max` is no TLP level.
    """
    kept, skipped = may_leave(rows, now, tlp_max)
    lines: dict[str, list[list[str]]] = {tab: [] for tab, _ in _TABS}
    for row in kept:
        reason = _why_not(row)
        if reason is None:
            try:
                action = to_wire(dialect, row.type, row.action)
            except ActionNotSupported as error:
                reason = (error.code, error.message)
            else:
                tab = next(tab for tab, kinds in _TABS if row.type in kinds)
                lines[tab].append(_cells(row, action, dialect))
        if reason is not None:
            skipped.append(Skipped(row, *reason))
    files = list(_files(lines, CSV_COLUMNS[dialect]))
    if len(files) == 1:
        files = [("", files[0][1])]
    written = sum(map(len, lines.values()))
    names = {skip.row.key for skip in skipped}
    return Rendered(
        tuple(files) or (("", _csv([], CSV_COLUMNS[dialect])),),
        written,
        (*skipped,),
        guarded=sum(row.key not in names and _is_guarded(row) for row in kept),
    )


def _why_not(row: Indicator) -> tuple[str, str] | None:
    if row.type not in CSV_TYPES:
        return "type_not_in_csv", f"the portal's CSV has no {row.type.value}"
    if any("," in name for name in (*row.groups, *row.mitre)):
        return "comma_in_list", "a group or technique with a comma would be read as two"
    lists = (",".join(row.groups), row.category, ",".join(row.mitre))
    if any(guarded(cell) != cell for cell in lists):
        return "formula_in_list", "a spreadsheet would take a group, category or technique for one"
    return None


def _texts(row: Indicator) -> tuple[str, str, str]:
    """What is for people; the portal demands title and description, so neither is ever empty."""
    return row.title or row.value, row.description or NO_DESCRIPTION, row.recommended_actions


def _is_guarded(row: Indicator) -> bool:
    return any(guarded(text) != text for text in _texts(row))


def _cells(row: Indicator, action: WireAction, dialect: Dialect) -> list[str]:
    cells = [
        row.type.value,
        row.value,
        "" if row.expires is None else row.expires.isoformat(timespec="seconds")[:-6] + ".0Z",
        action.name,
        row.severity.value,
        *map(guarded, _texts(row)),
        ",".join(row.groups),
        row.category,
        ",".join(row.mitre),
    ]
    if dialect is Dialect.TODAY:
        cells.append(str(action.generate_alert))
    return cells


def _files(
    lines: dict[str, list[list[str]]], header: tuple[str, ...]
) -> Iterator[tuple[str, bytes]]:
    for tab, cells in lines.items():
        for start in range(0, len(cells), PORTAL_CSV_ROWS):
            number = start // PORTAL_CSV_ROWS + 1
            yield f"-{tab}-{number:03}", _csv(cells[start : start + PORTAL_CSV_ROWS], header)


def _csv(lines: list[list[str]], header: tuple[str, ...]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue().encode("utf-8", "replace")
