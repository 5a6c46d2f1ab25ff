"""The area of what killed processes leave: half-written files, half-copied feeds, lock files.

None of it is ever read, so none of it is a fault. `mend` removes what is older than a minute:
whoever is writing now is done by then. A lock file stays: the kernel frees a lock when its holder
dies, and removing the file would let two in.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tidegate.service.doctor.findings import FIX, Checked, Finding, checked, note, warning
from tidegate.service.doctor.permissions import Place, places

LEFTOVERS = "leftovers"

_HALF_FILE = re.compile(r"\..+\.[0-9a-f]{12}\.tmp")
_HALF_FEED = re.compile(r"\.([a-z0-9-]{1,40})\.[0-9a-f]{12}\.(new|old)")
_LOCK = "lock"
_MINUTE = timedelta(minutes=1)


def look_at_leftovers(root: Path, now: datetime) -> Checked:
    """Find what nobody will finish, and who is at work."""
    findings: list[Finding] = []
    for place in places(root):
        if _left(place, root, now):
            rescue = _only_copy(place)
            what = "is the only copy of that feed" if rescue else "was never finished"
            findings.append(
                warning(LEFTOVERS, "leftover", f"{place.path} {what}", FIX, fixable=True)
            )
        elif place.path.name == _LOCK and _locked(place.path):
            findings.append(
                note(LEFTOVERS, "locked", f"{place.path.parent} is in use by {_holder(place.path)}")
            )
    left = sum(finding.fixable for finding in findings)
    return checked(LEFTOVERS, f"{left:,} left behind" if left else "none", findings, left=left)


def _left(place: Place, root: Path, now: datetime) -> bool:
    name, mode = place.path.name, place.found.st_mode
    half = (stat.S_ISREG(mode) and _HALF_FILE.fullmatch(name)) or (
        stat.S_ISDIR(mode)
        and place.path.parent == root / "feeds"
        and _HALF_FEED.fullmatch(name) is not None
    )
    age = now.timestamp() - place.found.st_mtime
    return bool(half) and age > _MINUTE.total_seconds()


def _only_copy(place: Place) -> Path | None:
    """Where a feed's folder goes back to, when the copy that should replace it never came."""
    found = _HALF_FEED.fullmatch(place.path.name)
    if found is None or found[2] != "old":
        return None
    feed = place.path.with_name(found[1])
    return None if feed.exists() else feed


def _locked(path: Path) -> bool:
    """Whether somebody holds the lock now; asked without touching the file."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ImportError:
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _holder(lock: Path) -> str:
    try:
        return lock.with_name("lock.holder").read_text("utf-8", "replace")[:80]
    except OSError:
        return "somebody"


def mend(root: Path, now: datetime) -> Iterator[str]:
    """Remove what nobody will finish, put back a feed that was half replaced, and say so."""
    for place in list(places(root)):
        if not _left(place, root, now) or not place.path.exists():
            continue
        back = _only_copy(place)
        try:
            if back is not None:
                place.path.rename(back)
                yield f"{place.path}: put back as {back.name}"
                continue
            if stat.S_ISDIR(place.found.st_mode):
                shutil.rmtree(place.path)
            else:
                place.path.unlink()
        except OSError:
            continue  # told again by the examination after it
        yield f"{place.path}: removed"
