"""The servers of feeds as witnesses of the time: what they said, in this process and before.

Owns what was heard and the file in which the last agreement is kept, for writes that hear nobody.
Refuses to judge the clock; timekeeping does, by what `testimony` makes of the words.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tidegate.clock import Uptime
from tidegate.errors import StoreDamaged
from tidegate.service.testimony import Agreement, Word, agreed, elsewhere, parse, render
from tidegate.store.files import replace

FILE = "clock-servers.json"


class Witnesses:
    """Those of one home. `counts` says whose word counts: that of this machine does not."""

    def __init__(
        self,
        folder: Path,
        uptime: Callable[[], Uptime | None],
        counts: Callable[[str], bool] = elsewhere,
    ) -> None:
        self.path = folder / FILE
        self.counts = counts
        self._uptime = uptime
        self._words: dict[str, Word] = {}
        self._since: Uptime | None = None
        self._kept: Agreement | None = None

    @property
    def heard(self) -> frozenset[str]:
        """The hosts that this process has heard."""
        return frozenset(self._words)

    def hear(self, host: str, said: datetime, now: datetime) -> None:
        """Take in what time a server says it is when our clock says `now`; from any thread."""
        if self.counts(host):
            self._since = self._uptime()
            self._words[host] = Word(host, said, now)

    def testimony(self) -> Agreement | None:
        """What they agree on: those heard by this process, or the last ones that did before."""
        found = self._agreed()
        if found is not None:
            return found
        try:
            return parse(self.path.read_bytes())
        except (OSError, ValueError):
            return None

    def _agreed(self) -> Agreement | None:
        return agreed(tuple(self._words.values()), self._since)

    def keep(self) -> None:
        """Write down what was heard, if it is news and they agree."""
        found = self._agreed()
        if found is not None and found != self._kept:
            self._kept = found
            # No reason to refuse a change: what is wrong with the folder, the list will tell.
            with contextlib.suppress(OSError, StoreDamaged):
                replace(self.path, render(found))
