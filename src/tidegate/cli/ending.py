"""Signals that ask for an end, heard at a moment that suits: SIGTERM and Ctrl-C.

Owns what `watch` and a delivery under way have in common: the first signal is noted and asked
about, the second ends the process at once. Refuses to end anything by itself.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
from collections.abc import Iterator
from types import FrameType


class Ending:
    """Whether a signal asked for an end; a second one does not wait for it.

    `signum` is the first signal that asked, None while none did.
    """

    def __init__(self) -> None:
        self.signum: int | None = None
        # The one thing to wait for that may be filled in the middle of waiting for it.
        self._woken: queue.SimpleQueue[None] = queue.SimpleQueue()

    def __call__(self) -> bool:
        """Tell whether to stop."""
        return self.signum is not None

    def sleep(self, seconds: float) -> None:
        """Sleep until then or until a signal."""
        with contextlib.suppress(queue.Empty):
            self._woken.get(timeout=seconds)

    def ask(self, signum: int, _frame: FrameType | None = None) -> None:
        """Ask for an end, as a signal does."""
        if self.signum is not None:
            # By hand: the first process of a container is deaf to a signal without a handler.
            os._exit(128 + signum)
        self.signum = signum
        self._woken.put(None)

    @property
    def code(self) -> int:
        """The exit code of a command that the signal ended: 128 and its number, as of shells."""
        return 128 + (self.signum or 0)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hear signals meanwhile."""
        before = {s: signal.signal(s, self.ask) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)
