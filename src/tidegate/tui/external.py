"""A file in the person's own editor, with the terminal handed over meanwhile.

Refuses to judge what was written.
"""

from __future__ import annotations

import os
from pathlib import Path

from textual.app import App, SuspendNotSupported

from tidegate.errors import UsageError
from tidegate.service.editor import editor, run_editor


def edit(app: App[int], path: Path) -> None:
    """Let the person edit a file and come back. Raises UsageError."""
    editor(os.environ)  # before the screen is given away
    try:
        with app.suspend():
            run_editor(path)
    except SuspendNotSupported:
        raise UsageError("this terminal cannot be handed to an editor", f"edit {path}") from None
