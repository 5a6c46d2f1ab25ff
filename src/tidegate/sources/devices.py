"""Which device is in which group, from a file that an inventory exports.

Owns the columns: DeviceId or DeviceName, and MachineGroup, as JSON Lines or CSV. Refuses files that
name no group at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.errors import UsageError
from tidegate.sources.event_lines import Stream
from tidegate.sources.event_problems import Problems
from tidegate.sources.events import open_events, read_records

_NAMES = ("DeviceId", "DeviceName")
_GROUPS = ("MachineGroup", "DeviceGroup", "RbacGroupName", "rbacGroupName")


def read_devices(name: str, problems: Problems) -> Mapping[str, str]:
    """Return groups by device id and name, case-folded. Raises UsageError."""
    groups: dict[str, str] = {}
    with open_events(name) as raw:
        for _, record in read_records(Stream(raw, problems), name, problems):
            group = next(
                (g for column in _GROUPS if isinstance(g := record.get(column), str)), None
            )
            if group is None:
                continue
            for column in _NAMES:
                device = record.get(column)
                if isinstance(device, str) and device:
                    groups[device.casefold()] = group.strip()
    if not groups:
        raise UsageError(
            f"{name} tells no device's group", "it needs DeviceId or DeviceName, and MachineGroup"
        )
    return groups
