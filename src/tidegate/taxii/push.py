"""Sending objects to a collection (TAXII 2.1 §5.5), so that what arrived is known of each.

Owns the batches, the questions for their status and the account of every object. Sending a version
twice is harmless, so that whatever is in doubt counts as not there and is sent again next time.
What a server did not confirm is looked for in the collection first, where we may read it: the
reference server reports a version that it has already as a failure. A batch that is too large, or
that the server cannot process, is halved until the object at fault is alone. Refuses to start where
we may not write, and ids of statuses that are none. After the first batch nothing is raised: the
account says what went wrong, and what is there all the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import requests

from tidegate.errors import FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii.address import shown
from tidegate.taxii.collection import GuardedCollection
from tidegate.taxii.faults import OtherVersion, StatusRefused
from tidegate.taxii.reply import Reply, Version
from tidegate.taxii.retry import Retry
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.status import Status, read_status, verdicts
from tidegate.taxii.stopping import Stop, Stopped, heed, never, unless

_HEAD, _TAIL = b'{"objects":[', b"]}"
_TOO_LARGE = requests.codes.request_entity_too_large
_UNPROCESSED = (_TOO_LARGE, requests.codes.bad_request, requests.codes.unprocessable_entity)
"""What a server answers to a batch because of one object in it, or of their sum."""

_HOPELESS = 3
"""So many objects refused alone, and none taken: it is not the objects."""

_QUESTION = 50
"""Ids in one question, some 2,500 characters: all of an address that servers are sure to take."""


_POLLS = Retry(attempts=12, cap=30)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One object: its version, and its JSON as it goes over the wire."""

    version: Version
    data: bytes


@dataclass(frozen=True, slots=True)
class Pace:
    """How much goes at once, and how patiently a status is asked for. Times in seconds."""

    batch_bytes: int = 1024 * 1024
    """Less where the API root says less; nobody else has to wait for a larger one."""
    batch_objects: int = 500
    polls: Retry = _POLLS
    poll_seconds: float = 300
    looked_for: int = 20_000
    """Objects in doubt that are looked for at most: a full list that went out before."""


@dataclass(slots=True)
class Account:
    """What became of each object, by its version; the four add up to what was to be sent.

    `failed` has the server's reasons, made safe. `doubtful` were sent, and nobody said that they
    are there; `unsent` were not, because of a `fault`.
    """

    there: set[Version] = field(default_factory=set)
    failed: dict[Version, str] = field(default_factory=dict)
    doubtful: set[Version] = field(default_factory=set)
    unsent: set[Version] = field(default_factory=set)
    fault: FeedError | None = None

    def sent(self, versions: Iterable[Version]) -> None:
        """Note that a batch was sent: from now on it may be there."""
        self.unsent.difference_update(versions)
        self.doubtful.update(versions)

    def found(self, versions: Iterable[Version]) -> None:
        """Note what is there."""
        for version in versions:
            self.doubtful.discard(version)
            self.failed.pop(version, None)
            self.there.add(version)

    def refused(self, version: Version, reason: str) -> None:
        """Note what was not taken, whatever was said of it before."""
        for others in (self.there, self.doubtful, self.unsent):
            others.discard(version)
        self.failed[version] = reason


Told = Callable[[int, int], object]
"""Hears after each answer how many objects are there, of how many."""


def push(
    collection: GuardedCollection,
    session: GuardedSession,
    objects: Sequence[Outgoing],
    told: Told = lambda _there, _total: None,
    pace: Pace | None = None,
    stop: Stop = never,
) -> Account:
    """Send every object once, ask until the server is done with them, and give account.

    When `stop` asks for an end, no answer is waited for any more and nothing further is asked: the
    account has `Stopped` for its fault, and the batch under way is in doubt. Raises FeedUnavailable
    and FeedRefused before anything is sent: a collection that is not there, or that does not let us
    write.
    """
    unless(stop, collection.check_writable)
    most = unless(stop, collection.most_bytes)
    return _Push(collection, session, pace or Pace(), most, stop).run(objects, told)


