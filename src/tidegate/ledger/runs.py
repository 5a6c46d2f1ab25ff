"""What each run of a sync came to, for people who were not there: the newest 500.

Owns the table and the form of a record in it. A run is noted when it begins, so that one that was
killed is found as what it is: without an end. Refuses to decide anything: only people read it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from tidegate.clock import read_stamp, stamp
from tidegate.errors import StoreDamaged
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.link import AGAIN

KEPT = 500


@dataclass(frozen=True, slots=True)
class FeedRun:
    """One feed in a run: what came, in how many pages, and what the ledger then held of it.

    `fetched` counts what is no object, too; `grew` is by how many objects more than before, or
    less. `error` is empty when it landed.
    """

    id: str
    fetched: int
    pages: int
    objects: int
    grew: int
    error: str
    note: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Without `ended` it is going on, or was killed; then nothing but its start is known.

    `door` is sync, watch or demo. `plan` has the numbers of the JSON contract, `change` is the
    serial of what was applied (None: nothing), `applied` whether the plan was. `used` of `limit`
    slots were taken at the end. `code` is what the run exited with, or would have; `error` is why
    it came to no plan.
    """

    id: int
    began: datetime
    door: str
    tenant: str
    ended: datetime | None = None
    code: int | None = None
    dry_run: bool = False
    feeds: tuple[FeedRun, ...] = ()
    plan: Mapping[str, int] = field(default_factory=dict)
    applied: bool = False
    change: int | None = None
    held_id: str = ""
    used: int | None = None
    limit: int | None = None
    error: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took, by a clock that people may set meanwhile."""
        return None if self.ended is None else max((self.ended - self.began).total_seconds(), 0)

    @property
    def failed(self) -> tuple[FeedRun, ...]:
        """The feeds that did not land."""
        return tuple(feed for feed in self.feeds if feed.error)


def begin_run(ledger: Ledger, began: datetime, door: str, tenant: str) -> Run:
    """Note that a run begins; the oldest ones are forgotten."""
    with ledger.transaction() as link:
        number = link.execute(
            "INSERT INTO sync_run (began, door, tenant) VALUES (?, ?, ?) RETURNING id",
            (stamp(began), door, tenant),
        ).fetchone()[0]
        link.execute("DELETE FROM sync_run WHERE id <= ?", (number - KEPT,))
    return Run(number, began, door, tenant)


_ELSEWHERE = ("id", "began", "door", "tenant", "ended", "feeds")


def end_run(ledger: Ledger, run: Run) -> None:
    """Note how a run ended. Nothing happens to one that was forgotten meanwhile."""
    body = {f.name: getattr(run, f.name) for f in dataclasses.fields(run)}
    for name in _ELSEWHERE:
        del body[name]
    body["feeds"] = [dataclasses.asdict(feed) for feed in run.feeds]
    with ledger.transaction() as link:
        link.execute(
            "UPDATE sync_run SET ended = ?, body = ? WHERE id = ?",
            (None if run.ended is None else stamp(run.ended), orjson.dumps(body), run.id),
        )


def runs(ledger: Ledger) -> Iterator[Run]:
    """Every run that is known, newest first; none in a ledger of an older version."""
    if not ledger.has("sync_run"):
        return
    for row in ledger.link.execute(
        "SELECT id, began, door, tenant, ended, body FROM sync_run ORDER BY id DESC"
    ):
        try:
            yield _read(*row)
        except (ValueError, TypeError) as fault:
            raise StoreDamaged(
                f"{ledger.path}: run {row[0]} is not what was written", AGAIN
            ) from fault


def _read(
    ident: int, began: str, door: str, tenant: str, ended: str | None, body: bytes | None
) -> Run:
    start = read_stamp(began)
    if ended is None or body is None:
        return Run(ident, start, door, tenant)
    known = orjson.loads(body)
    feeds = tuple(FeedRun(**feed) for feed in known.pop("feeds"))
    return Run(ident, start, door, tenant, read_stamp(ended), feeds=feeds, **known)
