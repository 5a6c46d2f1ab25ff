"""What `doctor --fix` does: only what loses nothing, each thing said.

Modes, leftovers, the operator's word on the clock, an incomplete last record of the journal, and a
checkpoint that is missing or unreadable while the journal is whole. Refuses everything else: what
the journal cannot tell is `restore`'s, and nothing outside the home is touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tidegate.errors import StoreDamaged
from tidegate.service.doctor import clock, leftovers, permissions
from tidegate.service.doctor.findings import Report, many
from tidegate.service.timekeeping import Timekeeper
from tidegate.store.files import open_private, sync_folder
from tidegate.store.lock import exclusive
from tidegate.store.storage import CheckpointStorage
from tidegate.store.tenant_store import TenantStore

CHECKPOINT = "tenant.json"
ASIDE = "tenant.json.damaged"


def mend(
    root: Path, tenant: Path, report: Report, timekeeper: Timekeeper, now: datetime
) -> Iterator[str]:
    """Mend what the report calls fixable, and say what was done.

    Each thing is looked at again when its turn comes: somebody may have seen to it meanwhile.
    Raises StoreLocked, ConfigError, OSError.
    """
    wanted = {finding.code for finding in report.findings if finding.fixable}
    areas = {finding.area for finding in report.findings if finding.fixable}
    if permissions.PERMS in areas:
        yield from permissions.mend(root)
    if leftovers.LEFTOVERS in areas:
        yield from leftovers.mend(root, now)
    if clock.CLOCK in areas:
        yield from clock.mend(timekeeper, now, tenant.name, report.last_change)
    if "incomplete_end" in wanted:
        yield from _cut(tenant)
    if wanted & {"checkpoint_missing", "checkpoint_unreadable"}:
        yield from _write_checkpoint(tenant)


def _cut(tenant: Path) -> Iterator[str]:
    """Take the incomplete last record off, as the next write would."""
    with exclusive(tenant):
        store = TenantStore(tenant)
        store.state()  # raises when more is missing than the end of one record
        journal = store.journal
        journal.remains = 0
        for _ in journal.lines():  # raises when anything else is wrong
            pass
        remains = journal.remains
        if not remains:
            return
        with open_private(journal.path, os.O_RDWR) as stream:
            stream.truncate(journal.size() - remains)
            os.fsync(stream.fileno())
    yield f"{journal.path}: {many(remains, 'byte')} of an unfinished change removed"


def _write_checkpoint(tenant: Path) -> Iterator[str]:
    """Write the list anew as its journal makes it; an unreadable one is kept beside it."""
    path = tenant / CHECKPOINT
    with exclusive(tenant):
        storage = CheckpointStorage(path)
        aside = False
        try:
            if storage.read() is not None:
                return
        except StoreDamaged:
            path.rename(tenant / ASIDE)
            aside = True
            sync_folder(tenant)
        try:
            state = TenantStore(tenant).state()
            storage.envelope = state.envelope
            storage.write(state.tables)
        except BaseException:
            if aside:
                (tenant / ASIDE).rename(path)  # a full disk, say: as it was
            raise
    kept = f", the old one is {ASIDE}" if (tenant / ASIDE).exists() else ""
    yield f"{path}: written anew from the journal, at change {state.serial}{kept}"