class _Push:
    """One push under way."""

    def __init__(
        self,
        collection: GuardedCollection,
        session: GuardedSession,
        pace: Pace,
        most: int | None,
        stop: Stop,
    ) -> None:
        self._collection = collection
        self._session = session
        self._pace = pace
        self._most = most
        self._stop = stop
        self._cap = min(pace.batch_bytes, most or pace.batch_bytes)
        self._account = Account()
        self._pending: dict[UUID, frozenset[Version]] = {}
        self._asked = 0.0
        self._alone = 0

    def run(self, objects: Sequence[Outgoing], told: Told) -> Account:
        account = self._account
        rest = deque(self._fitting(objects))
        total = len(rest) + len(account.failed)
        account.unsent.update(each.version for each in rest)
        halves: list[list[Outgoing]] = []
        try:
            while batch := halves.pop() if halves else self._batch(rest):
                heed(self._stop)
                halves += self._send(batch)
                told(len(account.there), total)
        except FeedError as fault:
            account.fault = fault
        try:
            self._wait()
            self._look()
        except Stopped as fault:
            account.fault = account.fault or fault
        told(len(account.there), total)
        return account

    def _fitting(self, objects: Sequence[Outgoing]) -> list[Outgoing]:
        """Leave out what is larger than the server takes at all."""
        fitting = []
        for each in {each.version: each for each in objects}.values():
            size = len(_HEAD) + len(each.data) + len(_TAIL)
            if self._most is not None and size > self._most:
                reason = f"it has {size:,} bytes, and the server takes {self._most:,}"
                self._account.refused(each.version, reason)
            else:
                fitting.append(each)
        return fitting

    def _batch(self, rest: deque[Outgoing]) -> list[Outgoing]:
        """Take what goes together from the front: one object at least, while there are any."""
        batch: list[Outgoing] = []
        size = len(_HEAD) + len(_TAIL)
        while rest and len(batch) < self._pace.batch_objects:
            size += len(rest[0].data) + 1
            if batch and size > self._cap:
                break
            batch.append(rest.popleft())
        return batch

    def _send(self, batch: list[Outgoing]) -> list[list[Outgoing]]:
        """Send a batch; return the halves in which it has to be sent again, the first one last."""
        versions = frozenset(each.version for each in batch)
        envelope = _HEAD + b",".join(each.data for each in batch) + _TAIL
        try:
            reply = unless(self._stop, lambda: self._collection.add(envelope))
        except (StatusRefused, OtherVersion) as refused:
            if self._session.served_twice:  # the answer that got lost may have been another one
                self._account.sent(versions)
            if not isinstance(refused, StatusRefused) or refused.status not in _UNPROCESSED:
                raise
            if refused.status == _TOO_LARGE:
                self._cap = min(self._cap, len(envelope) // 2)
            return self._halves(batch, refused)
        except FeedError:
            self._account.sent(versions)
            raise
        self._account.sent(versions)
        status, undecided = self._judge(reply, versions)
        if undecided and not status.complete and status.ident:
            known = self._pending.get(status.ident, frozenset())
            self._pending[status.ident] = known | versions
        return []

    def _halves(self, batch: list[Outgoing], refused: StatusRefused) -> list[list[Outgoing]]:
        if len(batch) > 1:
            middle = len(batch) // 2
            return [batch[middle:], batch[:middle]]
        account = self._account
        self._alone += 1
        if self._alone >= _HOPELESS and not account.there and not account.doubtful:
            raise refused
        account.refused(batch[0].version, f"the server answered {refused.status} to it alone")
        return []

    def _judge(
        self, reply: Reply, versions: frozenset[Version]
    ) -> tuple[Status, frozenset[Version]]:
        """Take down what a status says of a batch; return what it leaves open."""
        status = read_status(reply.document, shown(self._collection.root))
        self._asked = max(self._asked, reply.asked or 0)
        found = verdicts(status, versions)
        self._account.found(found.there)
        for version, reason in found.failed.items():
            self._account.refused(version, reason or "the server gave no reason")
        return status, found.undecided

    def _wait(self) -> None:
        """Ask for the statuses that are not complete until they are, or time is up."""
        left, rounds = self._pace.poll_seconds, 0
        while self._pending:
            rounds += 1
            resting = partial(
                self._session.rest, rounds, self._asked or None, self._pace.polls, left
            )
            pause = unless(self._stop, resting)
            if pause is None:
                return
            left -= pause
            self._asked = 0.0
            for ident, versions in list(self._pending.items()):
                try:
                    reply = unless(self._stop, partial(self._collection.status, ident))
                    status, undecided = self._judge(reply, versions)
                except FeedRefused as fault:
                    self._account.fault = self._account.fault or fault
                    del self._pending[ident]
                except FeedUnavailable as fault:
                    self._account.fault = self._account.fault or fault
                    return
                else:
                    if status.complete or not undecided:
                        del self._pending[ident]

    def _look(self) -> None:
        """Look in the collection for what was sent and is not said to be there."""
        account = self._account
        if isinstance(account.fault, FeedUnavailable):
            return
        open_ = [*account.doubtful, *account.failed][: self._pace.looked_for]
        for start in range(0, len(open_), _QUESTION):
            asked = open_[start : start + _QUESTION]
            try:
                wanted = sorted({ident for ident, _ in asked})
                held = unless(self._stop, partial(self._collection.versions, wanted))
            except FeedError:  # a server need not know these filters, and nothing is lost
                return
            idents = {ident for ident, _ in held}
            # What has no version can only be there as it is.
            account.found(
                each for each in asked if each in held or (each[1] is None and each[0] in idents)
            )
