"""What is handed to a partner's door, and what the door says became of it.

Owns the shapes between making a delivery and carrying it out. A door is one way of delivering: a
file, a folder, a TAXII collection. Refuses to deliver, and to know how the objects were chosen.

    def deliver(shipment: Shipment, progress: Progress) -> Delivery

A door delivers all of the objects, some, or none, and says so object by object: what it does not
list as accepted was not sent, stays due, and goes out with the next delivery. It raises ExportError
only where nothing was delivered. To deliver the same shipment again must do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from tidegate.partner.definition import Partner

StixObject = dict[str, object]

Progress = Callable[[int, int], None]
"""Told how many objects of how many are delivered, now and then."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a shipment. `suffix` goes behind the stem of its name: `.manifest.json`."""

    suffix: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a shipment is, for the partner's eyes: nothing here may be above their ceiling.

    `number` counts a partner's deliveries from 1 and stays until one succeeds, so that a repeated
    delivery takes the place of the first. `counts` has `new`, `changed`, `withdrawn` and
    `indicators`, their sum. `sha256` is that of the bundle's bytes.
    """

    partner: str
    number: int
    bundle: str
    made: datetime
    sha256: str
    size: int
    full: bool
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shipment:
    """One delivery, ready to go.

    `objects` are the bundle's, in an order in which no object comes before what it refers to.
    `carried` are the ids that it brings versions of, as opposed to identities, marking and
    extension definitions, which go along with each delivery; those of a list of withdrawals are
    among them, and only there are they not among `objects`. `files` are the same as bytes: first
    the bundle, whose suffix is `.json`, then the manifest and, where there is one, the list of
    withdrawals. `stem` is what a folder names them by; `series` tells apart there the deliveries of
    several tenants, and is empty for the usual one.
    """

    partner: Partner
    objects: Sequence[StixObject]
    carried: frozenset[str]
    manifest: Manifest
    files: tuple[Document, ...]
    series: str = ""

    @property
    def stem(self) -> str:
        """The name of the delivery without a suffix: the same until it has succeeded."""
        series = f"{self.series}-" if self.series else ""
        return f"{self.partner.id}-{series}{self.manifest.number:06}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a shipment.

    `accepted` and `failed` hold ids of objects, `failed` with a reason for people, safe to show.
    `done` is false where the door was stopped before it had tried all. `place` says where it went:
    a path, or an address without credentials. `note` is a line for people, or empty.
    """

    accepted: frozenset[str]
    place: str
    failed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    done: bool = True
    note: str = ""


class Door(Protocol):
    """One way of delivering."""

    def deliver(self, shipment: Shipment, progress: Progress) -> Delivery:
        """Deliver. Raises ExportError (exit 8, one line) where nothing was delivered."""
        ...

    def check(self) -> str:
        """Say that the door would take a delivery now, in a line for people; deliver nothing.

        Raises ExportError: it would not, and why.
        """
        ...
