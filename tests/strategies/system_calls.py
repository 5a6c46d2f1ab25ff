"""Every call that touches files below one folder, shown to whoever wants to watch or to spoil it.

    with SystemCalls(folder, watcher): ...

Streams that the store opens write through these calls, too, and not behind their back.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import pytest

_BY_PATH = {
    "mkdir": True, "rmdir": True, "unlink": True, "remove": True, "chmod": True, "utime": True,
    "truncate": True, "stat": False, "lstat": False, "listdir": False, "scandir": False,
    "access": False,
}  # fmt: skip
_BY_TWO_PATHS = ("rename", "replace", "link", "symlink")
_BY_NUMBER = {
    "read": False, "fstat": False, "fchmod": True, "ftruncate": True, "fsync": True,
    "fdatasync": True,
}  # fmt: skip
_FLAGS = {"r": os.O_RDONLY, "w": os.O_CREAT | os.O_TRUNC, "a": os.O_CREAT | os.O_APPEND}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its name, the file or folder, and whether it may change what the disk holds."""

    name: str
    path: Path
    changes: bool
    size: int = 0
    """Bytes to write."""


class Watcher(Protocol):
    """What is told of each call; paths are absolute."""

    def before(self, call: Call) -> int | None:
        """Raise OSError to make it fail; a number makes a write stop after so many bytes."""

    def opened(self, path: Path, *, made: bool, emptied: bool) -> None:
        """A file was opened, made by it or emptied by it."""

    def wrote(self, path: Path, offset: int, data: bytes) -> None:
        """Bytes were written."""

    def cut(self, path: Path, size: int) -> None:
        """A file has another size."""

    def synced(self, path: Path) -> None:
        """A file's content or a folder's names were made durable."""

    def renamed(self, old: Path, new: Path) -> None:
        """A file has another name."""

    def linked(self, old: Path, new: Path) -> None:
        """A file has one name more."""

    def unlinked(self, path: Path) -> None:
        """A name is gone."""

    def made_folder(self, path: Path) -> None:
        """A folder is there."""


