"""One event of a device, as far as an indicator can match it.

Owns the shape that every engine takes and every reader of events makes. Refuses spellings: values
are canonical here (indicators/value.py).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from tidegate.indicators.kinds import IndicatorType


class Role(StrEnum):
    """What a value is to its event. Hashes of one role are those of one file."""

    FILE = "file"
    """The file that the event is about: what is written, run or loaded."""
    PROCESS = "initiating_process"
    """The file of the process that did it."""
    CERTIFICATE = "certificate"
    """The leaf certificate that signed the file."""
    REMOTE_IP = "remote_ip"
    REMOTE_URL = "remote_url"
    """The URL, or the host name alone, that was connected to."""


class Observable(NamedTuple):
    """A value that indicators may name, in canonical form."""

    role: Role
    type: IndicatorType
    value: str


class Event(NamedTuple):
    """One event. `at` is UTC; `group` is the device's one group, "" for devices in none.

    `id` tells the event from all others of a scan, `action` is its ActionType (advanced hunting).
    `process` is the file name of the process that did it (InitiatingProcessFileName) and `folder`
    where the file lies that the event is about (FolderPath), both as recorded, "" where unknown.
    """

    id: str
    at: datetime
    device: str
    group: str
    action: str
    observables: tuple[Observable, ...]
    process: str = ""
    folder: str = ""
