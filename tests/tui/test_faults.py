from __future__ import annotations

from tidegate.tui.app import TidegateApp
from tidegate.tui.faults import fault_line


def test_a_fault_line_names_kind_and_place_only() -> None:
    try:
        TidegateApp.copy_to_clipboard(None, object())  # type: ignore[arg-type]
    except AttributeError as error:
        line = fault_line(error)
    assert line.startswith("tidegate: internal fault: AttributeError in tidegate.tui.app:")
    assert "\n" not in line
    assert "unknown place" in fault_line(None)
