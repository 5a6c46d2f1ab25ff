"""Regression cases: events with the verdicts that somebody found right, to be asked again.

Owns the file `cases.jsonl` of a tenant and what counts as a change of a verdict: what the engine
does, whether it remediates, the alert, and the row that decides. Its wording may change freely.
Cases are judged as events of now, and so notice a row that has expired. Refuses to say whether a
change is good.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tidegate.clock import stamp
from tidegate.engines.verdict import Engine, Verdict
from tidegate.errors import StoreDamaged, UsageError
from tidegate.indicators.text import safe
from tidegate.service.judging import DEFAULT_FINDING, Court, court, event_of
from tidegate.service.workspace import Workspace
from tidegate.store import files

FILE = "cases.jsonl"
_NAME = re.compile(r"[a-z0-9-]{1,60}")
_MOST = 10_000
_LARGEST = 16 * 1024 * 1024
Facts = dict[str, Any]
Verdicts = tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A case asked again: for each engine what it said then and says now."""

    name: str
    record: Mapping[str, Any]
    then: Mapping[str, Facts]
    now: Mapping[str, Facts]
    verdicts: tuple[Verdict, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """The engines that decide otherwise than then."""
        return tuple(engine for engine, facts in self.now.items() if self.then.get(engine) != facts)


def check_name(name: str) -> None:
    """Refuse what cannot be a case's name. Raises UsageError."""
    if not _NAME.fullmatch(name):
        shown = safe(name, 40)
        raise UsageError(f"{shown!r} is no name for a case", "use a-z, 0-9 and the hyphen")


def save(ws: Workspace, name: str, record: Mapping[str, Any], finding: str) -> bool:
    """Store an event and today's verdicts under a name; True when it replaces an older case.

    Raises UsageError.
    """
    ws.writable()
    check_name(name)
    kept = {case["name"]: case for case in _read(ws)}
    again = name in kept
    if len(kept) >= _MOST and not again:
        raise UsageError(f"there are {_MOST:,} cases", f"remove some lines of {_path(ws)}")
    kept[name] = {
        "name": name,
        "event": dict(record),
        "finding": finding,
        "saved": stamp(ws.clock()),
        "by": ws.actor,
        "verdicts": facts(_ask(ws, _court(ws), record, finding)),
    }
    files.private_folder(_path(ws).parent)
    data = b"".join(orjson.dumps(case, option=orjson.OPT_APPEND_NEWLINE) for case in kept.values())
    files.replace(_path(ws), data)
    return again


def replay(ws: Workspace) -> list[Replayed]:
    """Ask every case again, in the order in which they were saved. Raises StoreDamaged."""
    found = []
    judge = _court(ws)
    for case in _read(ws):
        verdicts = _ask(ws, judge, case["event"], case["finding"])
        found.append(
            Replayed(case["name"], case["event"], case["verdicts"], facts(verdicts), verdicts)
        )
    return found


def facts(verdicts: Verdicts) -> dict[str, Facts]:
    """What a verdict comes to, by engine."""
    return {
        verdict.engine.value: {
            "verdict": verdict.verdict.value,
            "remediated": verdict.remediated,
            "alert": None
            if verdict.alert is None
            else {"title": verdict.alert.title, "severity": verdict.alert.severity.value},
            "indicator": None if verdict.indicator is None else verdict.indicator.id,
            "value": None if verdict.indicator is None else verdict.indicator.value,
        }
        for verdict in verdicts
    }


def differing(before: Verdicts, after: Verdicts) -> tuple[Engine, ...]:
    """The engines whose verdict is another one."""
    then, now = facts(before), facts(after)
    return tuple(it.engine for it in after if then.get(it.engine.value) != now[it.engine.value])


def kept(ws: Workspace) -> list[tuple[str, Mapping[str, Any], str]]:
    """Every case in the order in which they were saved: name, event and finding."""
    return [(case["name"], case["event"], case["finding"]) for case in _read(ws)]


def _court(ws: Workspace) -> Court:
    return court(ws, ws.store.active(ws.clock()), engines=tuple(Engine))


def _ask(ws: Workspace, judge: Court, record: Mapping[str, Any], finding: str) -> Verdicts:
    event, stated, _ = event_of(ws, record)
    return judge.judge(event, stated or finding or DEFAULT_FINDING)


def _path(ws: Workspace) -> Path:
    return ws.home.tenant_dir(ws.tenant) / FILE


def _read(ws: Workspace) -> list[dict[str, Any]]:
    path = _path(ws)
    try:
        data = path.read_bytes() if path.stat().st_size <= _LARGEST else b"\0"
    except FileNotFoundError:
        return []
    cases = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            case = orjson.loads(line)
            cases.append({name: case[name] for name in _FIELDS})
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise StoreDamaged(
                f"{path}: line {number} is no case", "mend or remove that line"
            ) from None
    return cases


_FIELDS = ("name", "event", "finding", "saved", "by", "verdicts")
