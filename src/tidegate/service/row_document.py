"""Rows as a text that people edit: TOML, as feed.toml is, which takes comments and names its lines.

Owns the shape of the text and the way back to one plan; a fault names its line and field. Only
fields that were changed are set, as those become a person's. Refuses to add or remove rows: a table
that is left out leaves its row as it is.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Callable, Sequence
from datetime import datetime

from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator, scope
from tidegate.indicators.kinds import parse_action, parse_severity
from tidegate.indicators.limits import DESCRIPTION_LENGTH, TITLE_LENGTH
from tidegate.indicators.term import parse_expiry
from tidegate.service.edit import Fields, plan_edit
from tidegate.service.groups import known_groups
from tidegate.service.preview import Preview
from tidegate.service.workspace import Workspace
from tidegate.toml_errors import plain, suggestion

MOST = 500
"""Rows that one text may hold; a filter and one change are for more."""

_HEAD = """\
# Change what stands behind the equals signs, save and leave: a preview comes before anything is
# applied. `id` and `value` say which row it is. A table that you delete leaves its row as it is.
# action: Allow, Alert only, Alert and block  expires: 30d, 2026-12-31 or never  groups: [] is all
"""
_TEXTS = {
    "title": TITLE_LENGTH,
    "description": DESCRIPTION_LENGTH,
    "category": TITLE_LENGTH,
    "recommended_actions": DESCRIPTION_LENGTH,
    "note": 4_000,
}
_NAMES = ("id", "value", "action", "severity", "expires", "groups", *_TEXTS)
_TABLE = re.compile(r"\s*\[\[\s*row\s*\]\]")


def document(rows: Sequence[Indicator]) -> str:
    """Write the rows down. Raises UsageError for none or more than `MOST`."""
    if not 0 < len(rows) <= MOST:
        raise UsageError(f"{len(rows):,} rows are no text to edit", f"1 to {MOST:,} are")
    return "\n".join([_HEAD, *(_table(row) for row in rows)])


def _table(row: Indicator) -> str:
    said = _said(row)
    return "".join(["[[row]]\n", *(f"{name} = {_quoted(said[name])}\n" for name in _NAMES)])


def _said(row: Indicator) -> dict[str, object]:
    expires = f"{row.expires:%Y-%m-%dT%H:%M:%SZ}" if row.expires else "never"
    words: dict[str, object] = {name: getattr(row, name) for name in _TEXTS}
    return {
        "id": row.id,
        "value": row.value,
        "action": row.action.value,
        "severity": row.severity.value,
        "expires": expires,
        "groups": list(row.groups),
        **words,
    }


def _quoted(value: object) -> str:
    """Write a text or a list of texts; what no editor should be handed is spelt out."""
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    escaped = (c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(escaped)}"'


def plan_document(ws: Workspace, rows: Sequence[Indicator], text: str) -> Preview | None:
    """Plan what was changed in the text of `rows`, as one step; None where nothing was.

    Raises UsageError with line and field for what cannot be read, StalePlan for a row that somebody
    changed meanwhile.
    """
    found = _edits(ws, rows, text)
    if not found:
        return None
    previews = [plan_edit(ws, [row], fields) for row, fields in found]
    changes = tuple(change for preview in previews for change in preview.plan.changes)
    lines = tuple(line for preview in previews for line in preview.lines)
    what = changes[0].row.value if len(changes) == 1 else f"{len(changes):,} rows"
    plan = dataclasses.replace(previews[0].plan, changes=changes, reason=f"edit {what}")
    return Preview(plan, lines)


def _edits(ws: Workspace, rows: Sequence[Indicator], text: str) -> list[tuple[Indicator, Fields]]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise UsageError(f"no TOML: {fault}", "mend it, or leave it") from None
    tables = data.pop("row", [])
    if data or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise UsageError("only [[row]] tables belong here", "mend it, or leave it")
    known = {row.id: row for row in rows}
    edits: list[tuple[Indicator, Fields]] = []
    for number, table in enumerate(tables):
        at = _Where(text, number)
        row = known.pop(str(table.get("id")), None)
        if row is None:
            raise at.fault("id", "is none of the rows that were opened, or stands twice")
        if values := _changed(ws, row, table, at):
            edits.append((row, Fields(**values)))  # type: ignore[arg-type]  # each field's own type
    return edits


def _changed(
    ws: Workspace, row: Indicator, table: dict[str, object], at: _Where
) -> dict[str, object]:
    said, now = _said(row), ws.clock()
    values: dict[str, object] = {}
    for name, given in table.items():
        if name not in _NAMES:
            raise at.fault(name, f"is no field{suggestion(name, _NAMES)}")
        if given == said[name]:
            continue
        if name in ("id", "value"):
            raise at.fault(name, "cannot be changed: add the other value, remove this one")
        values[name] = at.read(name, given, now)
    groups = values.get("groups")
    registry = known_groups(ws)
    if isinstance(groups, tuple) and registry.closed and (doubts := registry.doubts(groups)):
        raise at.fault("groups", doubts)
    return values


@dataclasses.dataclass(frozen=True, slots=True)
class _Where:
    """A table of the text, which knows the lines of its fields."""

    text: str
    number: int

    def fault(self, name: str, why: str) -> UsageError:
        """What is wrong with a field, and on which line."""
        return UsageError(f"line {self._line(name)}, {plain(name)}: {why}", "mend it, or leave it")

    def _line(self, name: str) -> int:
        begun, start = -1, 1
        for line, words in enumerate(self.text.splitlines(), 1):
            if _TABLE.match(words):
                begun, start = begun + 1, line if begun + 1 <= self.number else start
            elif begun == self.number and words.partition("=")[0].strip() == name:
                return line
        return start

    def read(self, name: str, given: object, now: datetime) -> object:
        """The value of a field. Raises UsageError."""
        if name == "groups":
            if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
                raise self.fault(name, 'must be a list such as ["Servers"]')
            return scope(tuple(given))
        if not isinstance(given, str):
            raise self.fault(name, "must stand in quotation marks")
        if name in _TEXTS:
            if len(given) > _TEXTS[name]:
                raise self.fault(name, f"{len(given):,} characters; {_TEXTS[name]:,} fit")
            if name == "title" and not given.strip():
                raise self.fault(name, "a title is needed")
            return given
        if name == "expires":
            try:
                return parse_expiry(given, now)
            except ValueError as fault:
                raise self.fault(name, str(fault)) from None
        parse: Callable[[str], object] = parse_action if name == "action" else parse_severity
        if (found := parse(given)) is None:
            raise self.fault(name, f"unknown {name} {plain(given)!r}")
        return found
