"""The collector of cycles, kept off while values grow by the hundred thousand that make none.

Refuses to keep it off for longer than the work, and to switch it on where it was off before.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 500_000
"""Values that are left over from which on they are not looked at once more."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles off: hundreds of thousands of values grow that make none.

    It would go through all of them again and again, which takes a quarter of the time; and once
    more afterwards, unless they are taken off its hands.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            if gc.get_count()[0] > _MANY:
                gc.freeze()
            gc.enable()
