"""The program in a real terminal: tmux draws it, a test presses keys and reads the screen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
_LOOK = re.compile(r"\x1b\[([0-9;]*)m")
_COLOUR = re.compile(r"[34]8;(5;\d+|2;\d+;\d+;\d+);?")
PATIENCE = 30.0
"""Seconds to wait for a text; a busy machine is slow, not broken."""


class Terminal:
    """One tmux server of our own with one window, running `tidegate`."""

    def __init__(self, home: Path, width: int, height: int, *more: str) -> None:
        # A socket's path may have about 100 characters, which pytest's own folders exceed.
        self._folder = tempfile.mkdtemp(prefix="tg")
        self._tmux = ["tmux", "-S", f"{self._folder}/s", "-f", os.devnull]
        words = " ".join(("-m tidegate --home", str(home), *more))
        command = f"{sys.executable} {words}; echo code=$?; sleep 60"
        size = ["-x", str(width), "-y", str(height)]
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "TERM": "screen-256color"}
        for name in ("TMUX", "COLUMNS", "LINES"):  # a size set by another test would be believed
            environment.pop(name, None)
        subprocess.run(
            [*self._tmux, "new-session", "-d", *size, "sh", "-c", command],
            env=environment,
            check=True,
        )

    def send(self, *keys: str) -> None:
        """Press keys, all at once."""
        subprocess.run([*self._tmux, "send-keys", *keys], check=True)

    def press(self, *keys: str) -> None:
        """Press keys one by one, as slowly as a fast person."""
        for key in keys:
            subprocess.run([*self._tmux, "send-keys", key], check=True)
            time.sleep(0.05)

    def write(self, text: str) -> None:
        """Type a text."""
        subprocess.run([*self._tmux, "send-keys", "-l", text], check=True)

    def paste(self, text: str) -> None:
        """Paste a text the way a terminal does, in brackets."""
        subprocess.run([*self._tmux, "load-buffer", "-"], input=text.encode(), check=True)
        subprocess.run([*self._tmux, "paste-buffer", "-p", "-d"], check=True)

    def buffers(self) -> str:
        """What is in tmux's own clipboard: nothing, unless a hostile text got through."""
        listing = [*self._tmux, "list-buffers"]
        return subprocess.run(listing, check=True, capture_output=True, text=True).stdout

    def screen(self) -> str:
        """What a person sees."""
        capture = [*self._tmux, "capture-pane", "-p"]
        return subprocess.run(capture, check=True, capture_output=True, text=True).stdout

    def wait_for(self, text: str, gone: str = "") -> float:
        """Wait until a text is on screen and `gone` is not; return how many seconds that took."""

        def there() -> bool:
            seen = self.screen()
            return text in seen and not (gone and gone in seen)

        return self._wait(there, repr(text))

    def wait_for_caret(self, line: int) -> float:
        """Wait until one types into that line, counted from 0; it stays there afterwards."""
        where = [*self._tmux, "display-message", "-p", "#{cursor_y}"]

        def there() -> bool:
            told = subprocess.run(where, check=True, capture_output=True, text=True).stdout
            return int(told) == line

        return self._wait(there, f"the caret in line {line}")

    def wait_for_cursor(self, text: str) -> float:
        """Wait until a line with a text is drawn in reverse, as a table's cursor in use is."""
        return self._wait(lambda: text in self._reversed(), f"the cursor on {text!r}")

    def _reversed(self) -> str:
        """What of the screen is drawn in reverse."""
        capture = [*self._tmux, "capture-pane", "-p", "-e"]
        told = subprocess.run(capture, check=True, capture_output=True, text=True).stdout
        found, on, place = "", False, 0
        for look in _LOOK.finditer(told):  # a look holds on over the ends of lines
            found += told[place : look.start()] if on else ""
            place = look.end()
            for code in _COLOUR.sub("", look[1] or "0").split(";"):
                on = code == "7" or (on and code not in ("0", "27"))
        return found

    def _wait(self, there: Callable[[], bool], what: str) -> float:
        start = time.monotonic()
        while time.monotonic() - start < PATIENCE:
            if there():
                return time.monotonic() - start
            time.sleep(0.02)
        pytest.fail(f"{what} never came:\n{self.screen()}")

    def close(self) -> None:
        """End the server and all that runs in it."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
        shutil.rmtree(self._folder, ignore_errors=True)
