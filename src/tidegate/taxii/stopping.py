"""Asking a server without having to wait for its answer once somebody wants to leave.

Owns the wait: the question is asked in a thread of its own, which is left to itself when an end is
asked for, so that neither a silent server nor a long pause keeps anybody. Refuses to break off a
question half-way: it may have been served, and whoever asked has to count with that.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from tidegate.errors import FeedUnavailable

Answer = TypeVar("Answer")

Stop = Callable[[], bool]
"""Whether somebody asked for an end."""

_LOOK_SECONDS = 0.1
"""How long an answer is waited for before it is asked whether to stop."""


class Stopped(FeedUnavailable):
    """Somebody asked for an end; what was asked last may have been served."""

    def __init__(self) -> None:
        super().__init__("interrupted", "what did not arrive goes with the next delivery")


def never() -> bool:
    """Go on to the end."""
    return False


def heed(stop: Stop) -> None:
    """Raise Stopped when somebody asked for an end."""
    if stop():
        raise Stopped


def unless(stop: Stop, ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns, or raise what it raises; Stopped when an end is asked for first.

    The thread that is left behind ends with its request, and with the process at the latest.
    """
    if stop is never:
        return ask()
    heed(stop)
    done: queue.SimpleQueue[tuple[Answer, None] | tuple[None, BaseException]] = queue.SimpleQueue()

    def work() -> None:
        try:
            done.put((ask(), None))
        except BaseException as fault:  # noqa: BLE001 - it is raised where somebody waits for it
            done.put((None, fault))

    threading.Thread(target=work, name="asking", daemon=True).start()
    while True:
        try:
            answer, fault = done.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            heed(stop)
        else:
            if fault is not None:
                raise fault
            return answer  # type: ignore[return-value]  # the pair has one or the other
