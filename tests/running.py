"""Running the product the way a person does: as a process of its own, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tidegate

_SOURCE = Path(tidegate.__file__).resolve().parents[1]


@dataclass(frozen=True)
class Tidegate:
    """`tidegate` on the command line; `home` is what TIDEGATE_HOME names."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """Set on top of the test's own environment."""

    def run(
        self,
        *args: str | Path,
        input: str | None = None,  # noqa: A002 - named as subprocess.run names it
        check: bool = False,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; without `input`, stdin is empty and no terminal.

        `check` fails the test, with both outputs, when the exit code is not 0.
        """
        done = subprocess.run(
            self.command(*args),
            input=input if input is not None else "",
            env=self.env(),
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=timeout,
        )
        if check:
            assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *args: str | Path) -> subprocess.Popen[str]:
        """Start a command and leave it running, with pipes for all three streams."""
        return subprocess.Popen(
            self.command(*args),
            env=self.env(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def command(self, *args: str | Path) -> list[str]:
        """Return the words that run this command line."""
        return [sys.executable, "-m", "tidegate", *map(str, args)]

    def env(self) -> dict[str, str]:
        """Return the environment of the process: the test's, the home, and where the code is."""
        path = os.pathsep.join(filter(None, (str(_SOURCE), os.environ.get("PYTHONPATH"))))
        own = {"TIDEGATE_HOME": str(self.home), "PYTHONPATH": path, "PYTHONUTF8": "1"}
        return {**os.environ, **own, **self.environment}
