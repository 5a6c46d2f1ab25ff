"""Tenant lists with few words: apply changes to one, fill one, look at its files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from strategies.builders import LIMIT, NOW, create, edit, plan, row
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change
from tidegate.store.entry import Entry
from tidegate.store.tenant_store import CHECKPOINT_EVERY, TenantStore


def apply(
    store: TenantStore,
    *changes: Change[Indicator],
    limit: int = LIMIT,
    now: datetime = NOW,
) -> Entry:
    """Apply changes to the list as it is now."""
    state = store.state()
    entry = store.apply(
        plan(changes, serial=state.serial, lineage=state.lineage),
        limit=limit,
        now=now,
        actor="ana",
    )
    assert entry is not None
    return entry


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a list, by its path below the folder; locks are no part of it."""
    files = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("lock"))
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


@contextlib.contextmanager
def flipped(path: Path, at: int, mask: int) -> Iterator[None]:
    """One byte of a file damaged, and put right again at the end.

    In place: many file systems write a file out at once when it was emptied and written again.
    """
    with path.open("r+b", buffering=0) as file:
        (byte,) = os.pread(file.fileno(), 1, at)
        os.pwrite(file.fileno(), bytes([byte ^ mask]), at)
        try:
            yield
        finally:
            os.pwrite(file.fileno(), bytes([byte]), at)


def filled(folder: Path, number: int = CHECKPOINT_EVERY) -> TenantStore:
    """A store of that many rows, by default just enough for a checkpoint, and one edit more."""
    store = TenantStore(folder)
    apply(store, *create(*(row(n) for n in range(number))))
    apply(store, *edit(row(0), note="after the checkpoint"))
    return store
