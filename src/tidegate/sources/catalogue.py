"""The feeds there are: those of the home, and those shipped that the home may switch on.

Owns reading feed.toml, copying a feed's folder into the home, and switching feeds on and off with
their comments kept. A feed is a folder; adding one needs no code. Refuses to let one broken folder
hide the others: its fault is an entry. Refuses symlinks that lead out of a folder that is copied.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from tidegate.config import decode_toml, read_bytes
from tidegate.errors import ConfigError, FeedDefinitionError, UsageError
from tidegate.feed import BundleSource, FeedDefinition, FolderSource, Then, parse_feed
from tidegate.toml_errors import plain, suggestion

DEFINITION = "feed.toml"
SAMPLE = "sample.bundle.json"

_ID = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One feed folder: its definition, or the error that keeps it from being one.

    `shipped` entries are templates that are not active until `enable` copies them into the home.
    """

    id: str
    folder: Path
    shipped: bool
    definition: FeedDefinition | None = None
    error: FeedDefinitionError | None = None

    @property
    def active(self) -> bool:
        """True when `sync` reads it."""
        return not self.shipped and self.definition is not None and self.definition.enabled


def shipped_folder() -> Path | None:
    """Return the folder of shipped feeds: in the package, else in the checkout; None when neither.

    A wheel carries the copy; an editable installation does not get one and finds the checkout's.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_feeds", package.parent.parent / "feeds"):
        if folder.is_dir():
            return folder
    return None


def sample_of(entry: CatalogueEntry) -> Path:
    """Return the entry's sample bundle: what a demonstration serves in place of its server.

    Raises FeedDefinitionError when the folder has none.
    """
    path = entry.folder / SAMPLE
    if not path.is_file():
        raise FeedDefinitionError(f"{entry.folder}: no {SAMPLE}", "put a small STIX bundle there")
    return path


class Catalogue:
    """The feed folders of a home, and the shipped ones that they do not shadow."""

    def __init__(self, home_feeds: Path, shipped: Path | None) -> None:
        self._home = home_feeds
        self._shipped = shipped

    def entries(self) -> list[CatalogueEntry]:
        """Return every feed by id, the home's in place of a shipped one of the same id."""
        found = {entry.id: entry for entry in _entries(self._shipped, shipped=True)}
        found.update((entry.id, entry) for entry in _entries(self._home, shipped=False))
        return [found[ident] for ident in sorted(found)]

    def active(self) -> list[CatalogueEntry]:
        """Return the feeds of the home that are switched on and readable."""
        return [entry for entry in _entries(self._home, shipped=False) if entry.active]

    def get(self, ident: str) -> CatalogueEntry:
        """Return one feed, broken or not. Raises UsageError naming the nearest id."""
        entries = {entry.id: entry for entry in self.entries()}
        if ident not in entries:
            raise UsageError(
                f'there is no feed "{plain(ident)}"{suggestion(ident, entries)}',
                "`tidegate feeds list` shows all",
            )
        return entries[ident]

    def add(self, source: Path, *, replace: bool = False) -> CatalogueEntry:
        """Copy a feed's folder into the home: feed.toml, and the bundle or folder it names.

        An absolute path in it stays where it is. Raises FeedDefinitionError for a feed.toml that
        is not usable, a path that does not exist or leads out of the folder, and UsageError for an
        id that the home has already, unless `replace`.
        """
        definition = _read(source)
        target = self._home / definition.id
        if target.exists() and not replace:
            raise UsageError(
                f"this home has a feed {definition.id} already", "remove its folder, or replace it"
            )
        names = [DEFINITION, *_referenced(source, definition)]
        if (source / SAMPLE).is_file() and SAMPLE not in names:
            names.append(SAMPLE)
        self._install(source, target, names)
        return _entry(target, shipped=False)

    def enable(self, ident: str) -> CatalogueEntry:
        """Switch a feed on; a shipped one is copied into the home first."""
        entry = self._usable(ident)
        if entry.shipped:
            entry = self.add(entry.folder)
        return self._switch(entry, on=True)

    def disable(self, ident: str) -> CatalogueEntry:
        """Switch a feed of the home off; its folder stays. A shipped one is off already."""
        entry = self._usable(ident)
        return entry if entry.shipped else self._switch(entry, on=False)

    def rule(
        self, ident: str, outcomes: Sequence[tuple[Iterable[str], Then]], *, dry_run: bool = False
    ) -> FeedDefinition:
        """Let canonical values end as said, before any other rule, and return the new definition.

        `dry_run` writes nothing. The file is read, changed and written here: whoever calls keeps
        others off meanwhile, as for `enable` and `disable`. Raises UsageError for a feed that is
        not of this home, and FeedDefinitionError where `feed_rules.with_rule` does.
        """
        from tidegate.sources.feed_rules import with_rule  # noqa: PLC0415 - as in _switch

        entry = self._usable(ident)
        path = entry.folder / DEFINITION
        if entry.shipped:
            raise UsageError(f"feed {ident} is switched off", f"`tidegate feeds enable {ident}`")
        try:
            before = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise FeedDefinitionError(f"{path}: cannot be read", "check the file") from None
        text = before
        for values, then in outcomes:
            text = with_rule(text, values, then, str(path))
        if text != before and not dry_run:
            _write(path, text.encode())
        return parse_feed(tomllib.loads(text), str(path))

    def _usable(self, ident: str) -> CatalogueEntry:
        entry = self.get(ident)
        if entry.error is not None:
            raise entry.error
        return entry

    def _switch(self, entry: CatalogueEntry, *, on: bool) -> CatalogueEntry:
        import tomlkit  # noqa: PLC0415 - files are read without it, and seldom rewritten

        path = entry.folder / DEFINITION
        try:
            document = tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomlkit.exceptions.TOMLKitError):
            raise FeedDefinitionError(f"{path}: cannot be rewritten", "edit `enabled`") from None
        if document.get("enabled", True) is not on:
            if "enabled" in document:
                document["enabled"] = on
            else:
                # Before the first table; appended, it would become a key of the last one.
                text = f"enabled = {'true' if on else 'false'}\n{tomlkit.dumps(document)}"
                document = tomlkit.parse(text)
            _write(path, tomlkit.dumps(document).encode())
        return _entry(entry.folder, shipped=False)

    def _install(self, source: Path, target: Path, names: list[str]) -> None:
        """Copy into a folder beside the target, then rename: nobody sees half a feed."""
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The leading dot keeps `entries` from reading what an interrupted copy left behind.
        mark = secrets.token_hex(6)
        fresh = self._home / f".{target.name}.{mark}.new"
        old = self._home / f".{target.name}.{mark}.old"
        fresh.mkdir(mode=0o700)
        try:
            for name in names:
                _copy(source / name, fresh / name)
            if target.exists():
                target.rename(old)
            fresh.rename(target)
        except OSError as error:
            if old.exists() and not target.exists():
                old.rename(target)
            reason = (error.strerror or "cannot be copied").lower()
            raise ConfigError(f"{error.filename or source}: {reason}") from None
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def _entries(folder: Path | None, *, shipped: bool) -> list[CatalogueEntry]:
    if folder is None or not folder.is_dir():
        return []
    return [
        _entry(path, shipped=shipped)
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    ]


