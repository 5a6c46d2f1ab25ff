"""Writing where a person said: a file, a symlink to one, a pipe, a device.

Unlike our own files, which are never reached through a symlink (`store.files`), the place is the
person's choice. A regular file is replaced whole or not at all; what is no regular file is written
into and never replaced. Refuses folders. Every fault is an OSError that names the path, which the
caller turns into its own error.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from tidegate.store.files import replace

_NOCTTY = getattr(os, "O_NOCTTY", 0)  # Windows has no terminals to be taken over by
_STANDARD = {"/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,6})")


def is_stream(path: Path) -> bool:
    """Whether writing to `path` goes into a pipe, a device or an open descriptor."""
    if _descriptor(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def write_out(path: Path, data: bytes) -> None:
    """Write `data` to `path`; a new or replaced file is for its owner alone (0600).

    Raises OSError, IsADirectoryError for a folder and for an empty name.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if is_stream(path):
        _pour(path, data)
    else:
        replace(Path(os.path.realpath(path)), data)


def _descriptor(path: Path) -> int | None:
    """The descriptor behind a name such as /dev/stdout.

    Opening the name anew would write over the start of a file that the shell appends to.
    """
    text = os.path.normpath(path)
    found = _DESCRIPTOR.fullmatch(text)
    return int(found[1]) if found else _STANDARD.get(text)


def _pour(path: Path, data: bytes) -> None:
    number = _descriptor(path)
    try:
        # Neither made nor cut: what is there is no file of ours.
        opened = os.open(path, os.O_WRONLY | _NOCTTY) if number is None else os.dup(number)
        with os.fdopen(opened, "wb") as stream:
            stream.write(data)
    except OSError as fault:
        raise OSError(fault.errno, fault.strerror, str(path)) from fault
