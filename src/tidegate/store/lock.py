"""One writer at a time, for the milliseconds that a write takes; a bulk change takes longer.

Owns the lock file of a folder. The kernel frees it when its holder dies, so a dead process never
blocks; a live one is named when the wait ends. Never held across the network or a question.

flock is called directly where there is one: filelock, which serves Windows, takes half as long as
the fsync that the lock is for.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import monotonic, sleep

from tidegate.errors import StoreLocked
from tidegate.store.files import descriptor_of, private_folder

WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.005
_SIGNED = re.compile(r"process (\d{1,9}) ")


@contextlib.contextmanager
def exclusive(folder: Path, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the folder's lock. Raises StoreLocked after `wait` seconds, naming the holder."""
    holder = folder / "lock.holder"
    try:
        try:
            release = _taken(folder / "lock", wait)
        except FileNotFoundError:
            private_folder(folder)
            release = _taken(folder / "lock", wait)
    except TimeoutError as fault:
        raise _busy(folder, holder) from fault
    with release:
        _sign(holder)
        yield


def _busy(folder: Path, holder: Path) -> StoreLocked:
    try:
        who = holder.read_text("utf-8", "replace")
    except OSError:
        who = ""
    if not _lives(who):  # some other program's lock: the last of ours to sign is gone
        return StoreLocked(f"{folder} is in use by another program", "try again when it is done")
    return StoreLocked(
        f"{folder} is in use by {who}", "try again when it is done, or end that process"
    )


def _lives(who: str) -> bool:
    """Whether the process that signed still runs, as far as one can tell."""
    found = _SIGNED.match(who)
    if found is None or sys.platform == "win32":  # where signal 0 would end it
        return found is not None
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


if sys.platform == "win32":
    from filelock import FileLock, Timeout

    def _taken(path: Path, wait: float) -> contextlib.AbstractContextManager[object]:
        try:
            if not path.parent.is_dir():
                raise FileNotFoundError(path.parent)
            return FileLock(path).acquire(timeout=wait)
        except Timeout as fault:
            raise TimeoutError from fault

else:
    import fcntl

    def _taken(path: Path, wait: float) -> contextlib.AbstractContextManager[object]:
        """Take the lock and return what frees it. Raises TimeoutError, FileNotFoundError."""
        stream = os.fdopen(descriptor_of(path, os.O_RDWR | os.O_CREAT), "r+b", buffering=0)
        deadline = None
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                deadline = deadline or monotonic() + wait
                if monotonic() >= deadline:
                    stream.close()
                    raise TimeoutError from None
                sleep(_POLL_SECONDS)
            else:
                return stream


@cache
def _program() -> str:
    return Path(sys.argv[0]).name


def _sign(holder: Path) -> None:
    """Say who holds the lock, unless the last holder was this process, too."""
    name = f"process {os.getpid()} ({_program()})".encode()
    descriptor = descriptor_of(holder, os.O_RDWR | os.O_CREAT)
    try:
        if os.read(descriptor, len(name) + 1) != name:
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)  # Windows has no pwrite
            os.write(descriptor, name)
    finally:
        os.close(descriptor)
