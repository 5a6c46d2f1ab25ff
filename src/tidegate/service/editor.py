"""Which editor a person has, a file for it, and running it. Refuses to judge what was written."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tidegate.errors import UsageError

_USUAL = ("sensible-editor", "nano", "vi")


def editor(environment: Mapping[str, str]) -> list[str]:
    """The words that start the editor. Raises UsageError when there is none."""
    named = environment.get("VISUAL") or environment.get("EDITOR")
    if named:
        try:
            words = shlex.split(named)
        except ValueError:
            words = []
        if words and shutil.which(words[0]):
            return words
        raise UsageError("the editor that EDITOR names is not found", "set EDITOR, then come back")
    for name in _USUAL:
        if found := shutil.which(name):
            return [found]
    raise UsageError("there is no editor", "set EDITOR to one, then come back")


def file_of(text: str) -> Path:
    """Write rows to a new file that nobody else can read; whoever has it edited removes it."""
    handle, name = tempfile.mkstemp(prefix="tidegate-", suffix=".toml")  # 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


def run_editor(path: Path) -> None:
    """Let the person edit a file in the terminal of this process. Raises UsageError."""
    words = editor(os.environ)
    try:
        done = subprocess.run([*words, str(path)], check=False)  # noqa: S603 - the person's own editor
    except OSError as fault:
        raise UsageError(f"{words[0]}: {fault.strerror}", f"edit {path}") from fault
    if done.returncode:
        raise UsageError(f"{Path(words[0]).name} ended with {done.returncode}", f"see {path}")
