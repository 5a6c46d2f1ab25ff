"""When an app that a test drives has come to rest."""

from __future__ import annotations

from asyncio import sleep
from time import monotonic, process_time

_LOOK, _WORK, _TWICE = 0.004, 0.001, 2
"""Seconds between two looks, the processor time in them that is no work yet, looks in a row."""


async def wait_for_idle(min_sleep: float = 0.02, max_sleep: float = 1) -> None:
    """Wait until the app does nothing, in two looks one upon the other.

    A look that comes late says nothing: other processes had the processor.
    """
    began, idle = monotonic(), 0
    while (now := monotonic()) - began < max_sleep:
        used = process_time()
        await sleep(_LOOK)
        late = monotonic() - now > 2 * _LOOK
        idle = 0 if late or process_time() - used > _WORK else idle + 1
        if idle >= _TWICE and monotonic() - began > min_sleep:
            return
