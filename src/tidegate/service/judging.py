"""The three engines on one list: what would Defender do with an event?

Owns which list, which choices and which level of automation the engines are given. Refuses files:
events are handed in one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tidegate.engines.detection import detection
from tidegate.engines.event import Event
from tidegate.engines.investigation import investigation
from tidegate.engines.matcher import Matcher
from tidegate.engines.prevention import prevention
from tidegate.engines.verdict import Engine, Verdict, Word
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import classify
from tidegate.service.workspace import Workspace
from tidegate.sources.event_columns import SHOWING
from tidegate.sources.event_problems import Problem, Problems
from tidegate.sources.event_record import Reader, Setting

ALL = tuple(Engine)
DEFAULT_FINDING = "malicious"
DEFAULT_AUTOMATION = "full"


class Judged(NamedTuple):
    """An event and what each engine that was asked makes of it."""

    event: Event
    verdicts: tuple[Verdict, ...]
    line: int = 0

    @property
    def hit(self) -> bool:
        """Whether any engine does something, or finds a row that decides."""
        return any(
            it.indicator is not None or it.verdict is not Word.NO_MATCH for it in self.verdicts
        )


@dataclass(frozen=True, slots=True)
class Court:
    """A list that was made ready, and what the engines need beside it.

    `finding` is what investigations found where an event does not say. `automation` is the level
    by group; groups that are not named have the full one.
    """

    matcher: Matcher
    now: datetime
    engines: Sequence[Engine] = ALL
    finding: str = DEFAULT_FINDING
    automation: Mapping[str, str] = field(default_factory=dict)

    def judge(self, event: Event, finding: str = "") -> tuple[Verdict, ...]:
        """Ask the engines, in their order."""
        return tuple(self._ask(engine, event, finding) for engine in self.engines)

    def _ask(self, engine: Engine, event: Event, finding: str) -> Verdict:
        match engine:
            case Engine.CLOUD_DETECTION:
                return detection(event, self.matcher, self.now)
            case Engine.ENDPOINT_PREVENTION:
                return prevention(event, self.matcher)
            case Engine.AUTOMATED_INVESTIGATION:
                level = self.automation.get(event.group, DEFAULT_AUTOMATION)
                return investigation(event, self.matcher, finding or self.finding, level)


def court(
    ws: Workspace,
    rows: Iterable[Indicator],
    *,
    engines: Sequence[Engine] = ALL,
    finding: str = DEFAULT_FINDING,
) -> Court:
    """Make a list ready, under the choices and groups of config.toml."""
    return Court(
        Matcher(rows, ws.settings.engines),
        ws.clock(),
        engines,
        finding,
        {group.name: group.automation for group in ws.settings.groups},
    )


def setting(ws: Workspace, devices: Mapping[str, str] | None = None) -> Setting:
    """What readers of events need to know of this home."""
    return Setting(ws.clock(), frozenset(group.name for group in ws.settings.groups), devices)


def event_of(
    ws: Workspace, record: Mapping[str, Any], devices: Mapping[str, str] | None = None
) -> tuple[Event, str, tuple[Problem, ...]]:
    """Read one record as an event of now, with its finding and what is odd about it.

    Whatever time the record states: the question is what Defender would do today. Without a
    ReportId it is called by what it shows. Raises UsageError when nothing in it could be on a list.
    """
    problems = Problems()
    known = setting(ws, devices)
    read = Reader(known, problems).read({"Timestamp": known.now.isoformat(), **record}, 0)
    if read is None or not read.event.observables:
        columns = ", ".join(it.column for it in SHOWING)
        raise UsageError("the event shows nothing that an indicator could name", f"name {columns}")
    event = read.event._replace(at=known.now)
    if not record.get("ReportId"):
        event = event._replace(id=", ".join(dict.fromkeys(it.value for it in event.observables)))
    return event, read.finding, tuple(problems)


_COLUMN = {
    IndicatorType.FILE_SHA256: "SHA256",
    IndicatorType.FILE_SHA1: "SHA1",
    IndicatorType.FILE_MD5: "MD5",
    IndicatorType.CERTIFICATE: "SignerHash",
    IndicatorType.IP_ADDRESS: "RemoteIP",
    IndicatorType.DOMAIN_NAME: "RemoteUrl",
    IndicatorType.URL: "RemoteUrl",
}


def record_of(value: str, group: str = "") -> dict[str, str]:
    """A record that shows one value, disarmed or not. Raises InvalidValue."""
    kind, canonical = classify(value)
    return {_COLUMN[kind]: canonical, **({"MachineGroup": group} if group else {})}
