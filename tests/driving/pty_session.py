"""A program on a pseudo-terminal of its own: keys in, bytes out, and what that cost.

Times are to the last byte of an answer: an answer has ended when nothing came for a while. Linux
alone tells processor time and memory; elsewhere they are 0.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Self

_MOST = 60.0
"""Seconds after which an answer is over, whatever still blinks."""


@dataclass(frozen=True)
class Answer:
    """What came: seconds to its last byte, the processor's seconds, and the bytes themselves."""

    seconds: float
    cpu: float
    data: bytes


class PtySession:
    """One program; use it as a context."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], width: int, height: int
    ) -> None:
        self._leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self._began = monotonic()
        self._process = subprocess.Popen(
            command,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(follower)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._leader)

    def started(self, sign: bytes, quiet: float) -> Answer:
        """Wait for the first picture, which holds `sign`."""
        return self._answer(self._began, 0.0, sign, quiet)

    def press(self, keys: bytes, sign: bytes = b"", quiet: float = 0.06) -> Answer:
        """Press keys and wait for the answer, which holds `sign`."""
        cpu, began = self.cpu(), monotonic()
        os.write(self._leader, keys)
        return self._answer(began, cpu, sign, quiet, 30.0 if sign else 1.0)

    def settle(self, quiet: float = 0.6) -> None:
        """Read until nothing comes any more."""
        self._answer(monotonic(), 0.0, b"", quiet, patience=quiet)

    def end_by(self, signum: int) -> tuple[bytes, int]:
        """Send the program a signal and wait for its end: the last bytes, and the exit code."""
        self._process.send_signal(signum)
        last = self._answer(monotonic(), 0.0, b"", quiet=0.5).data
        return last, self._process.wait(20)

    def hang_up(self) -> int:
        """Close the terminal and wait for the program's end; return its exit code."""
        os.close(self._leader)
        self._leader = os.open(os.devnull, os.O_RDONLY)
        return self._process.wait(20)

    def _answer(
        self, began: float, cpu: float, sign: bytes, quiet: float, patience: float = 30.0
    ) -> Answer:
        data, last = b"", began
        while True:
            done = bool(data) and sign in data
            wait = min(quiet if done else patience, began + _MOST - monotonic())
            if wait <= 0 or not select.select([self._leader], [], [], wait)[0]:
                break
            try:
                data += os.read(self._leader, 1 << 16)
            except OSError:
                break
            last = monotonic()
        if sign not in data:
            raise AssertionError(f"{sign!r} never came")
        return Answer(last - began, self.cpu() - cpu, data)

    def cpu(self) -> float:
        """Seconds of processor time so far, of all threads."""
        total = 0
        for path in Path(f"/proc/{self._process.pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(path.read_text("ascii").split()[0])
        return total / 1e9

    def memory(self) -> float:
        """Resident memory in MB."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self._process.pid}/status").read_text("ascii").splitlines():
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0.0
