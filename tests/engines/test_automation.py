"""Automation levels by folder, as "Automation levels in automated investigation" lists them."""

from __future__ import annotations

import pytest

from tidegate.engines.automation import Automation, remedy

WINDOWS = "C:\\Windows\\System32"
TEMPORARY = "C:\\Users\\ana\\AppData\\Local\\Temp\\x"
DOCUMENTS = "D:\\work"


@pytest.mark.parametrize(
    ("automation", "folder", "remediated"),
    [
        # Full; approval for all folders, for core folders, for all but temporary ones; none.
        *(("full", folder, True) for folder in ("", WINDOWS, TEMPORARY, DOCUMENTS)),
        *(("semi", folder, False) for folder in ("", WINDOWS, TEMPORARY, DOCUMENTS)),
        ("semi_core", "C:\\WINDOWS", False),
        ("semi_core", "D:\\WindowsOld", True),
        ("semi_core", "", False),
        ("semi_core", WINDOWS, False),
        ("semi_core", "C:\\Windows\\Temp", True),
        ("semi_core", TEMPORARY, True),
        ("semi_core", DOCUMENTS, True),
        ("semi_non_temp", "", False),
        ("semi_non_temp", WINDOWS, False),
        ("semi_non_temp", TEMPORARY, True),
        ("semi_non_temp", "C:\\Users\\ana\\Downloads", True),
        ("semi_non_temp", "C:\\Program Files (x86)\\Acme", True),
        ("semi_non_temp", DOCUMENTS, False),
        *(("none", folder, False) for folder in ("", WINDOWS, TEMPORARY, DOCUMENTS)),
    ],
)
def test_automation_levels(automation: str, folder: str, *, remediated: bool) -> None:
    done, said = remedy(Automation(automation), folder)
    assert done is remediated
    assert done is said.startswith("remediated automatically")


def test_the_levels_are_microsoft_s_five() -> None:
    assert {level.value for level in Automation} == {
        *("full", "semi", "semi_core", "semi_non_temp", "none")
    }
