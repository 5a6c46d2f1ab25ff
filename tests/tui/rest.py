"""When an app that a test drives has come to rest."""

from __future__ import annotations

from asyncio import sleep
from time import monotonic, process_time

_LOOK, _REST, _WORK = 0.004, 0.02, 0.001
"""Seconds between two looks, those of rest, and the processor time in them that is no work yet."""


async def wait_for_idle(min_sleep: float = _REST, max_sleep: float = 1) -> None:
    """Wait until the app has done nothing for as long as Textual's own `wait_for_idle` asks for.

    That one counts in rounds of such a length, and begins another whenever work fell into one; this
    one counts from the end of the work. A look that comes late says nothing: other processes had
    the processor.
    """
    began = rests = monotonic()
    used = process_time()
    while (now := monotonic()) - began < max_sleep:
        await sleep(_LOOK)
        if monotonic() - now > 2 * _LOOK or process_time() - used > _WORK:
            rests, used = monotonic(), process_time()
        elif monotonic() - rests >= max(_REST, min_sleep):
            return
