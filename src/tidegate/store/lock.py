"""One writer at a time, for the milliseconds that a write takes.

Owns the lock file of a tenant. The kernel frees it when its holder dies, so a dead process never
blocks; a live one is named when the wait ends. Never held across the network or a question.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from tidegate.errors import StoreLocked
from tidegate.store.files import open_private, private_folder

WAIT_SECONDS = 10.0


@contextlib.contextmanager
def exclusive(folder: Path, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the folder's lock. Raises StoreLocked after `wait` seconds, naming the holder."""
    private_folder(folder)
    lock = FileLock(folder / "lock", timeout=wait, mode=0o600)
    holder = folder / "lock.holder"
    try:
        lock.acquire()
    except Timeout as fault:
        with contextlib.suppress(OSError):
            who = holder.read_text("utf-8")
            raise StoreLocked(
                f"{folder} is in use by {who}", "try again when it is done, or end that process"
            ) from fault
        raise StoreLocked(f"{folder} is in use", "try again in a moment") from fault
    try:
        with open_private(holder, os.O_RDWR | os.O_CREAT | os.O_TRUNC) as stream:
            stream.write(f"process {os.getpid()} ({Path(sys.argv[0]).name})".encode())
        yield
    finally:
        lock.release()
