"""The area of the journal: every line of every file, its chain, and what it makes of nothing.

Also the anchor: the last line's digest, which somebody noted elsewhere and the chain must still
contain. Without one, a journal that was cut short or written anew cannot be told from a true one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.errors import StoreDamaged, StoreTooNew, UsageError
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.service.doctor.findings import (
    FIX,
    MODE,
    Anchor,
    Checked,
    Finding,
    checked,
    damage,
    fault,
    many,
    warning,
)
from tidegate.service.doctor.invariants import JOURNAL, Replay
from tidegate.store.entry import Entry
from tidegate.store.tenant_store import TenantStore

_ANCHOR = re.compile(r"([0-9]{1,15}):([0-9a-f]{64})")
_LOOKS = 3
_PAUSE = 0.05
"""Seconds after which a change that somebody was writing is written."""


@dataclass(slots=True)
class History:
    """What reading the whole journal came to; `whole`: to its end, each line as it was written."""

    findings: list[Finding] = field(default_factory=list)
    changes: int = 0
    whole: bool = False
    remains: int = 0
    replay: Replay = field(default_factory=Replay)
    end: Anchor = field(default_factory=Anchor)
    last: datetime | None = None
    then: tuple[Mapping[str, Indicator], Mapping[str, Suppression]] | None = None
    """Rows and suppressions at the change that the reader asked for; None if it is not there."""


def parse_anchor(text: str) -> Anchor:
    """Read `SERIAL:DIGEST`. Raises UsageError."""
    found = _ANCHOR.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(
            f"--anchor {text!r} is no SERIAL:DIGEST", "give it as `tidegate doctor` wrote it"
        )
    return Anchor(int(found[1]), found[2])


def read_history(store: TenantStore, serial: int | None, anchor: Anchor | None = None) -> History:
    """Read the journal, as often as somebody writes into it meanwhile, within reason."""
    history = _read(store, serial, anchor)
    for _ in range(_LOOKS - 1):
        if not (history.findings or history.remains):
            break
        size = store.journal.size()
        time.sleep(_PAUSE)
        if size == store.journal.size():
            break
        history = _read(store, serial, anchor)
    return history


def _read(store: TenantStore, serial: int | None, anchor: Anchor | None) -> History:
    history = History()
    if serial == 0:
        history.then = ({}, {})
    store.journal.remains = 0
    try:
        for entry in store.entries():
            history.findings += history.replay.take(entry)
            history.findings += _against(entry, anchor)
            history.changes += 1
            history.end, history.last = Anchor(entry.serial, entry.sum), entry.at
            if entry.serial == serial:
                replay = history.replay
                history.then = (dict(replay.rows), dict(replay.suppressions))
    except StoreTooNew as error:
        history.findings.append(damage(JOURNAL, "too_new", error.message, error.hint))
    except StoreDamaged as error:
        history.findings.append(damage(JOURNAL, "broken", error.message, error.hint))
    except OSError as error:
        history.findings.append(
            fault(JOURNAL, "unreadable", f"{error.filename}: {error.strerror}", MODE)
        )
    else:
        history.whole = True
    history.remains = store.journal.remains
    if anchor is not None and anchor.serial > history.end.serial:
        history.findings.append(_cut_short(anchor, history))
    return history


def _against(entry: Entry, anchor: Anchor | None) -> Iterator[Finding]:
    if anchor is not None and entry.serial == anchor.serial and entry.sum != anchor.sum:
        yield damage(
            JOURNAL,
            "anchor_differs",
            f"change {entry.serial} is {entry.sum[:12]}…, not {anchor.sum[:12]}… as noted: "
            "the journal was written anew",
            "keep a copy of the folder and ask who did it",
        )


def _cut_short(anchor: Anchor, history: History) -> Finding:
    if not history.whole:
        return damage(
            JOURNAL,
            "anchor_unreached",
            f"the anchor at change {anchor.serial} lies behind what can be read",
        )
    return damage(
        JOURNAL,
        "anchor_missing",
        f"the journal ends at change {history.end.serial}, the anchor was noted at "
        f"{anchor.serial}: it was cut short",
        "keep a copy of the folder and ask who did it",
    )


def told(store: TenantStore, history: History, anchor: Anchor | None, *, sound: bool) -> Checked:
    """The area, for the report. `sound`: the list itself could be read."""
    findings = list(history.findings)
    if history.remains and history.whole:
        left = f"{store.journal.path}: {many(history.remains, 'byte')} of a change that was never "
        if sound:
            left += "acknowledged; the next write removes them"
            findings.append(warning(JOURNAL, "incomplete_end", left, FIX, fixable=True))
        else:
            left += "acknowledged, or that was cut in the middle"
            findings.append(warning(JOURNAL, "incomplete_end", left))
    files = len(store.journal.archives()) + (store.journal.size() > 0)
    broken = not history.whole or any(finding.damage for finding in findings)
    summary = f"{many(history.changes, 'change')}{' read, NOT' if broken else ', chain'} whole"
    if not (history.changes or findings):
        summary = "nothing was ever changed"
    elif files > 1:
        summary += f", in {files:,} files"
    if anchor is not None and not broken:
        summary += f", holds the anchor at change {anchor.serial}"
    return checked(
        JOURNAL, summary, findings, changes=history.changes, files=files, serial=history.end.serial
    )
