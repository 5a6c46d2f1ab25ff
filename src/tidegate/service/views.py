"""Saved views: a name for a filter, an order and columns, `views/<name>.json` in the home.

One file a view, replaced whole: two sessions that save at the same time lose nothing of each
other's. A file that cannot be read is listed with its error and harms no other view. Refuses to
know which columns there are; the shells do.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import orjson

from tidegate.config import Home
from tidegate.errors import ConfigError, TidegateError, UsageError
from tidegate.indicators.filter import parse
from tidegate.indicators.filter_predicate import nearest
from tidegate.indicators.sorting import BY_RANK, Order, read_order
from tidegate.indicators.text import safe
from tidegate.service.workspace import Workspace
from tidegate.store import files

FORMAT = 1
LARGEST = 64 * 1024
"""Bytes of one file; a filter may have 8,000 characters."""

_NAME = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class View:
    """A way to look at the list. Columns are keys, `title:30` with a width; none: the usual."""

    name: str
    filter: str = ""
    order: Order = BY_RANK
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewEntry:
    """One file of the folder: the view, or the error that keeps it from being one."""

    name: str
    view: View | None = None
    error: TidegateError | None = None


def entries(home: Home) -> list[ViewEntry]:
    """Every view by name, unreadable ones too."""
    if not home.views_dir.is_dir():
        return []
    found = []
    for path in sorted(home.views_dir.glob("*.json")):
        try:
            found.append(ViewEntry(path.stem, _read(path)))
        except TidegateError as error:
            found.append(ViewEntry(path.stem, error=error))
    return found


def find(home: Home, name: str) -> View:
    """The view of this name. Raises UsageError when there is none, ConfigError for a broken one."""
    path = _path(home, name)
    if path.exists():
        return _read(path)
    known = [entry.name for entry in entries(home)]
    hint = nearest(name, known) or "`tidegate views list` names them"
    raise UsageError(f"no view is called {safe(name, 40)}", hint)


def save(ws: Workspace, view: View) -> bool:
    """Keep a view; True when it replaces an older one. Raises UsageError, FilterError."""
    ws.writable()
    parse(view.filter)
    path = _path(ws.home, view.name)
    again = path.exists()
    record = {
        "format": FORMAT,
        "filter": view.filter,
        "order": str(view.order),
        "columns": view.columns,
    }
    try:
        files.private_folder(path.parent)
        files.replace(path, orjson.dumps(record, option=orjson.OPT_INDENT_2))
    except OSError as fault:
        raise ConfigError(f"{path}: {(fault.strerror or 'cannot be written').lower()}") from fault
    return again


def delete(ws: Workspace, name: str) -> None:
    """Forget a view, a broken one too. Raises UsageError."""
    ws.writable()
    path = _path(ws.home, name)
    if not path.is_file():
        find(ws.home, name)
    try:
        path.unlink(missing_ok=True)
    except OSError as fault:
        raise ConfigError(f"{path}: {(fault.strerror or 'cannot be removed').lower()}") from fault


def check_name(name: str) -> None:
    """Refuse what cannot be a view's name. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{safe(name, 40)!r} is no name for a view", "use a-z, 0-9 and the hyphen")


def _path(home: Home, name: str) -> Path:
    check_name(name)
    return home.views_dir / f"{name}.json"


def _read(path: Path) -> View:
    record = read_record(path, FORMAT)
    text, order, columns = (record.get(key) for key in ("filter", "order", "columns"))
    if not (isinstance(text, str) and isinstance(order, str) and texts(columns)):
        raise ConfigError(f"{path}: no view that this version knows", "save it again, or delete it")
    return View(path.stem, text, read_order(order), tuple(columns))  # type: ignore[arg-type]  # texts() looked


def texts(value: object) -> bool:
    """Whether a value read from JSON is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def read_record(path: Path, form: int) -> dict[str, object]:
    """Read a small JSON object of ours. Raises ConfigError in one line, whatever is there."""
    hint = "remove it"
    try:
        with files.open_private(path, os.O_RDONLY) as stream:
            data = stream.read(LARGEST + 1)
    except OSError as fault:
        raise ConfigError(f"{path}: {(fault.strerror or 'cannot be read').lower()}") from fault
    except TidegateError as fault:
        raise ConfigError(fault.message, fault.hint) from fault
    if len(data) > LARGEST:
        raise ConfigError(f"{path} is larger than {LARGEST:,} bytes", hint)
    try:
        record = orjson.loads(data)
    except orjson.JSONDecodeError as fault:
        raise ConfigError(f"{path} is not JSON: {fault}", hint) from fault
    if not isinstance(record, dict) or record.get("format") != form:
        raise ConfigError(f"{path} was written by something else, or by another version", hint)
    return record
