"""The area of modes, owners and links: who else could read or change what is in the home.

What Tidegate makes is for its owner alone (0600, folders 0700). What people put there (config.toml,
feeds, partners) may be readable, never writable, by others. No link may lead out of the home.
`mend` sets modes, on what it has opened without following links, and on nothing with other names.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tidegate.service.doctor.findings import (
    FIX,
    Checked,
    Finding,
    checked,
    fault,
    note,
    warning,
)

PERMS = "permissions"

_OWNER = 0o700
_READING = 0o500
_OTHERS = 0o077
_OTHERS_WRITE = 0o022
_OF_PEOPLE = ("config.toml", "feeds", "partners")
_FILE, _FOLDER = 0o600, 0o700


@dataclass(frozen=True, slots=True)
class Place:
    """One file or folder of a home, by `lstat`."""

    path: Path
    found: os.stat_result

    @property
    def mode(self) -> int:
        """The permission bits."""
        return stat.S_IMODE(self.found.st_mode)

    @property
    def wanted(self) -> int | None:
        """The mode that it should have; None for what is neither file nor folder."""
        if stat.S_ISDIR(self.found.st_mode):
            return _FOLDER
        return _FILE if stat.S_ISREG(self.found.st_mode) else None

    @property
    def linked(self) -> bool:
        """Whether the file has another name, which may lie anywhere."""
        return stat.S_ISREG(self.found.st_mode) and self.found.st_nlink > 1


def places(root: Path) -> Iterator[Place]:
    """Everything in a home, itself first; links are named and never followed."""
    yield Place(root, root.stat())  # which may be a link: it is the person's choice
    waiting = [root]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue  # its mode is told already
        for entry in entries:
            place = Place(Path(entry.path), entry.stat(follow_symlinks=False))
            yield place
            if stat.S_ISDIR(place.found.st_mode):
                waiting.append(place.path)


def look_at_permissions(root: Path) -> Checked:
    """Examine every file and folder of a home."""
    if os.name == "nt":
        return checked(PERMS, "not looked at on Windows")
    findings: list[Finding] = []
    number = 0
    owner = root.stat().st_uid
    if owner != os.geteuid():
        findings.append(
            note(PERMS, "other_user", f"{root} belongs to user {owner}, you are {os.geteuid()}")
        )
    for number, place in enumerate(places(root), 1):  # noqa: B007 - counted
        findings += _judged(place, root, owner)
    loose = sum(finding.fixable for finding in findings)
    summary = f"{number:,} files and folders, " + (f"{loose:,} too open" if loose else "private")
    return checked(PERMS, summary, findings, places=number)


def _judged(place: Place, root: Path, owner: int) -> Iterator[Finding]:
    path = place.path
    if stat.S_ISLNK(place.found.st_mode):
        mend = "put the file itself in its place"
        yield fault(PERMS, "symlink", f"{path} is a symbolic link", mend)
        return
    if place.found.st_uid != owner:
        mend = f"chown {owner} {path}"
        yield fault(PERMS, "owner", f"{path} belongs to user {place.found.st_uid}", mend)
    wanted = place.wanted
    if wanted is None:
        yield warning(PERMS, "special_file", f"{path} is neither file nor folder", "remove it")
        return
    told = f"{path} has mode {place.mode:04o}, it should be {wanted:04o}"
    by_hand = f"chmod {wanted:o} {path}"
    theirs = path == root or path.relative_to(root).parts[0] in _OF_PEOPLE
    if wanted & ~place.mode & (_READING if theirs else _OWNER):
        yield fault(PERMS, "closed", f"{told}: it is closed to its owner", by_hand)
    elif excess := place.mode & _OTHERS:
        level = warning if theirs and not excess & _OTHERS_WRITE else fault
        if place.linked:
            yield level(PERMS, "mode", f"{told}; it has another name, so see to it", by_hand)
        else:
            yield level(PERMS, "mode", told, FIX, fixable=True)


def mend(root: Path) -> Iterator[str]:
    """Take from others what they have on the home's files, and say what was done to which."""
    if os.name == "nt":
        return
    owner = root.stat().st_uid
    for place in list(places(root)):
        wanted = place.wanted
        if wanted is None or not place.mode & _OTHERS or place.linked:
            continue
        if place.found.st_uid == owner and _set(place, wanted, follow=place.path == root):
            yield f"{place.path}: mode {place.mode:04o} → {wanted:04o}"


def _set(place: Place, mode: int, *, follow: bool) -> bool:
    """Set the mode of exactly what was looked at; False when it is another, or not ours."""
    flags = os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(place.path, flags)
    except OSError:
        return False
    try:
        now = os.fstat(descriptor)
        same = (now.st_dev, now.st_ino) == (place.found.st_dev, place.found.st_ino)
        if not same or (stat.S_ISREG(now.st_mode) and now.st_nlink > 1):
            return False
        os.fchmod(descriptor, mode)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
