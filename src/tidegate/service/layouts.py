"""How a session left its screen: mode, order, columns, facets, theme, filter; `layout.json`.

What is there is for comfort alone: a file that cannot be read is put aside under another name and
said in one line, and never keeps anybody from working. Refuses to keep marks, and to judge a
filter: whoever shows it says what is wrong with it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass

import orjson

from tidegate.config import Home
from tidegate.errors import ConfigError, UsageError
from tidegate.indicators.sorting import BY_RANK, Order, read_order
from tidegate.service.views import read_record, texts
from tidegate.service.workspace import Workspace
from tidegate.store import files

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """What is kept. Modes, columns and themes are the terminal's own names; empty: the usual."""

    mode: str = ""
    order: Order = BY_RANK
    columns: tuple[str, ...] = ()
    facets: bool = False
    theme: str = ""
    filter: str = ""


def load(ws: Workspace) -> tuple[Layout, str]:
    """The layout, and one line about a file that had to be put aside; empty when all is well."""
    path = ws.home.layout_file
    if not path.exists():
        return Layout(), ""
    try:
        return _read(ws.home), ""
    except (ConfigError, UsageError) as error:
        if ws.read_only:
            return Layout(), f"the layout is not used: {error.message}"
        aside = path.with_name(f"{path.name}.broken")
        try:
            path.replace(aside)
        except OSError:
            return Layout(), f"the layout is not used: {error.message}"
        return Layout(), f"the layout is put aside as {aside.name}: {error.message}"


def keep(ws: Workspace, **changes: object) -> None:
    """Change some of what is kept, and leave what another session changed; not in read-only.

    Raises ConfigError when it cannot be written.
    """
    if ws.read_only:
        return
    before = Layout()
    with contextlib.suppress(ConfigError, UsageError):  # not there, or broken: written anew
        before = _read(ws.home)
    after = dataclasses.replace(before, **changes)  # type: ignore[arg-type]  # Layout's own names
    path = ws.home.layout_file
    if after == before and path.exists():
        return
    record = {"format": FORMAT, **dataclasses.asdict(after), "order": str(after.order)}
    try:
        files.private_folder(path.parent)
        files.replace(path, orjson.dumps(record, option=orjson.OPT_INDENT_2))
    except OSError as fault:
        raise ConfigError(f"{path}: {(fault.strerror or 'cannot be written').lower()}") from fault


def _read(home: Home) -> Layout:
    record = read_record(home.layout_file, FORMAT)
    mode, order, theme, text = (
        record.get(name, "") for name in ("mode", "order", "theme", "filter")
    )
    columns, facets = record.get("columns", []), record.get("facets", False)
    if not (
        isinstance(mode, str)
        and isinstance(order, str)
        and isinstance(theme, str)
        and isinstance(text, str)
        and isinstance(facets, bool)
        and texts(columns)
    ):
        raise ConfigError(f"{home.layout_file} is no layout that this version knows")
    return Layout(mode, read_order(order), tuple(columns), facets, theme, text)  # type: ignore[arg-type]  # texts() looked
