"""A simulated disk that loses what nobody made durable, as power failures do.

It watches a store at work on real files (`SystemCalls`), remembers which bytes were fsynced and
which names an fsync of their folder made safe, and says what a folder may look like when power
fails before any call:

    disk = Disk(folder)
    with disk.watching(): ...
    for point in disk.points:
        for image in images(point, dice): image.lay_out(elsewhere)

It is harsher than most disks: unsynced changes of names may be kept or lost each on its own, and
unsynced content may be missing, cut short, all zeros, or hold zeros in some sectors.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from strategies.system_calls import Call, SystemCalls

SECTOR = 512

Change = tuple[int, bytes | None]
"""Bytes written at an offset, or a cut (or growth) to a size."""


@dataclass(slots=True)
class _File:
    kept: bytes = b""
    pending: tuple[Change, ...] = ()


Content = tuple[bytes, tuple[Change, ...]]
"""What is durable, and the changes since, in order."""


@dataclass(frozen=True, slots=True)
class _Naming:
    """A change of names in one folder: `old` goes, `new` comes. One is None, or it is a rename."""

    folder: Path
    old: Path | None
    new: Path | None
    file: _File | None
    """None for a folder."""


Names = Mapping[Path, _File | None]


@dataclass(frozen=True, slots=True)
class Point:
    """The disk before one call: what is safe and what is not."""

    root: Path
    call: str
    mark: object
    """What the test had noted: how much was acknowledged."""
    kept: Names
    pending: tuple[_Naming, ...]
    contents: Mapping[int, Content]


@dataclass(frozen=True, slots=True)
class Image:
    """What is found after power came back."""

    fate: str
    folders: frozenset[Path]
    files: Mapping[Path, bytes]

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for images that hold the same."""
        return self.folders, tuple(sorted(self.files.items()))

    def lay_out(self, folder: Path) -> None:
        """Write it into an empty folder."""
        for name in sorted(self.folders):
            (folder / name).mkdir(mode=0o700)
        for name, content in self.files.items():
            number = os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(number, content)
            os.close(number)


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder that costs no real disk's time, where the system has one."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder inside has a name nobody can guess
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder).resolve()


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Do not wait for the real disk, on whose memory nothing depends."""
    patch.setattr(os, "fsync", lambda _: None)


@dataclass
class Disk:
    """The folder, as far as it is safe. What it holds at first is."""

    root: Path
    mark: object = None
    points: list[Point] = field(default_factory=list, repr=False)
    _kept: dict[Path, _File | None] = field(default_factory=dict, repr=False)
    _names: dict[Path, _File | None] = field(default_factory=dict, repr=False)
    _pending: list[_Naming] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.root = Path(os.path.realpath(self.root))
        for path in sorted(self.root.rglob("*")):
            self._kept[path] = None if path.is_dir() else _File(path.read_bytes())
        self._names = dict(self._kept)

    def watching(self) -> AbstractContextManager[None]:
        """Record all calls of the block."""
        return SystemCalls(self.root, self)()

    def point(self, call: str) -> Point:
        """The disk as it is now."""
        files = [*self._kept.values(), *(naming.file for naming in self._pending)]
        return Point(
            self.root,
            call,
            self.mark,
            dict(self._kept),
            tuple(self._pending),
            {id(file): (file.kept, file.pending) for file in files if file is not None},
        )

    def missed(self) -> list[str]:
        """Names whose real content is not what was recorded: a call went by unseen."""
        real = {path: None if path.is_dir() else path.read_bytes() for path in self.root.rglob("*")}
        seen = {
            path: None if file is None else _applied(file.kept, file.pending)
            for path, file in self._names.items()
        }
        return sorted(str(p) for p in real.keys() | seen.keys() if real.get(p, 0) != seen.get(p, 0))

    # What SystemCalls tells

    def before(self, call: Call) -> int | None:
        """Note how the disk is before a call that changes it."""
        if call.changes:
            self.points.append(self.point(f"{call.name} {call.path.relative_to(self.root)}"))
        return None

    def opened(self, path: Path, *, made: bool, emptied: bool) -> None:
        if made:
            self._name(None, path, _File())
        if emptied:
            self.cut(path, 0)

    def wrote(self, path: Path, offset: int, data: bytes) -> None:
        self._change(path, (offset, data))

    def cut(self, path: Path, size: int) -> None:
        self._change(path, (size, None))

    def synced(self, path: Path) -> None:
        file = self._names.get(path)
        if file is not None:
            file.kept, file.pending = _applied(file.kept, file.pending), ()
            return
        for naming in self._pending:
            if naming.folder == path:
                _rename(self._kept, naming)
        self._pending = [naming for naming in self._pending if naming.folder != path]

    def renamed(self, old: Path, new: Path) -> None:
        if old.parent == new.parent:
            self._name(old, new, self._names[old])
        else:
            self._name(None, new, self._names[old])
            self._name(old, None, self._names[old])

    def linked(self, old: Path, new: Path) -> None:
        self._name(None, new, self._names[old])

    def unlinked(self, path: Path) -> None:
        self._name(path, None, self._names[path])

    def made_folder(self, path: Path) -> None:
        self._name(None, path, None)

    def _name(self, old: Path | None, new: Path | None, file: _File | None) -> None:
        folder = (new or old or self.root).parent
        naming = _Naming(folder, old, new, file)
        _rename(self._names, naming)
        self._pending.append(naming)

    def _change(self, path: Path, change: Change) -> None:
        file = self._names.get(path)
        if file is not None:
            file.pending = (*file.pending, change)


def _rename(names: dict[Path, _File | None], naming: _Naming) -> None:
    if naming.old is not None:
        names.pop(naming.old, None)
    if naming.new is not None:
        names[naming.new] = naming.file


def _applied(content: bytes, changes: tuple[Change, ...]) -> bytes:
    for at, data in changes:
        padded = content.ljust(at, b"\0")
        content = padded[:at] if data is None else padded[:at] + data + padded[at + len(data) :]
    return content


# -- what power failures leave -----


def _none(kept: bytes, pending: tuple[Change, ...], dice: random.Random) -> bytes:
    return kept


def _whole(kept: bytes, pending: tuple[Change, ...], dice: random.Random) -> bytes:
    return _applied(kept, pending)


def _prefix(kept: bytes, pending: tuple[Change, ...], dice: random.Random) -> bytes:
    """Some of the changes, and of the next one its first bytes."""
    if not pending:
        return kept
    number = dice.randrange(len(pending))
    at, data = pending[number]
    torn = () if data is None else ((at, data[: dice.randrange(len(data) + 1)]),)
    return _applied(kept, (*pending[:number], *torn))


def _zeros(kept: bytes, pending: tuple[Change, ...], dice: random.Random) -> bytes:
    """The sizes arrived and the bytes did not."""
    empty = tuple((at, data and bytes(len(data))) for at, data in pending)
    return _applied(kept, empty)


def _sectors(kept: bytes, pending: tuple[Change, ...], dice: random.Random) -> bytes:
    """The size arrived; each sector has its new bytes or what was there before."""
    whole = _applied(kept, pending)
    before = kept.ljust(len(whole), b"\0")
    return b"".join(
        (whole if dice.random() < 0.5 else before)[at : min(at + SECTOR, len(whole))]
        for at in range(0, len(whole), SECTOR)
    )


def _some(kept: bytes, pending: tuple[Change, ...], dice: random.Random) -> bytes:
    """Each change arrived, or did not, on its own."""
    return _applied(kept, tuple(change for change in pending if dice.random() < 0.5))


_FATES: dict[str, Callable[[bytes, tuple[Change, ...], random.Random], bytes]] = {
    "none": _none, "whole": _whole, "prefix": _prefix, "zeros": _zeros, "sectors": _sectors,
    "some": _some,
}  # fmt: skip


def images(point: Point, dice: random.Random) -> Iterator[Image]:
    """What power failure may leave, the worst first: every fate, with all, some or no new names."""
    for fate in (*_FATES, "any"):
        for chance in (0.0, 0.5, 1.0):
            yield _image(point, dice, fate, chance)


def _image(point: Point, dice: random.Random, fate: str, chance: float) -> Image:
    """Changes of names arrive with that chance each; contents meet their fate."""
    names = dict(point.kept)
    for naming in point.pending:
        if dice.random() < chance:
            _rename(names, naming)
    folders = {point.root}
    for path in sorted(path for path, file in names.items() if file is None):
        if path.parent in folders:  # else it is there and nobody finds it
            folders.add(path)
    files = {}
    for path, file in names.items():
        if file is not None and path.parent in folders:
            spoil = _FATES[dice.choice(list(_FATES)) if fate == "any" else fate]
            kept, pending = point.contents[id(file)]
            files[path.relative_to(point.root)] = spoil(kept, pending, dice)
    return Image(
        f"content: {fate}, names: {chance:.0%}",
        frozenset(path.relative_to(point.root) for path in folders - {point.root}),
        files,
    )