def _entry(folder: Path, *, shipped: bool) -> CatalogueEntry:
    try:
        return CatalogueEntry(folder.name, folder, shipped, definition=_named(folder))
    except FeedDefinitionError as error:
        return CatalogueEntry(plain(folder.name), folder, shipped, error=error)


def _named(folder: Path) -> FeedDefinition:
    """Read a folder of a catalogue, whose name must be the feed's id."""
    if not _ID.fullmatch(folder.name):
        raise FeedDefinitionError(
            f'feed folder "{plain(folder.name)}" is not named by an id',
            'rename it to 1 to 40 of a-z, 0-9 and "-"',
        )
    definition = _read(folder)
    if definition.id != folder.name:
        raise FeedDefinitionError(
            f'{folder / DEFINITION}: `id` is "{definition.id}" but the folder is "{folder.name}"',
            "give both the same name",
        )
    return definition


def _read(folder: Path) -> FeedDefinition:
    path = folder / DEFINITION
    if not path.is_file():
        raise FeedDefinitionError(f"{folder}: no {DEFINITION}", "a feed is a folder that holds one")
    return _parsed(path, read_bytes(path, FeedDefinitionError))


@lru_cache(maxsize=256)
def _parsed(path: Path, data: bytes) -> FeedDefinition:
    """What a file says, kept by its very bytes: one question asks for it several times."""
    return parse_feed(decode_toml(path, data, FeedDefinitionError), str(path))


def _referenced(folder: Path, definition: FeedDefinition) -> list[str]:
    """The relative path that a definition names, once it is known to lie inside the folder."""
    source = definition.source
    if not isinstance(source, (BundleSource, FolderSource)):
        return []
    where = f"{folder / DEFINITION}: `source.path`"
    target = folder / source.path
    if not target.exists():
        raise FeedDefinitionError(f'{where}: there is no "{plain(source.path)}"', "check the path")
    if Path(source.path).is_absolute():
        return []
    if not target.resolve().is_relative_to(folder.resolve()):
        raise FeedDefinitionError(
            f"{where} leads out of the feed's folder", "move the file inside or write its full path"
        )
    return [str(Path(source.path))]


def _copy(source: Path, target: Path) -> None:
    """Copy a file, or a folder without its symlinks; modes 0600 and 0700, times kept."""
    if source.is_dir():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(source.iterdir()):
            if not path.is_symlink():
                _copy(path, target / path.name)
    elif source.is_file():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with source.open("rb") as reader, _create(target) as writer:
            shutil.copyfileobj(reader, writer)
        # A feed read from a file is as old as the file: expiry counts from that.
        found = source.stat()
        os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(path: Path, data: bytes) -> None:
    """Replace a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with _create(temporary) as writer:
            writer.write(data)
            writer.flush()
            os.fsync(writer.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        reason = (error.strerror or "cannot be written").lower()
        raise ConfigError(f"{path}: {reason}") from None
