"""A disk that fails on command: its n-th call, or all from there on."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from enum import Enum

from strategies.disk import Disk
from strategies.system_calls import Call

_TAKES_ROOM = frozenset({"open", "write", "fsync", "mkdir", "link", "rename", "replace"})


class Kind(Enum):
    """How a disk fails."""

    BROKEN = errno.EIO
    FULL = errno.ENOSPC
    SHORT = 0
    """No failure: a write that takes half of the bytes and says so."""


@dataclass
class TroubledDisk(Disk):
    """Remembers what is safe, like its base, and fails."""

    kind: Kind = Kind.BROKEN
    number: int = 1
    """Which of the calls that can fail so does; counted from 1."""
    for_ever: bool = False
    reads: bool = True
    """Whether a broken disk fails at reading, too."""
    count: int = 0
    struck: str = ""
    """The first call that failed; empty when there were fewer calls."""
    _half_written: bool = False

    def before(self, call: Call) -> int | None:
        """Let the call pass, or not."""
        if not self._can_fail(call):
            return None
        self.count += 1
        if self.count < self.number or (self.count > self.number and not self._again()):
            return None
        self.struck = self.struck or f"{call.name} {call.path.name}"
        half = call.name == "write" and call.size > 1 and self.kind is not Kind.BROKEN
        if half and not self._half_written:
            self._half_written = self.kind is Kind.FULL
            return call.size // 2
        self._half_written = False
        raise OSError(self.kind.value, os.strerror(self.kind.value), str(call.path))

    def _again(self) -> bool:
        """A full disk takes half of a write, and says that it is full at the next."""
        return self.for_ever or (self.kind is Kind.FULL and self._half_written)

    def _can_fail(self, call: Call) -> bool:
        if self.kind is Kind.SHORT:
            return call.name == "write" and call.size > 1
        if self.kind is Kind.FULL:
            return call.name in _TAKES_ROOM and (call.name != "open" or not call.path.exists())
        return self.reads or call.changes
