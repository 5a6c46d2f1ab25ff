"""Automation levels: how far remediation goes by itself in a device group.

Owns the levels and the folders they depend on, as Microsoft lists them ("Automation levels in
automated investigation and remediation capabilities"). Refuses to guess a folder: where a level
depends on it and nobody named it, a person is asked.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Automation(StrEnum):
    """The levels of a device group."""

    FULL = "full"
    """Remediate threats automatically."""
    SEMI = "semi"
    """Require approval for all folders."""
    SEMI_CORE = "semi_core"
    """Require approval for core folders, those of the operating system."""
    SEMI_NON_TEMP = "semi_non_temp"
    """Require approval for all but temporary folders."""
    NONE = "none"
    """No automated response."""


_CORE = re.compile(r"(?:^|[\\/])windows(?:[\\/]|$)")
_TEMPORARY = re.compile(
    r"[\\/](?:"
    r"users[\\/][^\\/]+[\\/](?:appdata[\\/]local[\\/]temp|downloads)"
    r"|documents and settings[\\/][^\\/]+[\\/](?:local settings[\\/]temp(?:orary)?|users)"
    r"|windows[\\/]temp|program files(?: \(x86\))?"
    r")(?:[\\/]|$)"
)


def remedy(level: Automation, folder: str) -> tuple[bool, str]:
    """Say whether remediation in a folder needs nobody, and put it into words.

    `folder` is as recorded, in any letter case, with or without the file's name; "" where unknown.
    """
    if level is Automation.FULL:
        return True, "remediated automatically"
    if level is Automation.NONE:
        return False, "the device's group has no automated response"
    place = folder.lower()
    if level is Automation.SEMI or not place:
        return False, "remediation awaits approval"
    temporary = _TEMPORARY.search(place) is not None
    if level is Automation.SEMI_CORE and (temporary or not _CORE.search(place)):
        return True, "remediated automatically, as the folder is no core folder"
    if level is Automation.SEMI_NON_TEMP and temporary:
        return True, "remediated automatically, as the folder is temporary"
    return False, "remediation awaits approval in this folder"
