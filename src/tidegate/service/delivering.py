"""The doors by which a partner's delivery leaves: a file, a folder, a TAXII collection.

Owns which door a profile means, and the two that are files; taxii_door.py is the third. Both write
each file whole or not at all, the bundle last: whoever sees a bundle finds its manifest. Refuses to
make folders that a person named: a missing one is most likely a share that is not mounted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tidegate.errors import ExportError
from tidegate.partner import (
    Delivery,
    Door,
    FileDelivery,
    FolderDelivery,
    Partner,
    Progress,
    Shipment,
    TaxiiDelivery,
)
from tidegate.service.taxii_door import TaxiiDoor
from tidegate.store.handout import write_out
from tidegate.taxii.stopping import Stop, never


def door_of(
    partner: Partner,
    folder: Path,
    environ: Mapping[str, str],
    told: Callable[[str], object] = lambda _: None,
    stop: Stop = never,
) -> Door:
    """The door that a profile means.

    `folder` is that of the profile: relative paths start there. `environ` is what secrets of the
    kind `env:NAME` are looked up in, when the door is used. `told` hears why a delivery waits, in a
    line for people; `stop` says whether somebody asked for an end of one that takes long.
    """
    match partner.delivery:
        case FileDelivery(path=path):
            return FileDoor(folder / Path(path).expanduser())
        case FolderDelivery(path=path):
            return FolderDoor(folder / Path(path).expanduser())
        case TaxiiDelivery() as delivery:
            return TaxiiDoor(partner, delivery, folder, environ, told, stop)


class FileDoor:
    """One file, which always holds the latest delivery; its companions stand beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> str:
        """Say whether the file could be written. Raises ExportError."""
        _writable(self._path.parent)
        if self._path.is_dir():
            raise ExportError(f"{self._path} is a folder", 'name a file, or use kind = "folder"')
        return f"{self._path} can be written"

    def deliver(self, shipment: Shipment, progress: Progress) -> Delivery:
        """Replace the file. Raises ExportError."""
        self.check()
        return _put(shipment, self._path.parent, self._path.stem, self._path.suffix, progress)


class FolderDoor:
    """A folder that keeps one bundle for each delivery, named by the delivery's number."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> str:
        """Say whether the folder could be written into. Raises ExportError."""
        _writable(self._path)
        return f"{self._path} can be written into"

    def deliver(self, shipment: Shipment, progress: Progress) -> Delivery:
        """Add one delivery, or put it in place of its own unfinished beginning."""
        self.check()
        return _put(shipment, self._path, shipment.stem, ".json", progress)


def _put(shipment: Shipment, folder: Path, stem: str, ending: str, progress: Progress) -> Delivery:
    total = len(shipment.carried)
    bundle, *companions = shipment.files
    target = folder / f"{stem}{ending}"
    progress(0, total)
    try:
        for document in companions:
            write_out(folder / f"{stem}{document.suffix}", document.data)
        write_out(target, bundle.data)
    except OSError as fault:
        raise ExportError(
            f"cannot write {fault.filename or target}: {fault.strerror}",
            "nothing counts as sent; mend it and send again",
        ) from fault
    progress(total, total)
    return Delivery(shipment.carried, str(target))


def _writable(folder: Path) -> None:
    if not folder.is_dir():
        raise ExportError(f"there is no folder {folder}", "make it, or mend `delivery.path`")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ExportError(f"{folder} may not be written into", "check its owner and mode")
