"""The alerts that engines raise, as records, and the file they are written to.

Owns the fields of an alert and how its file grows. Refuses to decide what is new.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from tidegate.clock import stamp
from tidegate.errors import UsageError
from tidegate.service.judging import Judged


def alerts_of(judged: Judged) -> Iterator[dict[str, Any]]:
    """The alerts of one event, one for each engine that raises one."""
    event = judged.event
    for verdict in judged.verdicts:
        alert, row = verdict.alert, verdict.indicator
        if alert is None or row is None:
            continue
        yield {
            "event": event.id,
            "time": stamp(event.at),
            "device": event.device,
            "group": event.group,
            "engine": verdict.engine.value,
            "verdict": verdict.verdict.value,
            "title": alert.title,
            "severity": alert.severity.value,
            "category": alert.category,
            "description": alert.description,
            "recommended_actions": alert.recommended_actions,
            "mitre": list(alert.mitre),
            "indicator": row.id,
            "type": row.type.value,
            "value": row.value,
            "action": row.action.value,
            "reason": verdict.reason,
        }


class AlertFile:
    """A file of alerts, JSON Lines, readable by its owner only."""

    def __init__(self, path: Path, *, append: bool = False) -> None:
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
        try:
            self._stream: IO[bytes] = os.fdopen(os.open(path, flags, 0o600), "wb")
        except OSError as fault:
            reason = (fault.strerror or "cannot be written").lower()
            raise UsageError(f"--alerts {path}: {reason}", "choose another place") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()

    def write(self, judged: Judged) -> None:
        """Write the alerts of one event."""
        for record in alerts_of(judged):
            self._stream.write(_line(record))

    def flush(self) -> None:
        """Bring what was written to the disk."""
        self._stream.flush()
        os.fsync(self._stream.fileno())


def _line(record: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # A device's name may hold what is no character; orjson refuses the record then.
        return json.dumps(record).encode() + b"\n"
