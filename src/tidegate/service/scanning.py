"""Cloud detection as a scan that can be repeated: nothing is raised twice, nothing is missed.

Owns what a repeated scan remembers: the alerts raised, by a digest of event and row, and how far
each growing file was read. While nothing that decides has changed, reading goes on where it ended;
otherwise every event is judged again, so that a new row finds old events. Remembers only after
whoever takes the alerts is done with them: a crash may raise some again, and loses none.

Refuses to keep its place in what cannot grow or be trusted to be the same: stdin, CSV, compressed
files and UTF-16 are read anew each time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import IO

from tidegate.clock import stamp
from tidegate.engines.sieve import Sieve
from tidegate.engines.verdict import Engine
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.ledger.scans import Place, Scan
from tidegate.service.judging import Judged, court, setting
from tidegate.service.matching import Asked, Counts, devices_of, every_event, walk_file
from tidegate.service.workspace import Workspace
from tidegate.sources.event_lines import Stream
from tidegate.sources.event_record import Read, Reader
from tidegate.sources.events import STDIN, is_csv, open_events, read_block, read_events

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_SAMPLE = 4096
"""Bytes of a file's beginning, and before the place, by which it is known again."""
_PENDING = 1_000
"""Alerts after which they are remembered."""


@dataclass
class _Progress:
    """What is to be remembered next, and where the file that is being read stands."""

    alerts: dict[bytes, None] = field(default_factory=dict)
    places: list[tuple[str, Place]] = field(default_factory=list)


def scan(
    ws: Workspace, name: str, asked: Asked, counts: Counts, settle: Callable[[], None]
) -> Iterator[Judged]:
    """Yield the alerts of cloud detection that this scan has not raised before.

    `settle` is called before anything is remembered: what was yielded must be safe after it. A
    read-only session remembers nothing. Raises UsageError.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a scan", "use 1 to 40 of a-z, 0-9 and the hyphen"
        )
    rows = tuple(ws.store.active(ws.clock()))
    devices = devices_of(asked.devices, counts.problems)
    judge = court(ws, rows, engines=(Engine.CLOUD_DETECTION,))
    reader = Reader(setting(ws, devices), counts.problems, Sieve(rows))
    memory = Scan(ws.ledger, ws.tenant, name)
    known = memory.known()
    judged_by = digest_of(rows, ws, devices)
    progress = _Progress()

    def walk(file: str, reader: Reader) -> Iterator[Read]:
        return _walk(file, reader, memory, judged_by, progress.places)

    def remember() -> None:
        settle()
        if not ws.read_only:
            memory.remember(progress.alerts, progress.places)
        progress.alerts.clear()
        progress.places.clear()

    for read in every_event(asked.files, reader, counts, walk):
        verdicts = judge.judge(read.event)
        row = verdicts[0].indicator
        if row is None or verdicts[0].alert is None:
            continue
        alert = _digest(read.event.id, row.id)
        if alert in progress.alerts or (known and memory.raised(alert)):
            continue
        progress.alerts[alert] = None
        judged = Judged(read.event, verdicts, read.line)
        counts.add(judged)
        yield judged
        if len(progress.alerts) >= _PENDING and not ws.read_only:
            settle()
            memory.remember(progress.alerts)
            progress.alerts.clear()
    remember()


def _walk(
    name: str, reader: Reader, memory: Scan, judged_by: bytes, places: list[tuple[str, Place]]
) -> Iterator[Read]:
    """Yield the events of a file from where the scan has come; note the place it ends at."""
    if name == STDIN:
        yield from walk_file(name, reader)
        return
    key = os.path.realpath(name)
    with open_events(name) as raw:
        place = memory.place(key) if raw.seekable() else None
        if place is not None and (
            place.list != judged_by or content(raw, place.offset) != place.content
        ):
            place = None
        offset, lines = (0, 0) if place is None else (place.offset, place.lines)
        if raw.seekable():
            raw.seek(offset)
        stream = Stream(raw, reader.problems, offset)
        if not offset and (not stream.seekable or not raw.seekable() or is_csv(stream, name)):
            yield from read_events(stream, name, reader)
            return
        for block in stream.blocks(lines + 1):
            yield from read_block(block, reader)
            reader.beat(reader.count)
            if block.whole:
                offset, lines = block.end, block.first + len(block.lines) - 1
        # Asked of the file that was read: another may have taken its name meanwhile.
        places.append((key, Place(offset, lines, content(raw, offset), judged_by)))


def content(raw: IO[bytes], offset: int) -> bytes:
    """A fingerprint of a file up to a place: of its beginning and of what stands before there.

    A file that was rotated, cut or written anew has another.
    """
    raw.seek(0)
    head = raw.read(min(_SAMPLE, offset))
    raw.seek(max(0, offset - _SAMPLE))
    return _digest(str(offset), head.hex(), raw.read(min(_SAMPLE, offset)).hex())


def digest_of(
    rows: tuple[Indicator, ...], ws: Workspace, devices: Mapping[str, str] | None
) -> bytes:
    """A fingerprint of all that decides what a scan finds; titles and notes do not."""
    lines = sorted(
        "\t".join(
            (
                row.id,
                row.key.text,
                row.action,
                "" if row.expires is None else stamp(row.expires),
                *row.aliases,
            )
        )
        for row in rows
    )
    groups = sorted((devices or {}).items())
    return _digest(repr(ws.settings.engines), repr(groups), *lines)


def _digest(*parts: str) -> bytes:
    whole = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(whole, digest_size=16).digest()
