"""Runs of a sync on the record: begun, ended, read again.

Owns what is told of a run, its exit code among it, whichever door it came through. Refuses to fail
a sync for the sake of its record.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from tidegate.clock import stamp
from tidegate.errors import ExitCode, TidegateError
from tidegate.ledger.runs import FeedRun, Run, begin_run, end_run, runs
from tidegate.service.pulling import Abandoned
from tidegate.service.workspace import Workspace

__all__ = ["FeedRun", "Run", "latest", "of_feed", "record", "recording"]

_INTERRUPTED = 130
"""What a shell tells of a process that Ctrl-C ended: 128 and the signal's number."""


class Recording:
    """A run that is going on."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def note(self, **known: object) -> None:
        """Note what is known of it by now."""
        self.run = dataclasses.replace(self.run, **known)  # type: ignore[arg-type]  # fields of Run


@contextlib.contextmanager
def recording(ws: Workspace, door: str) -> Iterator[Recording]:
    """Keep a record of what happens inside, however it ends."""
    going = Recording(begin_run(ws.ledger, ws.clock(), door, ws.tenant))
    try:
        yield going
    except BaseException as fault:
        code, error = _told(fault)
        going.note(code=code, error=error)
        raise
    finally:
        going.note(ended=ws.clock())
        with contextlib.suppress(TidegateError):
            end_run(ws.ledger, going.run)


def _told(fault: BaseException) -> tuple[int, str]:
    """The exit code and the words for what ended a run; no text of strangers."""
    if isinstance(fault, TidegateError):
        return fault.exit_code, str(fault)
    if isinstance(fault, KeyboardInterrupt):
        return _INTERRUPTED, "interrupted"
    if isinstance(fault, Abandoned):
        return ExitCode.DONE, "abandoned: an end was asked for"
    return ExitCode.INTERNAL, f"internal fault: {type(fault).__name__}"


class InFeed(NamedTuple):
    """What became of one feed in a run."""

    run: Run
    feed: FeedRun


def latest(ws: Workspace, limit: int | None = None) -> Iterator[Run]:
    """The runs of this tenant's syncs, newest first."""
    return islice((run for run in runs(ws.ledger) if run.tenant == ws.tenant), limit)


def of_feed(ws: Workspace, ident: str, limit: int) -> tuple[InFeed, ...]:
    """The last runs that pulled a feed or tried to, newest first, whichever tenant's."""
    found = (InFeed(run, feed) for run in runs(ws.ledger) for feed in run.feeds if feed.id == ident)
    return tuple(islice(found, limit))


def record(run: Run) -> dict[str, object]:
    """The fields of `runs --json`; `finished` is false for a run that goes on or was killed."""
    return {
        "run": run.id,
        "began": stamp(run.began),
        "ended": None if run.ended is None else stamp(run.ended),
        "seconds": run.seconds,
        "finished": run.ended is not None,
        "door": run.door,
        "tenant": run.tenant,
        "dry_run": run.dry_run,
        "feeds": [dataclasses.asdict(feed) for feed in run.feeds],
        "plan": dict(run.plan),
        "applied": run.applied,
        "serial": run.change,
        "held_id": run.held_id or None,
        "used": run.used,
        "limit": run.limit,
        "exit_code": run.code,
        "error": run.error,
    }
