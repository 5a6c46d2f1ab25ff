"""Files that only their owner may read, replaced whole or not at all.

Owns modes (0600, folders 0700), the refusal of symlinks where we write, and the order
write → fsync → rename → fsync of the folder. Refuses to know what is in the files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path
from typing import IO

from tidegate.errors import StoreDamaged

# Windows has neither flag; durability is not claimed there, but reading and tests work.
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a pipe in the place of a file must not hold us
_BINARY = getattr(os, "O_BINARY", 0)


def descriptor_of(path: Path, flags: int) -> int:
    """Open a file of ours, created 0600. Raises StoreDamaged when it is a symlink."""
    if not _NOFOLLOW and path.is_symlink():
        raise _linked(path)
    try:
        descriptor = os.open(path, flags | _NOFOLLOW | _CLOEXEC | _BINARY | _NONBLOCK, 0o600)
    except OSError as fault:
        if fault.errno == errno.ELOOP:
            raise _linked(path) from fault
        raise
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    if not regular:
        os.close(descriptor)
        raise StoreDamaged(f"{path} is no regular file", "put the file itself in its place")
    return descriptor


def _linked(path: Path) -> StoreDamaged:
    return StoreDamaged(f"{path} is a symbolic link", "put the file itself in its place")


def open_private(path: Path, flags: int) -> IO[bytes]:
    """Do as `descriptor_of` and return a stream."""
    mode = "rb" if not flags & (os.O_WRONLY | os.O_RDWR) else "r+b"
    return os.fdopen(descriptor_of(path, flags), mode)


def private_folder(path: Path) -> None:
    """Make a folder and its parents, 0700 where they are new."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)  # else a power cut takes the folder with all that is in it


def sync_folder(path: Path) -> None:
    """Make a rename or a new name in `path` durable, where its file system can do that."""
    with contextlib.suppress(PermissionError):  # Windows cannot open folders
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as fault:
            if fault.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(descriptor)


def replace(path: Path, data: bytes) -> None:
    """Put `data` in place of `path`: after a crash it is the old file or the new one, whole."""
    if path.is_symlink():
        raise _linked(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with open_private(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL) as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as fault:
        temporary.unlink(missing_ok=True)
        raise named(fault, path) from fault
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def named(fault: OSError, path: Path) -> OSError:
    """The same fault, saying which file of ours it was about."""
    return OSError(fault.errno, fault.strerror, str(path))
