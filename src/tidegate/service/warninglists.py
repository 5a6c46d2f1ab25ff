"""Reading the folder of warninglists that config.toml names.

Owns which files are lists: `akamai.json`, or `akamai/list.json` as in a checkout of MISP's
repository; either is called `akamai`. Refuses to run with a list that cannot be read: a guard that
is silently missing is worse than none.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from tidegate.config import OFF, Home, Settings
from tidegate.errors import ConfigError
from tidegate.mapping.guard import Guards
from tidegate.mapping.warninglist import read_warninglist
from tidegate.mapping.warninglist_match import Warninglists
from tidegate.toml_errors import plain

_HINT = 'mend it, take it out of the folder, or set it to "off" under [guards.lists]'
_LARGEST = 64 * 1024 * 1024
"""Bytes of one file; MISP's largest has less than four million."""


def guards_of(home: Home, settings: Settings) -> Guards:
    """The guards that a home's settings ask for, lists included. Raises ConfigError."""
    folder = settings.warninglists(home)
    lists = None if folder is None else load_warninglists(folder, settings.lists)
    return Guards(settings.guard_settings(), lists)


def lists_mark(home: Home, settings: Settings) -> str:
    """What changes when a list does, without reading any: names, sizes and times of the files."""
    folder = settings.warninglists(home)
    if folder is None:
        return ""
    try:
        stats = [(key, path.stat()) for key, path in _files(folder)]
    except OSError:
        return "unreadable"  # whoever reads them is told why
    return repr([(key, stat.st_size, stat.st_mtime_ns) for key, stat in stats])


def load_warninglists(folder: Path, levels: Mapping[str, str]) -> Warninglists:
    """Read every list of a folder that is not `off`. Raises ConfigError in one line."""
    files: dict[str, Path] = {}
    try:
        for key, path in _files(folder):
            if key in files:
                raise ConfigError(f"{path}: {files[key]} is called {key}, too", "keep one of them")
            files[key] = path
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise ConfigError(
            f"warninglists {folder}: {reason}", "mend `warninglists` under [guards]"
        ) from None
    for key in levels:
        if key not in files:
            near = difflib.get_close_matches(key, files, n=1)
            raise ConfigError(
                f"[guards.lists] {plain(key)}: no such list in {folder}",
                f'did you mean "{near[0]}"?' if near else "",
            )
    read = {key: path for key, path in files.items() if levels.get(key) != OFF}
    found = []
    for key, path in read.items():
        try:
            found.append(read_warninglist(key, orjson.loads(_bytes(path))))
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            raise ConfigError(f"{path}: {reason}", _HINT) from None
        except ValueError as error:
            raise ConfigError(f"{path}: {error}", _HINT) from None
    try:
        return Warninglists(found)
    except ValueError as error:
        raise ConfigError(f"warninglists {folder}: {error}", _HINT) from None


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.iterdir()):
        if path.suffix == ".json":
            yield path.stem, path
        elif (path / "list.json").is_file():
            yield path.name, path / "list.json"


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST:
        raise ValueError("is too large for a warninglist")
    return path.read_bytes()
