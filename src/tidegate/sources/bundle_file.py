"""Feeds that lie on disk: one STIX file, or a folder of them.

Owns reading: regular files up to 512 MiB, each a whole publication dated by the file's modification
time; publication.py decodes it. Refuses devices and pipes. In a folder one bad file does not sink
the others: their pages come first, then the error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Container, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tidegate.errors import BundleError
from tidegate.sources.base import FeedPage
from tidegate.sources.publication import MAX_BYTES, Publication, read_publication

_SUFFIXES = (".json", ".stix", ".stix2")


class BundleFile:
    """One file."""

    whole = True

    def __init__(
        self, path: Path, unrepaired: Container[str] = (), *, max_bytes: int = MAX_BYTES
    ) -> None:
        self._path = path
        self._unrepaired = unrepaired
        self._max_bytes = max_bytes

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:  # noqa: ARG002 - a file has no position
        """Yield the file's objects, at least one page; raises BundleError."""
        data, published = read_regular_file(self._path, self._max_bytes)
        found = self._read(data)
        del data
        yield from found.pages(published)

    def counted(self) -> str:
        """Read the file and say what is in it; raises BundleError."""
        return self._read(read_regular_file(self._path, self._max_bytes)[0]).counted()

    def _read(self, data: bytes) -> Publication:
        return read_publication(data, str(self._path), self._unrepaired, "put a STIX bundle there")

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield the steps file → readable → objects."""
        yield "file", partial(_file_detail, self._path)
        held: list[bytes] = []

        def readable() -> str:
            held.append(read_regular_file(self._path, self._max_bytes)[0])
            return f"{len(held[0])} bytes"

        yield "readable", readable
        yield "objects", lambda: self._read(held.pop()).counted()


class FolderOfBundles:
    """Every *.json, *.stix and *.stix2 file of one folder, by name; subfolders are left alone."""

    whole = True

    def __init__(
        self, path: Path, unrepaired: Container[str] = (), *, max_bytes: int = MAX_BYTES
    ) -> None:
        self._path = path
        self._unrepaired = unrepaired
        self._max_bytes = max_bytes

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        """Yield all files' objects, at least one page, then raise BundleError for bad files."""
        bad: list[BundleError] = []
        good = False
        for file in self._files():
            try:
                for page in self._source(file).pages(cursor):
                    good = True
                    yield page
            except BundleError as error:
                bad.append(error)
        if bad:
            rest = f" (and {len(bad) - 1} more files of this folder)" if len(bad) > 1 else ""
            raise BundleError(bad[0].message + rest, bad[0].hint)
        if not good:
            yield FeedPage((), 0, None, None)

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield the steps folder → files → objects of each."""
        yield "folder", lambda: f"{len(self._files())} files"
        for file in self._files():
            yield file.name, self._source(file).counted

    def _source(self, file: Path) -> BundleFile:
        return BundleFile(file, self._unrepaired, max_bytes=self._max_bytes)

    def _files(self) -> list[Path]:
        try:
            return sorted(
                entry for entry in self._path.iterdir() if entry.suffix.lower() in _SUFFIXES
            )
        except NotADirectoryError:
            raise BundleError(
                f"{self._path} is not a folder", 'for one file write kind = "bundle"'
            ) from None
        except OSError as error:
            raise _unreadable(self._path, error) from None


def read_regular_file(path: Path, max_bytes: int) -> tuple[bytes, datetime]:
    """Return a regular file's bytes and modification time; raises BundleError for all else."""
    try:
        # Not blocking on opening keeps a named pipe without a writer from holding us for ever.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with open(handle, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise BundleError(
                    f"{path} is not a regular file", "name a file that holds STIX JSON"
                )
            data = stream.read(max_bytes + 1)
    except IsADirectoryError:
        raise BundleError(f"{path} is a folder", 'write kind = "folder" for it') from None
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(data) > max_bytes:
        raise BundleError(
            f"{path} is larger than {max_bytes // 1024**2} MiB", "split it into a folder of files"
        )
    # Whole milliseconds, as STIX writes them: what is exported then reads back the same.
    return data, datetime.fromtimestamp(about.st_mtime_ns // 1_000_000 / 1_000, UTC)


def _unreadable(path: Path, error: OSError) -> BundleError:
    if isinstance(error, FileNotFoundError):
        return BundleError(f"{path} is not there", "check `path` in feed.toml")
    return BundleError(f"{path} cannot be read: {error.strerror}", "check the file's permissions")


def _file_detail(path: Path) -> str:
    try:
        about = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    written = datetime.fromtimestamp(about.st_mtime, UTC)
    return f"{path}, written {written:%Y-%m-%d %H:%M} UTC"
