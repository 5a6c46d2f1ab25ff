"""Everything that goes to stdout: JSON for scripts, plain columns for people.

Owns the JSON shapes of rows and the one place where text becomes terminal output, made safe first.
Refuses colours and boxes: output is read in pipes, mails and tickets, too.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import orjson

from tidegate.cli import diagnostics
from tidegate.cli.folding import folded, width_of
from tidegate.clock import stamp
from tidegate.indicators.enforceability import notes_of
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import safe

_FIELDS = (
    "id", "type", "value", "action", "severity", "title", "description", "groups", "expires",
    "created", "updated", "origin", "feeds", "confidence", "tlp", "pinned", "rank",
)  # fmt: skip
_MORE = (
    "score", "category", "mitre", "recommended_actions", "aliases", "note", "overrides", "context",
)  # fmt: skip


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


_NOT_PLAIN = re.compile(r"[^ -~]")


def _escaped(found: re.Match[str]) -> str:
    """A character of a JSON text: as it is where it can be seen, else by its number."""
    char = found[0]
    return char if safe(char) == char else json.dumps(char)[1:-1].replace("\x7f", "\\u007f")


def json_line(record: object) -> None:
    """Write one JSON value on one line; what would steer a terminal is escaped in it."""
    try:
        data = orjson.dumps(record, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError:
        # The name of a file need not be text; orjson then refuses the whole record.
        data = json.dumps(record, default=_default, ensure_ascii=False).encode("utf-8", "replace")
    _write(_NOT_PLAIN.sub(_escaped, data.decode("utf-8")) + "\n")


def row_record(row: Indicator) -> dict[str, Any]:
    """A row under the names of the JSON contract, then what else is known."""
    record = {name: getattr(row, name) for name in _FIELDS + _MORE}
    record["notes"] = [note._asdict() for note in notes_of(row)]
    record["sources"] = [{"feed": s.feed, "id": s.stix_id, "rule": s.rule} for s in row.sources]
    record["owned"] = {name: row.owned[name] for name in sorted(row.owned)}
    return record


def text(line: str = "", hang: int = 0) -> None:
    """Write one line for people; control characters of feeds never reach the terminal.

    On a terminal it is wrapped between words, further lines beginning `hang` characters in.
    """
    _write(folded(safe(line, limit=10_000), _width(), hang) + "\n")


def verbatim(block: str) -> None:
    """Write lines that are to be pasted elsewhere: made safe, never wrapped."""
    _write(safe(block, limit=len(block) + 1, newlines=True))


def _write(lines: str) -> None:
    diagnostics.clear()  # a progress line that is still there would share the first line
    sys.stdout.write(lines)


def _width() -> int | None:
    """The columns of the terminal; None in a pipe, where nothing is cut."""
    return width_of(sys.stdout)


_GAP = 2
_AMPLE = 24
"""Characters that a longer text should have before a spare column gets any."""

_LEAST = 20
"""Characters that the last column keeps, as it says why."""

_STUMP = 8
"""Characters below which a text says nothing; numbers and fixed words are then cut, too."""


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    spare: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """Write columns; in a pipe all of them, and nothing is cut.

    A narrow terminal goes without the `spare` columns, the first of them first, and then shares
    out what is left among the texts; numbers, times, fixed words and the `whole` columns, which
    are there to be copied, stay whole if they can.
    """
    raw = list(rows)
    cells = [[safe(_word(cell)) for cell in row] for row in raw]
    cells.insert(0, [title.upper() for title in header])
    widths = [max(len(row[place]) for row in cells) for place in range(len(header))]
    shown = list(range(len(header)))
    width = _width()
    if width is not None:
        texts = {i for i in shown if any(type(row[i]) in (str, tuple, list) for row in raw)}
        texts -= {header.index(title) for title in whole}
        for title in spare:
            ample = sum(min(widths[i], _AMPLE) if i in texts else widths[i] for i in shown)
            if ample + _GAP * (len(shown) - 1) <= width:
                break
            shown.remove(header.index(title))
        _fit(widths, shown, texts, width - _GAP * (len(shown) - 1))
    for row in cells:
        parts = [_cut(row[place], widths[place]).ljust(widths[place]) for place in shown]
        _write((" " * _GAP).join(parts).rstrip() + "\n")


def _fit(widths: list[int], shown: Sequence[int], texts: set[int], room: int) -> None:
    """Narrow columns until they fit: the last one, then the widest texts, then whatever is wide."""
    stages = ((shown[-1:], _LEAST), ([i for i in shown if i in texts], _STUMP), (shown, 1))
    for narrow, least in stages:
        while narrow and sum(widths[i] for i in shown) > room:
            widest = max(narrow, key=lambda place: widths[place])
            if widths[widest] <= least:
                break
            widths[widest] -= 1


def _cut(cell: str, width: int) -> str:
    return cell if len(cell) <= width else cell[: width - 1] + "…"


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


def counted(counts: Mapping[str, int]) -> str:
    """Names with their numbers in one line, the highest first."""
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} {count:,}" for name, count in most)


def pairs(items: Iterable[tuple[str, object]]) -> None:
    """Write a field a line, names aligned."""
    known = [(name, _word(value)) for name, value in items]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        text(f"{name.ljust(width)}  {value}", hang=width + _GAP)