class _Stream(io.RawIOBase):
    """A file as the os module reads and writes it; the usual buffers go on top."""

    def __init__(self, number: int, mode: str) -> None:
        super().__init__()
        self._number = number
        self._mode = mode

    def fileno(self) -> int:
        return self._number

    def readable(self) -> bool:
        return "r" in self._mode or "+" in self._mode

    def writable(self) -> bool:
        return self._mode.strip("b") != "r"

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - typeshed's WriteableBuffer is no runtime name
        data = os.read(self._number, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:  # noqa: ANN401 - any bytes-like object
        return os.write(self._number, bytes(data))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(self._number, offset, whence)

    def truncate(self, size: int | None = None) -> int:
        size = self.tell() if size is None else size
        os.ftruncate(self._number, size)
        return size

    def close(self) -> None:
        if not self.closed:
            try:
                super().close()
            finally:
                os.close(self._number)


class SystemCalls:
    """Stands between the program and the operating system for everything below `root`."""

    def __init__(self, root: Path, watcher: Watcher) -> None:
        self._root = os.path.realpath(root)
        self._watcher = watcher
        self._open: dict[int, Path] = {}
        self._real: dict[str, Callable[..., Any]] = {}
        self._real_open = io.open

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Watch for the length of the block."""
        with pytest.MonkeyPatch.context() as patch:
            for name in (*_BY_PATH, *_BY_TWO_PATHS, *_BY_NUMBER, "open", "write", "close"):
                self._real[name] = getattr(os, name)
                if name in _BY_PATH:
                    patch.setattr(os, name, self._by_path(name))
                elif name in _BY_TWO_PATHS:
                    patch.setattr(os, name, self._by_two_paths(name))
                elif name in _BY_NUMBER:
                    patch.setattr(os, name, self._by_number(name))
            patch.setattr(os, "open", self._opening)
            patch.setattr(os, "write", self._writing)
            patch.setattr(os, "close", self._closing)
            self._real["fdopen"] = os.fdopen
            patch.setattr(os, "fdopen", self._fdopen)
            patch.setattr(io, "open", self._stream)
            yield

    @property
    def open_files(self) -> list[Path]:
        """The files that were opened and not closed again."""
        return list(self._open.values())

    def _ours(self, path: object) -> Path | None:
        if not isinstance(path, str | os.PathLike):
            return None
        text = os.path.abspath(os.fspath(path))  # noqa: PTH100 - a Path would ask the patched calls
        return Path(text) if text == self._root or text.startswith(self._root + os.sep) else None

    def _by_path(self, name: str) -> Callable[..., Any]:
        def call(path: Any = ".", *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as os has it
            ours = self._ours(path)
            if ours is None:
                return self._real[name](path, *args, **options)
            self._watcher.before(Call(name, ours, _BY_PATH[name]))
            result = self._real[name](path, *args, **options)
            if name in ("unlink", "remove", "rmdir"):
                self._watcher.unlinked(ours)
            elif name == "mkdir":
                self._watcher.made_folder(ours)
            elif name == "truncate":
                self._watcher.cut(ours, args[0])
            return result

        return call

    def _by_two_paths(self, name: str) -> Callable[..., None]:
        def call(old: Any, new: Any, **options: Any) -> None:  # noqa: ANN401 - as os has it
            source, target = self._ours(old), self._ours(new)
            if target is None:
                self._real[name](old, new, **options)
                return
            if source is None or name == "symlink":
                raise AssertionError(f"{name} from {old} to {new} is more than this can follow")
            self._watcher.before(Call(name, target, changes=True))
            self._real[name](old, new, **options)
            if name == "link":
                self._watcher.linked(source, target)
            else:
                self._follow(source, target)
                self._watcher.renamed(source, target)

        return call

    def _follow(self, source: Path, target: Path) -> None:
        """Open files go by their new names; one that was replaced goes by none."""
        names = {target: target.with_name(f"{target.name} (replaced)"), source: target}
        self._open = {number: names.get(path, path) for number, path in self._open.items()}

    def _by_number(self, name: str) -> Callable[..., Any]:
        def call(number: int, *args: Any) -> Any:  # noqa: ANN401 - as os has it
            ours = self._open.get(number)
            if ours is None:
                return self._real[name](number, *args)
            self._watcher.before(Call(name, ours, _BY_NUMBER[name]))
            result = self._real[name](number, *args)
            if name == "ftruncate":
                self._watcher.cut(ours, args[0])
            elif name in ("fsync", "fdatasync"):
                self._watcher.synced(ours)
            return result

        return call

    def _opening(self, path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:  # noqa: ANN401 - as os has it
        ours = self._ours(path)
        real: Callable[..., int] = self._real["open"]
        if ours is None:
            return real(path, flags, mode, **options)
        changes = bool(flags & (os.O_CREAT | os.O_TRUNC))
        self._watcher.before(Call("open", ours, changes))
        try:
            size: int | None = self._real["stat"](ours).st_size
        except OSError:
            size = None
        number = real(path, flags, mode, **options)
        self._open[number] = ours
        emptied = bool(flags & os.O_TRUNC and size)
        self._watcher.opened(ours, made=size is None, emptied=emptied)
        return number

    def _writing(self, number: int, data: Any) -> int:  # noqa: ANN401 - any bytes-like object
        ours = self._open.get(number)
        real: Callable[..., int] = self._real["write"]
        if ours is None:
            return real(number, data)
        most = self._watcher.before(Call("write", ours, changes=True, size=len(data)))
        real_bytes = bytes(data)[:most]
        written = real(number, real_bytes)
        offset = os.lseek(number, 0, os.SEEK_CUR) - written
        self._watcher.wrote(ours, offset, real_bytes[:written])
        return written

    def _closing(self, number: int) -> None:
        ours = self._open.pop(number, None)
        try:
            if ours is not None:
                self._watcher.before(Call("close", ours, changes=False))
        finally:
            # A close that fails has closed all the same.
            self._real["close"](number)

    def _fdopen(self, number: int, mode: str = "r", *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as os has it
        if number not in self._open:
            return self._real["fdopen"](number, mode, *args, **options)
        return _buffered(_Stream(number, mode), mode, options.get("encoding"))

    def _stream(self, path: Any, mode: str = "r", *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as io has it
        if self._ours(path) is None:
            return self._real_open(path, mode, *args, **options)
        flags = _FLAGS.get(mode[0], os.O_CREAT | os.O_EXCL)
        if "+" in mode:
            flags |= os.O_RDWR
        elif mode[0] != "r":
            flags |= os.O_WRONLY
        number = os.open(path, flags | os.O_CLOEXEC, 0o666)
        return _buffered(_Stream(number, mode), mode, options.get("encoding"))


def _buffered(raw: _Stream, mode: str, encoding: str | None) -> IO[Any]:
    buffered: Any
    if raw.readable() and raw.writable():
        buffered = io.BufferedRandom(raw)
    else:
        buffered = io.BufferedReader(raw) if raw.readable() else io.BufferedWriter(raw)
    return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding or "utf-8")
