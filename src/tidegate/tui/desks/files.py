"""What taking in a file asks: how its rows would change the list.

A line names the file and says what its rows are, in the words of `tidegate import`. Refuses to
apply anything.
"""

from __future__ import annotations

import re
from pathlib import Path

from tidegate.indicators.kinds import Origin
from tidegate.service.importing import plan_import
from tidegate.service.preview import Preview
from tidegate.service.workspace import Workspace

_OPTION = re.compile(r"\s+--(?:origin[ =](?P<origin>manual|foreign)|(?P<replace>replace))$")


class FileDesk:
    """Files that people bring."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    def plan(self, line: str) -> Preview:
        """Plan the rows of `FILE [--origin manual|foreign] [--replace]`; a path may hold spaces."""
        said: dict[str, str] = {}
        line = line.strip()
        while found := _OPTION.search(line):
            line = line[: found.start()].rstrip()
            said |= {name: text for name, text in found.groupdict().items() if text}
        origin = Origin(said.get("origin", Origin.MANUAL))
        return plan_import(self._ws, Path(line).expanduser(), origin, replace="replace" in said)
