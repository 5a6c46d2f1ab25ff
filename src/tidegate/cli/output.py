"""Everything that goes to stdout: JSON for scripts, plain columns for people.

Owns the JSON shapes of rows and the one place where text becomes terminal output, made safe first.
Refuses colours and boxes: output is read in pipes, mails and tickets, too.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import orjson

from tidegate.clock import stamp
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import safe

_FIELDS = (
    "id", "type", "value", "action", "severity", "title", "description", "groups", "expires",
    "created", "updated", "origin", "feeds", "confidence", "tlp", "pinned", "rank",
)  # fmt: skip
_MORE = ("score", "category", "mitre", "recommended_actions", "aliases", "note")


def _default(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def json_line(record: object) -> None:
    """Write one JSON value on one line."""
    data = orjson.dumps(record, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME)
    sys.stdout.write(data.decode("utf-8") + "\n")


def row_record(row: Indicator) -> dict[str, Any]:
    """A row under the names of the JSON contract, then what else is known."""
    record = {name: getattr(row, name) for name in _FIELDS + _MORE}
    record["sources"] = [{"feed": s.feed, "id": s.stix_id, "rule": s.rule} for s in row.sources]
    record["owned"] = {name: row.owned[name] for name in sorted(row.owned)}
    return record


def text(line: str = "") -> None:
    """Write one line for people; control characters of feeds never reach the terminal."""
    sys.stdout.write(safe(line, limit=10_000) + "\n")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write columns. On a terminal the last column is cut to fit; in a pipe nothing is cut."""
    cells = [[safe(_word(cell)) for cell in row] for row in rows]
    widths = [max([len(title), *(len(row[i]) for row in cells)]) for i, title in enumerate(header)]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in ([title.upper() for title in header], *cells):
        line = "  ".join(cell.ljust(widths[i]) for i, cell in enumerate(row)).rstrip()
        if width is not None and len(line) > width:
            line = line[: width - 1] + "…"
        sys.stdout.write(line + "\n")


def _word(cell: object) -> str:
    match cell:
        case None:
            return "-"
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}Z"
        case tuple() | list():
            return ", ".join(map(str, cell)) or "-"
        case _:
            return str(cell)


def pairs(items: Iterable[tuple[str, object]]) -> None:
    """Write a field a line, names aligned."""
    known = [(name, _word(value)) for name, value in items]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        sys.stdout.write(f"{name.ljust(width)}  {safe(value, limit=4_000)}\n")
