"""Which of the indicators that match decides, and why: one pure function for all engines.

Owns scope and expiry, and calls the rules between rows. Refuses matching (matcher) and what an
engine makes of the answer. Sources: [F] "Create indicators for files", [N] "Create indicators for
IPs and URLs/domains", [G] "Create and manage device groups", [O] "Overview of indicators"; what
they leave open is in `Choices`.

1. A row without groups is for all devices, others for devices in one of their groups [G]; a row is
   gone from the second of its expiry on [O].
2. A file, the file of the process and the connection are decided apart, each by its own door of
   Defender; of the three the strictest stands, as each door can stop the event by itself.
3. A file: of rows on one hash the device's group before all devices, then Block > Warn > Allow;
   then SHA-256 > SHA-1 > MD5; then against the certificate [F].
4. A connection: of rows on one value the device's group, then Allow > Warn > Block; the longer path
   among URLs; the closer name among domains; the URL against the name, and both against the
   address [N].
5. Where all is equal, the older row speaks, then the smaller id: never the order of the list.

Each step is the same contest: its criteria in turn, and the first in which two rows differ is the
rule that the reason names.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tidegate.engines.choices import Choices
from tidegate.engines.contest import Contest, Match
from tidegate.engines.event import Observable
from tidegate.engines.rules import rules
from tidegate.engines.wording import NOTHING, alone, not_here
from tidegate.indicators.indicator import Indicator

__all__ = ["Choices", "Effective", "applies", "effective"]


class Effective(NamedTuple):
    """The row that decides, what it names of the event, and a sentence that says why."""

    indicator: Indicator | None
    observable: Observable | None
    reason: str


MISS = Effective(None, None, NOTHING)


def effective(matches: Sequence[Match], group: str, at: datetime, choices: Choices) -> Effective:
    """Find the indicator that decides for a device of `group` ("": in none) at `at`.

    The order of `matches` never matters. The indicator is None where no match applies.
    """
    standing = [match for match in matches if applies(match[1], group, at)]
    if not standing:
        if not matches:
            return MISS
        _, closest = min(matches, key=lambda match: (match[1].created, match[1].id))
        return Effective(None, None, not_here(closest, group, at))
    contest = Contest()
    seen, row = rules(choices).decide(contest, standing)
    return Effective(row, seen, contest.reason(row) or alone(row, seen))


def applies(row: Indicator, group: str, at: datetime) -> bool:
    """Say whether a row is for a device of this group at this time."""
    return (not row.groups or group in row.groups) and row.active(at)
